"""Finding submissions in what instructors really get, and saying whose each one is.

Nothing is unpacked to disk: archives are read where they are. A submission is known by its path,
so that only one at a time is held in memory.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from paths_abroad.grading.course import Course
from paths_abroad.grading.notebook import MAX_BYTES, Notebook, Unreadable, parse
from paths_abroad.grading.roster import Student, safe

_IGNORED = {"__macosx", ".ipynb_checkpoints", ".git", "__pycache__"}
_NOT_OURS = {"instructions.html", "manifest.csv", "thumbs.db", "desktop.ini", ".ds_store"}
_MAX_DEPTH = 3
_MAX_FILES = 50_000


@dataclass(frozen=True)
class Found:
    """A file that may be a submission.

    Parameters
    ----------
    name
        Its path in the submissions, through archives too, with ``/``.
    modified
        Seconds since 1970 by the file's or the archive's own word; 0 where it has none.
    path
        The file on disk.
    inside
        The way through archives, empty for a file on disk.
    """

    name: str
    modified: float
    path: Path
    inside: tuple[str, ...] = ()

    def data(self) -> bytes:
        """Read it.

        Raises
        ------
        Unreadable
            Where it is too large, or the archive is damaged.
        """
        try:
            if not self.inside:
                if self.path.stat().st_size > MAX_BYTES:
                    raise Unreadable(f"larger than {MAX_BYTES >> 20} MB")
                return self.path.read_bytes()
            data: bytes | None = None
            for step in self.inside:
                with zipfile.ZipFile(self.path if data is None else io.BytesIO(data)) as archive:
                    data = _entry(archive, archive.getinfo(step))
            return data or b""
        except OSError as problem:
            raise Unreadable(f"cannot be read ({problem.strerror or problem})") from None
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, KeyError, EOFError) as e:
            raise Unreadable(f"in a damaged or locked archive ({str(e)[:80]})") from None


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read an entry of an archive, but no more than a notebook may hold, whatever it claims."""
    with archive.open(entry) as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(f"larger than {MAX_BYTES >> 20} MB")
    return data


def files(submissions: Path) -> tuple[list[Found], list[tuple[str, str]]]:
    """List what may be submissions, in a folder, an archive or a single file.

    Parameters
    ----------
    submissions
        A folder, a zip, or a notebook.

    Returns
    -------
    tuple
        The files, sorted by name; and (name, why) of what could not be looked into.
    """
    found: list[Found] = []
    refused: list[tuple[str, str]] = []
    if not submissions.exists():
        raise FileNotFoundError(f"{submissions}: there is no such folder or file")
    if submissions.is_file():
        _add(Found(submissions.name, submissions.stat().st_mtime, submissions), found, refused)
    else:
        for folder, names, members in os.walk(submissions):
            names[:] = sorted(name for name in names if name.casefold() not in _IGNORED)
            for name in sorted(members):
                path = Path(folder, name)
                shown = _printable(path.relative_to(submissions).as_posix())
                if _ignored(shown):
                    continue
                if path.is_symlink() or not path.is_file():
                    refused.append((shown, "a link or no file; not followed"))
                    continue
                _add(Found(shown, path.stat().st_mtime, path), found, refused)
                if len(found) > _MAX_FILES:
                    raise ValueError(f"{submissions}: more than {_MAX_FILES:,} files")
    return sorted(found, key=lambda one: one.name), refused


