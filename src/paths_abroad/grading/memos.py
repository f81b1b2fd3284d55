"""Memos: written by students, marked by hand; a sheet goes out and comes back."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Container, Iterable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paths_abroad.grading import page as frame
from paths_abroad.grading.library import Library
from paths_abroad.grading.roster import decode

if TYPE_CHECKING:
    from paths_abroad.grading.results import Graded
    from paths_abroad.grading.store import Told

_TEMPLATE = "write your memo here"
_MAX_SHOWN = 30_000
"""Characters; a spreadsheet's cell holds 32,767."""


def written(text: str) -> bool:
    """Whether a memo is more than the template."""
    bare = re.sub(r"[\W_]+", " ", text).strip().casefold()
    return bool(bare) and bare != _TEMPLATE


def words(text: str) -> int:
    """Words of a memo; a Chinese character counts as one."""
    return len(re.findall(r"[一-鿿]|[^\W_]+(?:['’.,-][^\W_]+)*", text))


def needed(graded: Iterable[Graded]) -> bool:
    """Whether anybody's memo is to be marked."""
    return any(one.memo_out_of for one in graded)


def _criteria(graded: Sequence[Graded], library: Library) -> list[tuple[str, str, float]]:
    """(exercise, criterion, points) of all rubrics, in order."""
    found = []
    for slug in sorted({one.exercise for one in graded}):
        memo = library.set(slug).memo
        for row in memo.rubric if memo else ():
            match = re.search(r"\((\d+(?:\.\d+)?)\)", row[0])
            found.append((slug, row[0], float(match[1]) if match else 0.0))
    return found


def rows(graded: Sequence[Graded], library: Library, told: Told) -> Iterable[Sequence[Any]]:
    """The sheet: a row a memo, a column a criterion of its rubric."""
    criteria = _criteria(graded, library)
    labels = list(dict.fromkeys(label for _, label, _ in criteria))
    yield ["student", "name", "exercise", "words", *labels, "points", "out_of", "comment", "memo"]
    for one in graded:
        if one.record is None or not one.memo_out_of:
            continue
        marked = told.memos.get(f"{one.exercise}\n{one.student}", {})
        own = {label for slug, label, _ in criteria if slug == one.exercise}
        given = marked.get("criteria", {})
        text = one.record.memo if written(one.record.memo) else ""
        yield [
            *(one.student, one.name, one.exercise, words(text)),
            *((given.get(label, "") if label in own else "-") for label in labels),
            *(marked.get("points", ""), f"{one.memo_out_of:g}", one.comment),
            text[:_MAX_SHOWN],
        ]


def rubric(slugs: Sequence[str], library: Library) -> str:
    """The rubrics as a page to keep beside the sheet."""
    parts = []
    for slug in slugs:
        memo = library.set(slug).memo
        if memo is None:
            continue
        rows = [("", [escape(cell) for cell in row]) for row in memo.rubric]
        parts.append(
            f"<h2>{escape(library.set(slug).title)}</h2>"
            f"<h3>{escape(memo.title)}, {memo.points:g} points</h3>"
            + frame.table(memo.title, ("criterion", *memo.levels), rows)
        )
    return frame.page("Rubrics", "\n".join(parts))


def read(
    path: Path, library: Library, known: Container[tuple[str, str]] | None = None
) -> dict[str, Any]:
    """Read a marked sheet back.

    Parameters
    ----------
    path
        The sheet, as any spreadsheet program saves CSV.
    library
        The exercise sets.
    known
        (exercise, student) of everything graded; None: a row of something else is no error.

    Returns
    -------
    dict
        Exercise and student, on two lines, to points, comment and criteria; rows without
        marks are left out.

    Raises
    ------
    ValueError
        With one line: which row, what is wrong.
    """
    text = decode(path.read_bytes(), path.name).lstrip("﻿")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    if not table:
        raise ValueError(f"{path.name}: is empty")
    head = [cell.strip() for cell in table[0]]
    for column in ("student", "exercise", "points"):
        if column not in head:
            raise ValueError(f"{path.name}: has no column {column!r}; it must be the memos.csv")
    marks: dict[str, Any] = {}
    for line, row in enumerate(table[1:], start=2):
        cells = dict(zip(head, [*row, *[""] * (len(head) - len(row))], strict=False))
        student, exercise = (cells[c].strip().removeprefix("'") for c in ("student", "exercise"))
        if not student and not exercise:
            continue
        where = f"{path.name}: row {line} ({student}, {exercise})"
        if known is not None and (exercise, student) not in known:
            raise ValueError(f"{where}: no such submission was graded")
        memo = library.set(exercise).memo
        if memo is None:
            raise ValueError(f"{where}: this exercise has no memo")
        criteria = {}
        for label, *_ in memo.rubric:
            worth = re.search(r"\((\d+(?:\.\d+)?)\)", label)
            given = _number(cells.get(label, ""), f"{where}: {label!r}")
            if given is not None:
                most = float(worth[1]) if worth else memo.points
                if not 0 <= given <= most:
                    raise ValueError(f"{where}: {label!r} must lie between 0 and {most:g}")
                criteria[label] = given
        points = _number(cells["points"], f"{where}: 'points'")
        if points is None and criteria:
            if len(criteria) < len(memo.rubric):
                raise ValueError(f"{where}: some criteria are marked and others are not")
            points = sum(criteria.values())
        if len(criteria) == len(memo.rubric) and points != sum(criteria.values()):
            raise ValueError(
                f"{where}: the points are {points:g} and the criteria add up to "
                f"{sum(criteria.values()):g}; clear the points, and they are added up"
            )
        if points is None:
            continue
        if not 0 <= points <= memo.points:
            raise ValueError(f"{where}: points must lie between 0 and {memo.points:g}")
        marks[f"{exercise}\n{student}"] = {
            "points": points,
            "comment": cells.get("comment", "").strip(),
            "criteria": criteria,
        }
    return marks


def _number(text: str, where: str) -> float | None:
    text = text.strip().replace(",", ".")
    if text in ("", "-"):
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{where}: {text!r} is not a number of points")
    return value
