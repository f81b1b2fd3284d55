"""Nothing of the solutions can be found in what students get to see: the whole built site."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from built_book import ROOT

MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", re.DOTALL)
_INSTRUCTOR = re.compile(r"```\{code-cell\}[^\n]*\n:tags: \[instructor\]\n(.*?)```", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
SHORTEST = 18
"""Characters without spaces; a shorter line (``q1 = share``) proves nothing."""


def squeeze(text: str) -> str:
    """Undo what stands between a line of code and the file it might hide in."""
    text = html.unescape(_TAG.sub("", text))
    text = text.replace("\\n", "\n").replace('\\"', '"').replace("\\u003c", "<")
    return _SPACE.sub("", text)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every file, those inside archives too."""
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        data, name = file.read_bytes(), file.relative_to(folder).as_posix()
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                for inner in archive.namelist():
                    yield f"{name}!{inner}", archive.read(inner).decode("utf-8", "replace")
        else:
            yield name, data.decode("utf-8", "replace")


def fingerprints() -> set[str]:
    """Return the lines of solutions, mistakes and hidden inputs that occur nowhere in public."""
    secret: set[str] = set()
    public = ""
    for source in sorted((ROOT / "exercises").glob("*.md")):
        text = source.read_text(encoding="utf-8")
        for block in _SOLUTION.findall(text) + _INSTRUCTOR.findall(text):
            secret |= {squeeze(line) for line in block.splitlines()}
        public += squeeze(_INSTRUCTOR.sub("", _SOLUTION.sub("", text)))
    for source in sorted((ROOT / "chapters").glob("*.md")):
        text = source.read_text(encoding="utf-8")
        # As it stands too: a "smaller than" in a cell looks like the beginning of a tag.
        public += squeeze(text) + _SPACE.sub("", text)
    return {line for line in secret if len(line) >= SHORTEST and line not in public}


def leaks(folder: Path) -> list[str]:
    lines = fingerprints()
    found = []
    for name, text in texts(folder):
        found += [f"{name}: {marker}" for marker in MARKERS if marker in text]
        squeezed = squeeze(text)
        found += [f"{name}: {line}" for line in lines if line in squeezed]
    return found


def test_there_are_solutions_to_look_for():
    assert len(fingerprints()) >= 10


def test_no_solution_can_be_found_in_the_site(built_site):
    assert not leaks(built_site)


@pytest.mark.parametrize("wrap", ["plain", "page", "notebook", "archive"])
def test_a_solution_that_slipped_in_would_be_found(tmp_path, wrap):
    line = max(fingerprints(), key=len)
    if wrap == "plain":
        (tmp_path / "x.txt").write_text(line, encoding="utf-8")
    elif wrap == "page":
        coloured = "".join(f"<span>{html.escape(letter)}</span>" for letter in line)
        (tmp_path / "x.html").write_text(coloured, encoding="utf-8")
    elif wrap == "notebook":
        text = line.replace("\\", "\\\\").replace('"', '\\"')
        (tmp_path / "x.ipynb").write_text(f'{{"source": ["{text}\\n"]}}', encoding="utf-8")
    else:
        with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
            archive.writestr("inner.py", line)
    assert leaks(tmp_path)