def _printable(name: str) -> str:
    """A name on disk, with a question mark for bytes that are not UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def _ignored(name: str) -> bool:
    parts = [part.casefold() for part in PurePosixPath(name).parts]
    return (
        any(part in _IGNORED for part in parts)
        or (bool(parts) and (parts[-1].startswith("._") or parts[-1] in _NOT_OURS))
        or not parts
    )


def _add(one: Found, found: list[Found], refused: list[tuple[str, str]], depth: int = 0) -> None:
    if not one.name.casefold().endswith(".zip"):
        found.append(one)
        return
    if depth >= _MAX_DEPTH:
        refused.append((one.name, "archives inside archives inside archives"))
        return
    try:
        # One archive may lie in another; only the outer one is on disk.
        source: Any = one.path if not one.inside else io.BytesIO(one.data())
        with zipfile.ZipFile(source) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_FILES:
                refused.append((one.name, "an archive of too many files"))
                return
            seen: set[str] = set()
            for entry in entries:
                inner = _zip_name(entry)
                name = f"{one.name}/{inner}"
                if _ignored(inner) or entry.filename in seen:
                    continue
                seen.add(entry.filename)
                step = Found(name, _moment(entry), one.path, (*one.inside, entry.filename))
                _add(step, found, refused, depth + 1)
    except Unreadable as problem:
        refused.append((one.name, str(problem)))
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        refused.append((one.name, "a damaged archive"))


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The name in an archive; archivers on Chinese systems write GBK without saying so."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        try:
            raw = name.encode("cp437")
            name = raw.decode("utf-8")
        except UnicodeError:
            try:
                name = name.encode("cp437").decode("gb18030")
            except UnicodeError:
                name = entry.filename
    return name.replace("\\", "/")


def _moment(entry: zipfile.ZipInfo) -> float:
    try:
        return datetime.datetime(*entry.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


# --- whose it is --------------------------------------------------------------------------------


@dataclass
class Submission:
    """A notebook with an owner.

    Parameters
    ----------
    found
        Where it is.
    student, exercise, variant
        Whose, of what, compared with which variant.
    token_student
        The student to whom the notebook was assigned, where that is known.
    late
        Whether the platform wrote LATE into its name.
    attempt
        What orders several attempts: later is greater.
    doubtful
        Whether only the student's own word says whose it is: it never displaces one that is sure.
    notes
        What the report says of it.
    """

    found: Found
    student: str
    exercise: str
    variant: str
    token_student: str = ""
    late: bool = False
    attempt: tuple[float, int, float, str] = (0.0, 0, 0.0, "")
    doubtful: bool = False
    notes: list[str] = field(default_factory=list)


def squashed(text: str) -> str:
    """Letters and digits alone, without case, accents or width."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", kept)


