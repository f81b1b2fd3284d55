"""The founding documents: cards, claims, and, where the texts are at hand, the texts themselves.

The texts are other people's work and never part of this repository. ``PATHS_ABROAD_SEEDS`` names a
folder that holds them; without it the cards and the claims are checked against each other only.
No sentence of a text stands in this file: what the checks can do is shown on sentences of our own.
"""

import csv
import hashlib
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from built_book import ROOT
from paths_abroad import ledger
from paths_abroad.book.wording import VERDICTS

TEXTS = os.environ.get("PATHS_ABROAD_SEEDS", "")
needs_texts = pytest.mark.skipif(
    not TEXTS,
    reason="the texts of the founding documents are not at hand: figures against paragraphs, "
    "SHA-256 and copied words were NOT checked (PATHS_ABROAD_SEEDS names a folder with the texts)",
)

SEEDS = tuple(sorted(p.stem for p in (ROOT / "seeds").glob("seed-*.md")))
RUN = 8
"""So many words in a row as in a text are a copy; a shorter run may be chance."""


# --- cards --------------------------------------------------------------------------------------


def card(seed: str) -> dict[str, str]:
    """Return the record at the top of a card, and its headed paragraphs under their headings."""
    text = (ROOT / "seeds" / f"{seed}.md").read_text(encoding="utf-8")
    fields = dict(re.findall(r"^\| ([^|\n]+?) \| ([^|\n]+?) \|$", text, re.MULTILINE))
    fields |= dict(re.findall(r"^\*\*([^*]+)\.\*\* (.+)$", text, re.MULTILINE))
    return fields


def held(seed: str) -> tuple[int, int]:
    """Return the length in bytes and the number of paragraphs that a card states."""
    found = re.fullmatch(r"(\d+) bytes, (\d+) paragraphs", card(seed)["text held"])
    assert found, f"{seed}: text held is '{card(seed)['text held']}'"
    return int(found[1]), int(found[2])


def tally(seed: str) -> str:
    """Say how many claims the table has of a document, as its card must say it."""
    verdicts = Counter(c.verdict for c in claims() if c.seed == seed)
    each = ", ".join(f"{verdicts[v]} {v}" for v in VERDICTS if verdicts[v])
    return f"{verdicts.total()}: {each}"


def claims() -> list:
    return list(ledger.claims().itertuples())


def test_there_is_a_card_for_each_founding_document():
    sources = ledger.sources()
    assert list(SEEDS) == sorted(sources.loc[sources["seed"], "source_id"])
    assert len(SEEDS) == 5


@pytest.mark.parametrize("seed", SEEDS)
def test_a_card_is_complete_and_says_what_the_ledger_says(seed):
    fields, source = card(seed), ledger.source(seed)
    assert fields["id"] == f"`{seed}`"
    assert fields["title"] == source.title
    assert fields["publisher"] == source.publisher
    assert fields["date"] == source.date
    assert fields["address"] == f"<{source.url}>"
    assert re.fullmatch(r"`[0-9a-f]{64}`", fields["SHA-256"])
    assert fields["claims"] == tally(seed)
    for part in ("author", "Who speaks", "To whom", "What it leaves out"):
        assert len(fields[part]) > 10, f"{seed}: the card does not say: {part}"


def test_the_cards_are_listed():
    listed = (ROOT / "seeds" / "README.md").read_text(encoding="utf-8")
    for seed in SEEDS:
        source = ledger.source(seed)
        row = f"| [{source.title}]({seed}.md) | {source.publisher} | {source.date} |"
        assert row in listed, f"seeds/README.md lacks: {row}"


# --- locators and figures -----------------------------------------------------------------------

_LOCATOR = re.compile(r"paragraph (\d+)|paragraphs (\d+(?:, \d+)* and \d+)")


def places(locator: str) -> list[int]:
    """Return the paragraphs that a locator names; none if it is not well formed."""
    found = _LOCATOR.fullmatch(locator)
    return [int(n) for n in re.findall(r"\d+", locator)] if found else []


