"""What a grading run keeps: the answers of each submission, and what was told about the rest.

A run that was interrupted goes on where it was, a repaired question is compared again without
running anybody's code, and the parts of a class graded on several machines are put together.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from paths_abroad.grading.roster import safe

FORMAT = 1


@dataclass
class Record:
    """One submission that was run.

    Parameters
    ----------
    student, exercise, variant
        Whose, of what, compared with which variant.
    file, digest
        Where it was, and the SHA-256 of its bytes.
    answers
        Plain answers by question.
    cells
        What happened to cells, by number.
    notes
        What a person should know.
    memo
        The memo's text.
    late
        Whether the platform marked it late.
    modified
        When it was last changed, in seconds since 1970; 0 if unknown.
    inputs
        A digest of the hidden inputs its functions were called with.
    seconds, peak, runs
        What it took.
    contained
        Whether it ran in the full jail.
    """

    student: str
    exercise: str
    variant: str
    file: str
    digest: str
    answers: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    memo: str = ""
    late: bool = False
    modified: float = 0.0
    inputs: str = ""
    seconds: float = 0.0
    peak: int = 0
    runs: int = 0
    contained: bool = True


@dataclass
class Told:
    """What a run found out besides answers.

    Parameters
    ----------
    unread
        (file, student or empty, why).
    attempts
        (student, exercise, file that counts, files that do not).
    kept
        (student, exercise, file) of submissions from an earlier run into the same folder.
    expected
        Everything assigned: entries with student, name, exercise and so on.
    contained
        Empty where the jail was whole, else what was missing.
    late
        The late rule.
    memos
        Marks of memos, by exercise and student on two lines: points, comment and criteria.
    seconds
        Wall-clock time of the run.
    """

    unread: list[tuple[str, str, str]] = field(default_factory=list)
    attempts: list[tuple[str, str, str, list[str]]] = field(default_factory=list)
    kept: list[tuple[str, str, str]] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)
    contained: str = ""
    late: str = ""
    memos: dict[str, dict[str, Any]] = field(default_factory=dict)
    seconds: float = 0.0


class Store:
    """The folder of a run.

    Parameters
    ----------
    out
        The folder; answers are kept below ``answers/``.
    """

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out / "answers"

    def path(self, exercise: str, student: str) -> Path:
        """Where a submission's answers are kept."""
        tail = hashlib.sha256(student.encode()).hexdigest()[:8]
        return self.folder / safe(exercise, "exercise") / f"{safe(student)}-{tail}.json"

    def save(self, record: Record) -> None:
        """Keep a record, whole or not at all."""
        write(self.path(record.exercise, record.student), {"format": FORMAT, **asdict(record)})

    def load(self, path: Path) -> Record | None:
        """Read a record; None where it is damaged or of another version."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.pop("format") != FORMAT:
                return None
            return Record(**data)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def records(self) -> Iterator[Record]:
        """All records, by exercise and student, one at a time."""
        for path in sorted(self.folder.glob("*/*.json")):
            record = self.load(path)
            if record is not None:
                yield record

    def told(self) -> Told:
        """What the last run found out."""
        path = self.out / "run.json"
        if not path.is_file():
            return Told()
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            data["unread"] = [tuple(item) for item in data["unread"]]
            data["kept"] = [tuple(item) for item in data["kept"]]
            data["attempts"] = [tuple(item) for item in data["attempts"]]
            return Told(**data)
        except (ValueError, TypeError, KeyError):
            raise ValueError(f"{path} is damaged: grade again into an empty folder") from None

    def tell(self, told: Told) -> None:
        """Keep what a run found out."""
        write(self.out / "run.json", asdict(told))

    def forget_others(self, wanted: set[Path]) -> None:
        """Remove the answers of submissions that are not there any more."""
        for path in self.folder.glob("*/*.json"):
            if path not in wanted:
                path.unlink()


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    # Half a surrogate pair is JSON but no text; a student's string may hold one.
    part.write_bytes((text + "\n").encode("utf-8", "replace"))
    part.replace(path)
