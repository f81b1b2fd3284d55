"""A page for each student: what each answer earned and what was wrong with it, never the answer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from paths_abroad.grading import page as frame
from paths_abroad.grading.library import Library

if TYPE_CHECKING:
    from paths_abroad.grading.results import Graded

_SAID = {
    "right": "Right",
    "mistake": "Not right: a known slip",
    "wrong": "Not right",
    "blank": "Blank",
    "missing": "Not found",
    "unreadable": "Could not be read",
}
_HEAD = ("Question", "Points", "Result", "Your answer reads", "What to look at")
_WRONG = "This is not the answer of your variant, nor a slip that we know. Go through your steps."


def page(graded: Sequence[Graded], library: Library) -> str:
    """Return a student's page as HTML; everything in it that a student wrote is escaped.

    Parameters
    ----------
    graded
        The student's results, one an exercise.
    library
        The exercise sets.
    """
    who = graded[0].name or graded[0].student
    parts = "\n".join(_exercise(one, library) for one in graded)
    return frame.page(f"Feedback for {who}", parts)


def _exercise(one: Graded, library: Library) -> str:
    exercises = library.set(one.exercise)
    rows = []
    for question, mark in zip(exercises.questions, one.marks, strict=True):
        hint = mark.hint or (_WRONG if mark.status == "wrong" else "")
        reads = f"<code>{escape(mark.reads)}</code>" if mark.reads else ""
        points = f"{frame.points(mark.points)} of {frame.points(mark.out_of)}"
        cells = (escape(question.title), points, _SAID[mark.status], reads, escape(hint))
        rows.append((mark.status, cells))
    said = [f"{frame.points(one.points)} of {frame.points(one.out_of)} points for the questions"]
    if one.memo_out_of:
        if one.memo is not None:
            said.append(f"{frame.points(one.memo)} of {frame.points(one.memo_out_of)} for the memo")
        elif one.memo_to_mark:
            said.append("the memo is not marked yet")
        else:
            said.append("no memo was found")
    if one.late:
        kept = f", {frame.points(100 * one.factor)}% of the points count" if one.factor < 1 else ""
        said.append(f"handed in late{kept}")
    comment = f"<p><strong>On your memo:</strong> {escape(one.comment)}</p>" if one.comment else ""
    return (
        f"<section><h2>{escape(exercises.title)}</h2>\n"
        f"<p>{'; '.join(said)}. Total: <strong>{frame.points(one.total)}</strong>.</p>\n"
        f'<div class="marks">{frame.table("Questions", _HEAD, rows)}</div>\n'
        f"{comment}{_cells(one)}</section>"
    )


def _cells(one: Graded) -> str:
    record = one.record
    if record is None or not (record.cells or record.notes):
        return ""
    lines = [f"<li>{escape(note)}</li>" for note in record.notes]
    lines += [
        f"<li>Code cell {escape(number)}: {escape(told)}</li>"
        for number, told in list(record.cells.items())[:50]
    ]
    more = len(record.cells) - 50
    if more > 0:
        lines.append(f"<li>and {more} more cells</li>")
    return (
        "<h3>When your notebook was run</h3>"
        "<p>It ran from top to bottom, without internet. Cells that stopped or were left out:</p>"
        f"<ul>{''.join(lines)}</ul>"
    )