_SCALES = {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_SMALL = re.findall(
    r"\w+",
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty",
)
_TENS = ("thir", "for", "fif", "six", "seven", "eigh", "nine")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_WORDS: dict[str, float | str] = {
    **{word: n for n, word in enumerate(_SMALL, 2)},
    **{f"{ten}ty": 10.0 * n for n, ten in enumerate(_TENS, 3)},
    **{word: n for n, word in enumerate(_ORDINALS, 1)},
    **{"half": 0.5, "one": 1, "hundreds": "hundreds", "thousands": "thousands"},
    **{"decades": "decades", "century": 100},
}
_FIGURE = re.compile(
    r"(?<![A-Za-z0-9.,])(?:US\$|[$€£¥])?(\d+(?:,\d{3})*(?:\.\d+)?)(?![A-Za-z0-9])"
    r"(?:\s+(hundred|thousand|million|billion|trillion)\b)?|([A-Za-z]+)",
    re.IGNORECASE,
)


def figures(text: str) -> set[float | str]:
    """Return the numbers of a text, in digits and in words; 5G and MI4 are names, not numbers.

    Years, percentages and sums of money are the bare number, so that 9% and 9 percent agree. A
    plural without a number (hundreds, decades) stands for itself.
    """
    found: set[float | str] = set()
    for digits, scale, word in _FIGURE.findall(text):
        if digits:
            # Rounded, as 1.1 times a billion is not 1100000000 in binary.
            found.add(round(float(digits.replace(",", "")) * _SCALES.get(scale.lower(), 1), 4))
        elif word.lower() in _WORDS:
            found.add(_WORDS[word.lower()])
    return found


def astray(claim: str, locator: str, paragraphs: list[str]) -> list[str]:
    """Say what is wrong with the place of a claim: no such paragraph, or a figure it lacks."""
    named = places(locator)
    if not named or not 1 <= min(named) <= max(named) <= len(paragraphs):
        return [f"there is no {locator!r}"]
    there = set().union(*(figures(paragraphs[n - 1]) for n in named))
    # "one" is as often a pronoun; in a claim it counts for nothing.
    wanted = figures(re.sub(r"\bone\b", "", claim))
    return [f"{locator} has no {figure}" for figure in sorted(wanted - there, key=str)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_claim_has_a_place_in_its_document(seed):
    length = held(seed)[1]
    for claim in (c for c in claims() if c.seed == seed):
        named = places(claim.locator)
        assert named, f"{claim.id}: '{claim.locator}' is not 'paragraph N' or 'paragraphs N and M'"
        assert max(named) <= length, f"{claim.id}: the text has {length} paragraphs"
        assert named == sorted(set(named)), f"{claim.id}: '{claim.locator}' is out of order"


OURS = [
    "A bakery in Ghent is the third-largest of its street.",
    "It sold 1.1 million loaves for $4,500 in 2014, a rise of 9%, and 5G reached it in five years.",
    "Hundreds of cats came on day one.",
]


@pytest.mark.parametrize(
    ("claim", "locator"),
    [
        ("It ranks third.", "paragraph 1"),
        ("It sold 1.1 million loaves and grew by 9 percent.", "paragraph 2"),
        ("After five years it earned US$4,500.", "paragraph 2"),
        ("5G came to the street.", "paragraph 1"),
        ("The third bakery had hundreds of cats from the first day.", "paragraphs 1 and 3"),
        ("It is one of many.", "paragraph 1"),
    ],
)
def test_figures_are_found_in_digits_and_in_words(claim, locator):
    assert astray(claim, locator, OURS) == []


@pytest.mark.parametrize(
    ("claim", "locator"),
    [
        ("It ranks second.", "paragraph 1"),
        ("It ranks third.", "paragraph 2"),
        ("It sold 1.1 billion loaves.", "paragraph 2"),
        ("It sold 1.2 million loaves.", "paragraph 2"),
        ("It grew by 90 percent.", "paragraph 2"),
        ("After six years it closed.", "paragraph 2"),
        ("Thousands of cats came.", "paragraph 3"),
        ("It ranks third.", "paragraph 4"),
        ("It ranks third.", "paragraph 0"),
        ("It ranks third.", "page 1"),
        ("It ranks third.", "paragraph 1, at the end"),
    ],
)
def test_a_wrong_figure_or_a_wrong_place_is_caught(claim, locator):
    assert astray(claim, locator, OURS)


# --- the texts ----------------------------------------------------------------------------------


def texts() -> dict[str, bytes]:
    """Return the text of each document, found by its SHA-256, whatever its file is called."""
    files = [p for p in sorted(Path(TEXTS).rglob("*")) if p.is_file()]
    by_hash = {hashlib.sha256(data).hexdigest(): data for data in (p.read_bytes() for p in files)}
    found = {s: by_hash.get(card(s)["SHA-256"].strip("`")) for s in SEEDS}
    lacking = [s for s, text in found.items() if text is None]
    if lacking:
        message = f"{TEXTS} has no text with the SHA-256 on the card of {', '.join(lacking)}"
        pytest.fail(message, pytrace=False)
    return {s: text for s, text in found.items() if text is not None}


def paragraphs_of(text: bytes) -> list[str]:
    """Return the non-empty lines, as seeds/README.md counts them."""
    return [line for line in text.decode("utf-8").split("\n") if line.strip()]


@needs_texts
def test_the_texts_are_those_of_the_cards():
    for seed, text in texts().items():
        assert held(seed) == (len(text), len(paragraphs_of(text))), seed


@needs_texts
@pytest.mark.parametrize("seed", SEEDS)
def test_the_figures_of_a_claim_stand_in_its_paragraph(seed):
    paragraphs = paragraphs_of(texts()[seed])
    wrong = [
        f"{c.id}: {problem}"
        for c in claims()
        if c.seed == seed
        for problem in astray(c.claim, c.locator, paragraphs)
    ]
    assert not wrong, "\n".join(wrong)


@needs_texts
def test_a_claim_that_lost_its_place_or_its_figure_is_caught():
    found = texts()
    with_figures = 0
    for claim in claims():
        paragraphs = paragraphs_of(found[claim.seed])
        wanted = figures(re.sub(r"\bone\b", "", claim.claim))
        if not wanted:
            continue
        with_figures += 1
        # In a paragraph without any number nothing can be found.
        bare = next(n for n, p in enumerate(paragraphs, 1) if not figures(p))
        assert astray(claim.claim, f"paragraph {bare}", paragraphs), claim.id
        assert astray(claim.claim + " It has 31,337 of them.", claim.locator, paragraphs), claim.id
    assert with_figures >= 25


# --- nothing copied -----------------------------------------------------------------------------

_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]")


def runs(text: str) -> Iterator[tuple[str, ...]]:
    """Return every run of words; case, marks and line breaks do not hide a copy."""
    words = _WORD.findall(text.lower())
    return zip(*(words[i:] for i in range(RUN)), strict=False)


def copied(files: Iterable[Path], originals: Iterable[str]) -> list[str]:
    """Say which files hold a run of words of an original."""
    theirs = {run for text in originals for run in runs(text)}
    # A title is a fact about a document.
    theirs -= {run for title in ledger.sources()["title"] for run in runs(title)}
    found = []
    for file in files:
        common = theirs.intersection(runs(file.read_text(encoding="utf-8", errors="ignore")))
        if common:
            found.append(f"{file.name}: {len(common)} runs of {RUN} words, {' '.join(min(common))}")
    return found


def kept_files() -> list[Path]:
    """Return every file that is or could be committed."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


@needs_texts
def test_nothing_here_is_copied_from_the_texts():
    files = kept_files()
    assert ROOT / "data" / "claims.csv" in files
    assert not copied(files, [t.decode("utf-8") for t in texts().values()])


@needs_texts
def test_a_copied_passage_would_be_found(tmp_path):
    for seed, text in texts().items():
        longest = max(paragraphs_of(text), key=len)
        words = _WORD.findall(longest.lower())[:RUN]
        file = tmp_path / f"{seed}.md"
        file.write_text("Before. " + ",\n".join(words).title() + ". After.", encoding="utf-8")
        assert copied([file], [text.decode("utf-8")]), seed


def test_a_run_of_words_is_found_across_marks_and_lines(tmp_path):
    ours = "Seven bakers of Ghent sang all night long under one umbrella."
    file = tmp_path / "notes.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerow(["a", "BAKERS of Ghent, sang\nall night -- long under", "b"])
    assert copied([file], [ours])
    file.write_text("Seven bakers of Ghent sang all night. Long under one umbrella they slept.")
    assert copied([file], [ours])
    file.write_text("Seven bakers of Ghent sang all day long under one umbrella.")
    assert not copied([file], [ours])
