"""The page that an instructor opens first: who has what, and which questions went wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from paths_abroad.grading import page as frame
from paths_abroad.grading.library import Library

if TYPE_CHECKING:
    from paths_abroad.grading.results import Graded

_FILES = (
    ("report.md", "what to look at before anybody complains"),
    ("gradebook.csv", "a row a student"),
    ("grades.csv", "a row a question"),
    ("canvas.csv", "for Canvas"),
    ("moodle.csv", "for Moodle"),
    ("memos.csv", "the memos, to mark"),
    ("rubric.html", "their rubric"),
)


def overview(
    people: Mapping[str, Mapping[str, Graded]],
    pages: Mapping[str, str],
    files: set[str],
    library: Library,
) -> str:
    """Return the overview as HTML.

    Parameters
    ----------
    people
        Results by student and exercise.
    pages
        Addresses of the feedback pages by student.
    files
        Names of the files that lie beside the page.
    library
        The exercise sets.
    """
    graded = [one for row in people.values() for one in row.values()]
    read = sum(one.record is not None for one in graded)
    open_memos = sum(one.memo_to_mark for one in graded)
    said = [f"{read} of {len(graded)} handed in"]
    said += [f"{open_memos} memos to mark"] if open_memos else []
    listed = "".join(
        f'<li><a href="{name}">{name}</a>: {what}</li>' for name, what in _FILES if name in files
    )
    slugs = sorted({one.exercise for one in graded})
    parts = [f"<p>{', '.join(said)}.</p><ul>{listed}</ul>", _people(people, slugs, pages, library)]
    parts += [_questions([one for one in graded if one.exercise == s], s, library) for s in slugs]
    return frame.page("Results", "\n".join(parts))


def _people(
    people: Mapping[str, Mapping[str, Graded]],
    slugs: Sequence[str],
    pages: Mapping[str, str],
    library: Library,
) -> str:
    """A row a student: points for each exercise, with a link to the feedback page."""
    worth = {slug: library.set(slug) for slug in slugs}
    head = ["Student", "Name"]
    for slug, one in worth.items():
        head.append(
            f"{slug} (of {frame.points(one.points + (one.memo.points if one.memo else 0))})"
        )
    rows = []
    for student, row in people.items():
        name = escape(student)
        if student in pages:
            name = f'<a href="{escape(pages[student])}">{name}</a>'
        cells = [name, escape(next(iter(row.values())).name)]
        rows.append(("", [*cells, *(_state(row.get(slug)) for slug in slugs)]))
    return "<h2>Students</h2>\n" + frame.table("Students", head, rows)


def _state(one: Graded | None) -> str:
    if one is None or one.record is None:
        return "nothing yet"
    notes = ["late"] if one.late else []
    notes += ["memo to mark"] if one.memo_to_mark else []
    return frame.points(one.total) + (f" ({', '.join(notes)})" if notes else "")


def _questions(graded: Sequence[Graded], slug: str, library: Library) -> str:
    """A row a question: how many were right, and the slip that was made most often."""
    exercises = library.set(slug)
    read = [one for one in graded if one.record is not None]
    if not read:
        return ""
    rows = []
    for place, question in enumerate(exercises.questions):
        marks = [one.marks[place] for one in read]
        count = Counter(mark.status for mark in marks)
        blank = count["blank"] + count["missing"]
        slips = Counter(mark.hint for mark in marks if mark.status == "mistake").most_common(1)
        slip = f"{escape(slips[0][0])} ({slips[0][1]})" if slips else ""
        share = f"{100 * count['right'] / len(marks):.0f}%"
        cells = [
            f"{count['right']} ({share})",
            f"{len(marks) - count['right'] - blank}",
            f"{blank}",
        ]
        rows.append(("", [escape(question.title), *cells, slip]))
    head = ("Question", "Right", "Not right", "Blank", "The slip made most often")
    shown = frame.table(exercises.title, head, rows)
    return f'<h2>{escape(exercises.title)}</h2>\n<div class="marks">{shown}</div>'
