"""Keys: what lets a student's notebook say "right" without holding the answer.

For every accepted answer the notebook carries a tag, a slow salted hash (scrypt) of the question's
id and the answer's canonical form. For every typical mistake it carries such a tag and the hint,
enciphered with a key stream drawn from the same hash: only that wrong answer unlocks its hint.

What this is, and what it is not. A key is a help for learning, not a secret: who knows that an
answer is a share with two decimals can try all hundred of them in a few seconds. Nothing is worth
points because of a key: grading compares with the reference answers, elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

_VERSION = 1
# 8 MiB and about 30 ms a guess: bearable at each check, tedious for a search.
_COST = {"n": 2**13, "r": 8, "p": 1, "dklen": 48}
_TAG = 12


class BadKeys(ValueError):
    """The keys of a notebook cannot be read."""


@dataclass(frozen=True)
class Verdict:
    """What the keys say of one answer: right, a known mistake with its hint, or neither."""

    right: bool
    hint: str = ""


@dataclass(frozen=True)
class Keys:
    """The keys of one notebook.

    Parameters
    ----------
    slug
        The exercise set.
    variant
        The variant whose answers the keys know.
    salt
        Random or derived bytes, so that two notebooks with equal answers have different keys.
    questions
        Per question id: ``right``, a list of tags, and ``wrong``, a list of (tag, sealed hint).
    names
        The variables that hold the answers, so that a deleted answer cell is only a blank.
    """

    slug: str
    variant: str
    salt: bytes
    questions: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()

    def verdict(self, question: str, canonical: str) -> Verdict | None:
        """Judge a canonical answer; None where there is no key for the question."""
        entry = self.questions.get(question)
        if entry is None:
            return None
        tag, stream = _hash(self.salt, question, canonical)
        if tag in entry["right"]:
            return Verdict(True)
        for wrong, sealed in entry["wrong"]:
            if wrong == tag:
                opened = _cipher(base64.b64decode(sealed), stream)
                return Verdict(False, opened.decode("utf-8", "replace"))
        return Verdict(False)

    def text(self) -> str:
        """The keys as a compact text to put in a notebook cell."""
        body = {
            "v": _VERSION,
            "slug": self.slug,
            "variant": self.variant,
            "salt": self.salt.hex(),
            "names": list(self.names),
            "questions": {name: dict(entry) for name, entry in self.questions.items()},
        }
        raw = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        return base64.b64encode(raw).decode()


def lock(
    slug: str,
    variant: str,
    salt: bytes,
    answers: Mapping[str, tuple[Iterable[str], Iterable[tuple[str, str]]]],
    names: Iterable[str] = (),
) -> Keys:
    """Make the keys of a notebook.

    Parameters
    ----------
    slug, variant
        Whose answers these are.
    salt
        At least eight bytes.
    answers
        Per question id: the canonical forms that are right, and (canonical form, hint) of the
        typical mistakes.
    names
        The variables that hold the answers.

    Returns
    -------
    Keys
        The same input gives the same keys.
    """
    if len(salt) < 8:
        raise ValueError("a salt needs at least eight bytes")
    questions = {}
    held = {name: (list(right), list(mistakes)) for name, (right, mistakes) in answers.items()}
    asked = [
        (salt, question, canonical)
        for question, (right, mistakes) in held.items()
        for canonical in dict.fromkeys([*right, *(form for form, _ in mistakes)])
    ]
    # On all cores: scrypt lets other threads run while it works.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = dict(zip(asked, pool.map(lambda one: _hash(*one), asked), strict=True))
    for question, (right, mistakes) in held.items():
        wrong = []
        for canonical, hint in mistakes:
            tag, stream = hashes[salt, question, canonical]
            sealed = base64.b64encode(_cipher(hint.encode(), stream)).decode()
            wrong.append([tag, sealed])
        # Sorted, so that the order does not tell which mistake is which.
        questions[question] = {
            "right": sorted(hashes[salt, question, canonical][0] for canonical in right),
            "wrong": sorted(wrong),
        }
    return Keys(slug, variant, salt, questions, tuple(names))


def load(text: str) -> Keys:
    """Read the keys back from a notebook cell.

    Raises
    ------
    BadKeys
        If the text has been damaged.
    """
    try:
        body = json.loads(base64.b64decode("".join(text.split()), validate=True))
        if body["v"] != _VERSION:
            raise BadKeys("the keys were made for another version of the library")
        for entry in body["questions"].values():
            _ = entry["right"], [(tag, sealed) for tag, sealed in entry["wrong"]]
        return Keys(
            body["slug"],
            body["variant"],
            bytes.fromhex(body["salt"]),
            body["questions"],
            tuple(body["names"]),
        )
    except BadKeys:
        raise
    except Exception as problem:
        raise BadKeys("the keys are damaged: part of their cell is missing") from problem


def _hash(salt: bytes, question: str, canonical: str) -> tuple[str, bytes]:
    material = f"{question}\n{canonical}".encode()
    raw = hashlib.scrypt(material, salt=salt, **_COST)
    return raw[:_TAG].hex(), raw[_TAG:]


def _cipher(data: bytes, stream: bytes) -> bytes:
    """Seal or open a hint. Each stream is used for one hint only, so XOR is enough."""
    pad = hashlib.shake_256(b"hint" + stream).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, pad, strict=True))
