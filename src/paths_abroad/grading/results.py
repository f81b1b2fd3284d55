"""Results: compare what was kept with the references, and write what an instructor needs.

Everything a student wrote is text here, and stays text: in spreadsheets it cannot become a formula,
in pages it cannot become markup.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from paths_abroad.exercises.score import Mark, score
from paths_abroad.grading import feedback, memos, overview, report
from paths_abroad.grading.library import Library
from paths_abroad.grading.page import points
from paths_abroad.grading.roster import file_names
from paths_abroad.grading.store import Record, Store, Told


@dataclass
class Graded:
    """One student's result in one exercise.

    Parameters
    ----------
    record
        What was kept, or None where nothing was handed in that could be read.
    student, name, exercise
        Whose, of what.
    marks
        One a question.
    late
        Whether it counts as late.
    factor
        What the late rule leaves of the points.
    memo
        Points of the memo, None where it is not marked yet or there is none.
    memo_out_of
        What the memo is worth.
    comment
        What the instructor wrote about the memo.
    """

    student: str
    exercise: str
    record: Record | None = None
    name: str = ""
    marks: list[Mark] = field(default_factory=list)
    late: bool = False
    factor: float = 1.0
    memo: float | None = None
    memo_out_of: float = 0.0
    comment: str = ""

    @property
    def points(self) -> float:
        """Points of the questions, before the late rule."""
        return sum(mark.points for mark in self.marks)

    @property
    def out_of(self) -> float:
        """What the questions are worth."""
        return sum(mark.out_of for mark in self.marks)

    @property
    def total(self) -> float:
        """Points after the late rule, with those of the memo as far as it is marked."""
        return round((self.points + (self.memo or 0.0)) * self.factor, 2)

    @property
    def memo_to_mark(self) -> bool:
        """Whether a memo was written and is not marked yet."""
        return bool(
            self.memo_out_of
            and self.memo is None
            and self.record
            and memos.written(self.record.memo)
        )


@dataclass(frozen=True)
class Summary:
    """What was written.

    Parameters
    ----------
    graded, missing, unread
        How many submissions, how many that were assigned but not handed in, how many files that
        could not be read.
    contained
        Empty where the jail was whole.
    folder
        Where.
    """

    graded: int
    missing: int
    unread: int
    contained: str
    folder: Path


def late_rule(text: str) -> tuple[float, float | None]:
    """Read a late rule: ``10%``, or ``10%@2026-03-01 23:59``.

    Parameters
    ----------
    text
        The share of the points that a late submission loses; then, if wished, a moment (in this
        machine's time zone) after which a file counts as late by its own date. What Canvas marks
        as late always does. Empty: nothing is lost.

    Returns
    -------
    tuple
        The share, and the moment in seconds since 1970 or None.

    Raises
    ------
    ValueError
        If it cannot be read.
    """
    if not text:
        return 0.0, None
    match = re.fullmatch(r"\s*(\d{1,3}(?:\.\d+)?)\s*%\s*(?:@\s*(.+?)\s*)?", text)
    if not match or float(match[1]) > 100:
        raise ValueError(f"--late {text!r}: write a share, 10%, or 10%@2026-03-01 23:59")
    moment = None
    if match[2]:
        try:
            moment = datetime.datetime.fromisoformat(match[2]).timestamp()
        except ValueError:
            raise ValueError(f"--late: {match[2]!r} is no date; write 2026-03-01 23:59") from None
    return float(match[1]) / 100, moment


def compare(store: Store, told: Told, library: Library) -> list[Graded]:
    """Compare everything kept with the references of today."""
    share, moment = late_rule(told.late)
    graded: dict[tuple[str, str], Graded] = {}
    names = {entry["student"]: entry.get("name", "") for entry in told.expected}
    for record in store.records():
        exercises = library.set(record.exercise)
        reference = library.reference(record.exercise, record.variant)
        late = record.late or (moment is not None and record.modified > moment)
        one = Graded(
            record.student,
            record.exercise,
            record,
            names.get(record.student, ""),
            score(exercises, reference, record.answers),
            late,
            1.0 - share * late,
        )
        _with_memo(one, exercises, told)
        graded[record.exercise, record.student] = one
    played = {exercise for exercise, _ in graded} or {e["exercise"] for e in told.expected}
    for entry in told.expected:
        key = (entry["exercise"], entry["student"])
        if key not in graded and entry["exercise"] in played and entry["exercise"] in library:
            one = Graded(entry["student"], entry["exercise"], None, entry.get("name", ""))
            _with_memo(one, library.set(entry["exercise"]), told)
            graded[key] = one
    return [graded[key] for key in sorted(graded)]


def _with_memo(one: Graded, exercises: Any, told: Told) -> None:
    if exercises.memo is None:
        return
    one.memo_out_of = exercises.memo.points
    marked = told.memos.get(f"{one.exercise}\n{one.student}")
    if marked:
        one.memo, one.comment = marked["points"], marked.get("comment", "")


# --- spreadsheets -------------------------------------------------------------------------------


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str) or not value:
        return value
    value = value.replace("\x00", "")
    if value[:1] in "=+@\t\r" or (
        value[:1] == "-" and not re.fullmatch(r"-\d+(\.\d+)?([eE][-+]?\d+)?", value)
    ):
        return "'" + value
    return value


def sheet(rows: Iterable[Sequence[Any]]) -> str:
    """Rows as CSV."""
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return held.getvalue()


def _save(path: Path, rows: Iterable[Sequence[Any]], mark: bool = True) -> None:
    """Write a spreadsheet; the mark lets Excel read Chinese names."""
    path.write_text(sheet(rows), encoding="utf-8-sig" if mark else "utf-8", newline="")


def _page(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _grades(graded: Sequence[Graded]) -> Iterable[Sequence[Any]]:
    yield (
        *("student", "name", "exercise", "variant", "question", "points", "out_of"),
        *("status", "answer_reads", "reason", "file"),
    )
    for one in graded:
        for mark in one.marks:
            yield (
                *(one.student, one.name, one.exercise, one.record.variant if one.record else ""),
                *(mark.question, points(mark.points), points(mark.out_of), mark.status),
                *(mark.reads, mark.hint, one.record.file if one.record else ""),
            )


def _by_student(graded: Sequence[Graded]) -> dict[str, dict[str, Graded]]:
    people: dict[str, dict[str, Graded]] = {}
    for one in sorted(graded, key=lambda g: (g.student, g.exercise)):
        people.setdefault(one.student, {})[one.exercise] = one
    return people


def _gradebook(graded: Sequence[Graded], library: Library) -> Iterable[Sequence[Any]]:
    slugs = sorted({one.exercise for one in graded})
    head = ["student", "name"]
    for slug in slugs:
        worth = library.set(slug)
        head += [f"{slug} questions (of {points(worth.points)})"]
        head += [f"{slug} memo (of {points(worth.memo.points)})"] if worth.memo else []
        head += [f"{slug} late", f"{slug} total"]
    yield [*head, "total", "out_of", "note"]
    for student, row in _by_student(graded).items():
        cells: list[Any] = [student, next(iter(row.values())).name]
        total = out_of = 0.0
        notes = []
        for slug in slugs:
            one, worth = row.get(slug), library.set(slug)
            out_of += worth.points + (worth.memo.points if worth.memo else 0)
            if one is None or one.record is None:
                cells += [""] * (4 if worth.memo else 3)
                notes.append(f"{slug}: nothing that could be read" if one else f"{slug}: none")
                continue
            cells.append(points(one.points))
            if worth.memo:
                cells.append("" if one.memo is None else points(one.memo))
                if one.memo_to_mark:
                    notes.append(f"{slug}: memo to mark")
            cells += ["late" if one.late else "", points(one.total)]
            total += one.total
        yield [*cells, points(total), points(out_of), "; ".join(notes)]


def _others(told: Told) -> dict[str, dict[str, str]]:
    return {
        entry["student"]: {"Email address": entry.get("email", ""), **entry.get("others", {})}
        for entry in told.expected
    }


def _canvas(graded: Sequence[Graded], told: Told, library: Library) -> Iterable[Sequence[Any]]:
    """What Canvas's *Grades, Import* reads; a blank leaves a grade as it is."""
    slugs = sorted({one.exercise for one in graded})
    yield [
        *("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
        *(library.set(slug).title for slug in slugs),
    ]
    worth = [library.set(slug) for slug in slugs]
    possible = [points(w.points + (w.memo.points if w.memo else 0)) for w in worth]
    yield ["Points Possible", "", "", "", "", *possible]
    others = _others(told)
    for student, row in _by_student(graded).items():
        known = others.get(student, {})
        sis = known.get("SIS User ID") or ("" if known.get("ID") == student else student)
        yield [
            next(iter(row.values())).name or student,
            *(known.get("ID", ""), sis, known.get("SIS Login ID", ""), known.get("Section", "")),
            *(_total(row.get(slug)) for slug in slugs),
        ]


def _moodle(graded: Sequence[Graded], told: Told, library: Library) -> Iterable[Sequence[Any]]:
    """What Moodle's *Grades, Import, CSV file* reads: map the id or address, then the titles."""
    slugs = sorted({one.exercise for one in graded})
    yield ["ID number", "Full name", "Email address", *(library.set(s).title for s in slugs)]
    others = _others(told)
    for student, row in _by_student(graded).items():
        known = others.get(student, {})
        yield [
            known.get("ID number") or student,
            next(iter(row.values())).name,
            known.get("Email address", ""),
            *(_total(row.get(slug)) for slug in slugs),
        ]


def _total(one: Graded | None) -> str:
    return "" if one is None or one.record is None else points(one.total)


def write(store: Store, library: Library) -> Summary:
    """Write all results of a run from what it has kept.

    Parameters
    ----------
    store
        The run's folder.
    library
        The exercise sets.
    """
    told = store.told()
    graded = compare(store, told, library)
    out = store.out
    out.mkdir(parents=True, exist_ok=True)
    _save(out / "grades.csv", _grades(graded))
    _save(out / "gradebook.csv", _gradebook(graded, library))
    _save(out / "canvas.csv", _canvas(graded, told, library), mark=False)
    _save(out / "moodle.csv", _moodle(graded, told, library), mark=False)
    people = _by_student(graded)
    names = file_names(people)
    folder = out / "feedback"
    folder.mkdir(exist_ok=True)
    pages: dict[str, Path] = {}
    for student, row in people.items():
        handed_in = [one for one in row.values() if one.record is not None]
        if handed_in:
            pages[student] = folder / f"{names[student]}.html"
            _page(pages[student], feedback.page(handed_in, library))
    for path in set(folder.glob("*.html")) - set(pages.values()):
        path.unlink()
    if memos.needed(graded):
        _save(out / "memos.csv", memos.rows(graded, library, told))
        _page(out / "rubric.html", memos.rubric(sorted({one.exercise for one in graded}), library))
    _page(out / "report.md", report.text(graded, told))
    links = {student: f"feedback/{quote(path.name)}" for student, path in pages.items()}
    beside = {path.name for path in out.iterdir()}
    _page(out / "index.html", overview.overview(people, links, beside, library))
    missing = sum(one.record is None for one in graded)
    return Summary(len(graded) - missing, missing, len(told.unread), told.contained, out)
