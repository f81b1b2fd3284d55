"""The run's report: what an instructor should look at, before anybody complains."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paths_abroad.grading.results import Graded
    from paths_abroad.grading.store import Told


def _line(text: str) -> str:
    """One line of Markdown that stays one line, whatever a student put into a file name."""
    flat = " ".join(text.split())
    for mark in "\\`*_[]<>|#":
        flat = flat.replace(mark, f"\\{mark}")
    return flat[:400]


def _section(title: str, lines: Iterable[str]) -> str:
    listed = [f"- {line}" for line in lines]
    return f"## {title}\n\n" + "\n".join(listed) + "\n" if listed else ""


def text(graded: Sequence[Graded], told: Told) -> str:
    """Return the report as Markdown.

    Parameters
    ----------
    graded
        All results.
    told
        What the run found out.
    """
    from paths_abroad.grading.supervise import NOT_CONTAINED

    records = [one.record for one in graded if one.record is not None]
    head = [
        "# Report of the grading",
        f"{len(records)} submissions graded, {len(told.unread)} files could not be read.",
    ]
    if told.contained or any(not record.contained for record in records):
        why = f" ({_line(told.contained)})" if told.contained else ""
        head.append(f"**Not contained**{why}: {NOT_CONTAINED}")
    else:
        head.append(
            "Every submission ran in the full jail: own file system, processes, network and memory."
        )
    parts = [
        _section(
            "Could not be read",
            (
                f"{_line(name)}{f' (of {_line(who)})' if who else ''}: {_line(why)}"
                for name, who, why in told.unread
            ),
        ),
        _section(
            "Nothing handed in that could be read",
            (
                f"{_line(one.student)} {_line(one.name)}: {one.exercise}".replace(" :", ":")
                for one in graded
                if one.record is None
            ),
        ),
        _section(
            "Several attempts: the latest counts",
            (
                f"{_line(student)}, {exercise}: counted {_line(best)}; "
                f"not counted {_line(', '.join(others))}"
                for student, exercise, best, others in told.attempts
            ),
        ),
        _section(
            "Kept from an earlier run into this folder",
            (
                f"{_line(student)}, {exercise}: {_line(name)}, not among the last submissions"
                for student, exercise, name in told.kept
            ),
        ),
        _section(
            "To look at",
            (
                f"{_line(record.student)}, {record.exercise}: {_line(note)}"
                for record in records
                for note in record.notes
            ),
        ),
        _section(
            "Cells that were left out",
            (
                f"{_line(record.student)}, {record.exercise}, code cell {number}: {_line(why)}"
                for record in records
                for number, why in record.cells.items()
                if why.startswith("left out")
            ),
        ),
        _section("Late", (f"{_line(one.student)}, {one.exercise}" for one in graded if one.late)),
    ]
    return "\n\n".join(head) + "\n\n" + "\n".join(part for part in parts if part)
