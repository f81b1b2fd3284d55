"""The course: its secret, and what follows from it for each student.

The secret lives in a folder ``.course`` that only its owner can read and that git ignores. From it
and from a student's id follow the variant, the salt of the keys and the mark in the notebook; it
never leaves that folder.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paths_abroad.exercises.source import PUBLIC

FOLDER = ".course"
TOKEN = "PA1"


class CourseError(ValueError):
    """The course's folder cannot be used; the message says what to do."""


def find(start: Path | None = None) -> Path:
    """Find the course's folder: in this folder or above it, else where it would be made.

    Parameters
    ----------
    start
        Where to begin; by default the folder one stands in.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return here / FOLDER


@dataclass(frozen=True)
class Course:
    """A course, by its secret.

    Parameters
    ----------
    secret
        32 bytes.
    folder
        Where it is kept.
    """

    secret: bytes
    folder: Path

    def _digest(self, *parts: str) -> bytes:
        # Lengths first, so that no two lists of parts look the same.
        text = "\n".join(f"{len(part)}:{part}" for part in parts)
        return hmac.digest(self.secret, text.encode(), "sha256")

    def variant(self, slug: str, variants: Sequence[str], student: str) -> str:
        """Return a student's variant; never the public one.

        Parameters
        ----------
        slug
            The exercise set.
        variants
            The names of its variants.
        student
            The student's id; for one variant for the whole class, the empty text.
        """
        private = sorted(name for name in variants if name != PUBLIC)
        if not private:
            raise CourseError(f"{slug} has no variant but the public one: nothing can be assigned")
        number = int.from_bytes(self._digest("variant", slug, student)[:8], "big")
        return private[number % len(private)]

    def salt(self, slug: str, version: str, variant: str) -> bytes:
        """The salt of a variant's keys.

        One for all students of a variant: a key takes some 30 ms to make and to try, and a class of
        a hundred would take minutes. It differs from course to course and from variant to variant.
        """
        return self._digest("salt", slug, version, variant)[:16]

    def token(self, exercise: str, variant: str, student: str) -> str:
        """Return the mark that names exercise, variant and student, and that only we can make."""
        body = json.dumps({"e": exercise, "s": student, "v": variant}, ensure_ascii=False)
        text = base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")
        return f"{TOKEN}.{text}.{self._digest('token', text)[:12].hex()}"

    def read_token(self, token: str) -> dict[str, str] | None:
        """Read a mark back; None where it was not made by this course."""
        parts = token.split(".")
        if len(parts) != 3 or parts[0] != TOKEN:
            return None
        if not hmac.compare_digest(self._digest("token", parts[1])[:12].hex(), parts[2]):
            return None
        body = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return {"exercise": body["e"], "variant": body["v"], "student": body["s"]}

    # --- what was assigned ---

    def assigned(self) -> dict[str, dict[str, Any]]:
        """Return every notebook assigned so far, by exercise and student on two lines."""
        path = self.folder / "assigned.json"
        if not path.is_file():
            return {}
        return json.loads(path.read_text(encoding="utf-8"))

    def remember(self, entries: Mapping[str, Mapping[str, Any]]) -> None:
        """Add to what was assigned."""
        known = self.assigned() | {key: dict(entry) for key, entry in entries.items()}
        text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
        _write_private(self.folder / "assigned.json", text + "\n")


def open_course(folder: Path | None = None, make: bool = False) -> Course:
    """Open a course, or make it.

    Parameters
    ----------
    folder
        Its folder; by default the one that `find` finds.
    make
        Whether to make it where it is missing.

    Raises
    ------
    CourseError
        If it is missing, or damaged.
    """
    folder = folder or find()
    path = folder / "secret"
    if not path.is_file():
        if not make:
            raise CourseError(
                f"there is no course secret in {folder}: run this where you assigned, "
                "or name that folder with --course"
            )
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")
        _write_private(path, secrets.token_hex(32) + "\n", new=True)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) < 16:
        raise CourseError(f"{path} is damaged: restore it, or move it away to begin a new course")
    return Course(secret, folder)


def _write_private(path: Path, text: str, new: bool = False) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    part = path.with_name(path.name + f".{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    if new:
        # Two commands at once: the first wins.
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        except OSError:
            part.replace(path)
        part.unlink(missing_ok=True)
    else:
        part.replace(path)
