"""A page for each student: what each answer earned and what was wrong with it, never the answer."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from paths_abroad.grading import memos
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
    title = f"Feedback for {escape(who)}"
    return _PAGE.format(title=title, body=f"<h1>{title}</h1>\n{parts}")


def _points(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _exercise(one: Graded, library: Library) -> str:
    exercises = library.set(one.exercise)
    rows = []
    for question, mark in zip(exercises.questions, one.marks, strict=True):
        hint = mark.hint or (_WRONG if mark.status == "wrong" else "")
        reads = f"<code>{escape(mark.reads)}</code>" if mark.reads else ""
        rows.append(
            f'<tr class="{mark.status}"><th scope="row">{escape(question.title)}</th>'
            f"<td>{_points(mark.points)} of {_points(mark.out_of)}</td>"
            f"<td>{_SAID[mark.status]}</td><td>{reads}</td><td>{escape(hint)}</td></tr>"
        )
    said = [f"{_points(one.points)} of {_points(one.out_of)} points for the questions"]
    if one.memo_out_of:
        if one.memo is not None:
            said.append(f"{_points(one.memo)} of {_points(one.memo_out_of)} for the memo")
        elif one.record and memos.written(one.record.memo):
            said.append("the memo is not marked yet")
        else:
            said.append("no memo was found")
    if one.late:
        kept = f", {_points(100 * one.factor)}% of the points count" if one.factor < 1 else ""
        said.append(f"handed in late{kept}")
    comment = f"<p><strong>On your memo:</strong> {escape(one.comment)}</p>" if one.comment else ""
    return (
        f"<section><h2>{escape(exercises.title)}</h2>\n"
        f'<p class="total">{"; ".join(said)}. Total: <strong>{_points(one.total)}</strong>.</p>\n'
        '<div class="wide" tabindex="0" role="region" aria-label="Questions"><table>'
        '<thead><tr><th scope="col">Question</th><th scope="col">Points</th>'
        '<th scope="col">Result</th><th scope="col">Your answer reads</th>'
        '<th scope="col">What to look at</th></tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n{comment}{_cells(one)}</section>"
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


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root{{color-scheme:light dark;--ink:#1c2430;--paper:#fff;--line:#c5ccd5;--soft:#f1f4f7;
--good:#0b6b3a}}
@media (prefers-color-scheme:dark){{:root{{--ink:#e6e9ee;--paper:#14181f;--line:#434c5a;
--soft:#1e2530;--good:#7ddba5}}}}
body{{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:64rem;margin:2rem auto;padding:0 1rem}}
.wide{{overflow-x:auto}}
table{{border-collapse:collapse;width:100%}}
th,td{{border-bottom:1px solid var(--line);padding:.5em .6em;text-align:left;vertical-align:top}}
thead th{{background:var(--soft)}}
tbody th{{font-weight:600}}
td:nth-child(2){{white-space:nowrap}}
.right td:nth-child(3){{color:var(--good);font-weight:600}}
code{{font-size:.9em;overflow-wrap:anywhere}}
</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