class Names:
    """Recognises students in the names of files and folders."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = list(students)
        self.ids: dict[str, set[str]] = {}
        self.people: dict[str, set[str]] = {}
        for student in self.students:
            texts = [student.id, safe(student.id), student.email, student.email.split("@")[0]]
            for text in (*texts, *(value for name, value in student.others if name != "Section")):
                self._add(self.ids, text.casefold(), student.id)
            for text in _spellings(student.name):
                self._add(self.people, squashed(text), student.id)
        # The longest first: "s-10" is not "s-1".
        self.longest = sorted(self.ids, key=lambda text: -len(text))

    @staticmethod
    def _add(table: dict[str, set[str]], text: str, student: str) -> None:
        if text:
            table.setdefault(text, set()).add(student)

    def known(self, text: str) -> str | None:
        """Return the student whom a text names exactly."""
        # A name that two share is not an id of one of them.
        hits = self.people.get(squashed(text)) or self.ids.get(text.casefold()) or set()
        return next(iter(hits)) if len(hits) == 1 else None

    def inside(self, text: str) -> str | None:
        """Return the one student whose id or name stands in a text that somebody made up."""
        whole = self.known(text)
        if whole:
            return whole
        folded = text.casefold()
        for key in self.longest:
            if len(key) > 1 and key in folded and _stands_alone(key, folded):
                hits = self.ids[key]
                return next(iter(hits)) if len(hits) == 1 else None
        pressed = squashed(text)
        hits = {
            student
            for key, owners in self.people.items()
            if len(key) > (4 if key.isascii() else 1) and key in pressed
            for student in owners
        }
        return hits.pop() if len(hits) == 1 else None

    def recognise(self, name: str) -> tuple[str | None, str | None]:
        """Return the students that a path names: by the platform or its folders, by the file.

        The platform, or the instructor, wrote the outer parts of a path; the file's own name is
        the student's choice.
        """
        parts = PurePosixPath(name).parts
        platform = chosen = None
        for place, raw in enumerate(parts):
            stem = _SUFFIX.sub("", raw)
            given = platform_parts(stem)
            if given is not None:
                platform = platform or self.known(given["who"])
                for key in ("user", "number"):
                    if given.get(key):
                        platform = platform or self.known(given[key])
                stem = given["rest"]
            elif place < len(parts) - 1:
                platform = platform or self.inside(stem)
                continue
            if place == len(parts) - 1 and stem:
                chosen = self.inside(_COPY.sub("", stem)) or self.inside(stem)
        return platform, chosen


def _stands_alone(key: str, text: str) -> bool:
    """Whether a key stands in a text as a word of its own."""
    place = text.find(key)
    while place >= 0:
        before, after = text[place - 1 : place], text[place + len(key) : place + len(key) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        place = text.find(key, place + 1)
    return False


def _spellings(name: str) -> Iterator[str]:
    """A name as platforms write it: as it is, and with the family name first or last."""
    if not name:
        return
    yield name
    if "," in name:
        last, first = name.split(",", 1)
        yield f"{first} {last}"
    words = name.split()
    if len(words) > 1:
        yield " ".join([words[-1], *words[:-1]])
        yield " ".join([*words[1:], words[0]])


_MOODLE = re.compile(r"^(?P<who>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)$", re.I)
_CANVAS = re.compile(
    r"^(?P<who>[^_]+)(?P<late>_LATE)?_(?P<user>\d+)_(?P<submission>\d+)_(?P<rest>.+)$", re.I
)
_BLACKBOARD = re.compile(
    r"^.*?_(?P<who>[^_]+)_attempt_(?P<when>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)_?(?P<rest>.*)$", re.I
)
_SUFFIX = re.compile(r"(\.(ipynb|json|txt|zip))+$", re.I)
_COPY = re.compile(
    r"(?:[ _-]*\((?P<a>\d+)\)|[ _-]+copy[ _-]*(?P<b>\d*)|-(?P<c>\d{1,2})"
    r"|[ _-]+(?:attempt|version|try|v)[ _-]?(?P<d>\d+))$",
    re.I,
)


def platform_parts(part: str) -> dict[str, str] | None:
    """Cut a name that Moodle, Canvas or Blackboard made; None where none of them did."""
    for form in (_MOODLE, _CANVAS, _BLACKBOARD):
        match = form.match(part)
        if match:
            return {key: value or "" for key, value in match.groupdict().items()}
    return None


def attempt_of(found: Found, stem: str = "") -> tuple[float, int, float, str]:
    """What orders attempts: a time or number in the name, else when the file was made.

    Parameters
    ----------
    found
        The file.
    stem
        The name under which the notebook was assigned: digits in it count nothing.
    """
    when, number = 0.0, 0
    for raw in PurePosixPath(found.name).parts:
        part = _SUFFIX.sub("", raw)
        stamp = re.search(r"(\d{4})-(\d\d)-(\d\d)[-_T](\d\d)[-:.](\d\d)(?:[-:.](\d\d))?", part)
        if stamp:
            try:
                moment = datetime.datetime(*(int(g or 0) for g in stamp.groups()))
                when = max(when, moment.replace(tzinfo=datetime.UTC).timestamp())
            except ValueError:
                pass
        part = part.rpartition(stem)[2] if stem and stem in part else part
        counted = re.match(r"(?i)^(?:attempt|versuch|submission|第)[ _-]?(\d+)", part)
        copied = _COPY.search(part)
        if counted:
            number = int(counted[1])
        elif copied:
            number = int(next((g for g in copied.groups() if g), "1"))
    return when, number, round(found.modified), found.name


def is_late(name: str) -> bool:
    """Whether Canvas marked a submission as late."""
    for raw in PurePosixPath(name).parts:
        match = _CANVAS.match(raw)
        if match and match["late"]:
            return True
    return False


def identify(
    found: Found,
    notebook: Notebook,
    course: Course,
    names: Names,
    assigned: Mapping[str, Mapping[str, Any]],
    exercises: Mapping[str, Iterable[str]],
) -> Submission:
    """Say whose notebook this is, of which exercise, and in which variant it is compared.

    The platform's word on who handed in comes first, because the notebook's contents are the
    student's to change. The variant is never taken on the notebook's word alone: it is that of
    the student who handed in.

    Parameters
    ----------
    found, notebook
        The file and what was read from it.
    course
        Checks the marks.
    names
        Students by name and id.
    assigned
        What was assigned, by exercise and student.
    exercises
        Known exercises and their variants.

    Raises
    ------
    Unreadable
        Where it cannot be said.
    """
    marks = [mark for token in notebook.tokens if (mark := course.read_token(token))]
    mark = marks[0] if marks else None
    platform, chosen = names.recognise(found.name)
    notes: list[str] = []
    if notebook.tokens and not marks:
        notes.append("The mark in it was not made by this course.")
    exercise = _exercise(found, notebook, mark, exercises)
    told = notebook.told.get("student", "")
    student = platform or (mark["student"] if mark else None) or chosen or names.known(told)
    if student is None:
        raise Unreadable("nobody of this course: neither notebook nor name says whose it is")
    doubtful = False
    if mark is None and platform is None:
        notes.append("Without a mark of this course; known only by a name that anybody can write.")
        doubtful = True
    if mark and mark["student"] != student:
        notes.append(
            f"Handed in by {student}, but the notebook was assigned to {mark['student']}; "
            f"compared with the variant of {student}."
        )
    elif mark and platform is None and chosen not in (None, student):
        notes.append(f"The notebook of {student}, in a file that names {chosen}.")
        doubtful = True
    entry = assigned.get(f"{exercise}\n{student}")
    if entry:
        variant = str(entry["variant"])
    elif mark and mark["student"] == student and mark["exercise"] == exercise:
        variant = mark["variant"]
    else:
        variant = course.variant(exercise, list(exercises[exercise]), student)
        notes.append("Not on the list of what was assigned; the variant follows from the id.")
    if variant not in exercises[exercise]:
        raise Unreadable(f"the variant {variant!r} is not in {exercise} any more")
    if notebook.told.get("variant") == "public":
        notes.append("This is the public notebook, whose solutions are public.")
    return Submission(
        found,
        student,
        exercise,
        variant,
        token_student=mark["student"] if mark else "",
        late=is_late(found.name),
        attempt=attempt_of(found, str((entry or {}).get("file", "")).removesuffix(".ipynb")),
        doubtful=doubtful,
        notes=[*notebook.notes, *notes],
    )


def _exercise(
    found: Found,
    notebook: Notebook,
    mark: Mapping[str, str] | None,
    exercises: Mapping[str, Iterable[str]],
) -> str:
    told = [mark["exercise"]] if mark else []
    told.append(notebook.told.get("exercise", ""))
    text = "\n".join(notebook.code)
    told += re.findall(r"^\s*exercise\(\s*['\"]([\w-]+)['\"]", text, re.M)
    told += re.findall(r"^\s*check\(\s*['\"]([\w-]+)-\d+['\"]", text, re.M)
    folded = squashed(found.name)
    told += [slug for slug in exercises if squashed(slug) in folded]
    for slug in told:
        if slug in exercises:
            return slug
    raise Unreadable("a notebook, but of none of the exercises")


def read(found: Found) -> tuple[Notebook, bytes]:
    """Read a file as a notebook.

    Raises
    ------
    Unreadable
        Where it is none.
    """
    data = found.data()
    if data[:4] == b"%PDF":
        raise Unreadable("a PDF, not a notebook")
    if data[:2] == b"PK":
        raise Unreadable("an office document or archive, not a notebook")
    return parse(data), data
