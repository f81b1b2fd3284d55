"""Grading a class: find the submissions, run them in jails, compare, write the results."""

from __future__ import annotations

import hashlib
import json
import os
import queue
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from paths_abroad.exercises.variants import Reference
from paths_abroad.grading import collect, results, supervise
from paths_abroad.grading import memos as memo_sheet
from paths_abroad.grading.course import Course
from paths_abroad.grading.library import Library
from paths_abroad.grading.notebook import Notebook, Unreadable
from paths_abroad.grading.roster import Student
from paths_abroad.grading.store import Record, Store, Told

_NOTEBOOKS = {".ipynb", ".json", ".txt", ""}


def students_of(course: Course, roster: Sequence[Student]) -> list[Student]:
    """Everybody who may have handed in: the roster, and all to whom something was assigned."""
    people = {student.id: student for student in roster}
    for entry in course.assigned().values():
        people.setdefault(
            entry["student"],
            Student(
                entry["student"],
                entry.get("name", ""),
                entry.get("email", ""),
                tuple(entry.get("others", {}).items()),
            ),
        )
    return list(people.values())


def grade(
    submissions: Path,
    out: Path,
    course: Course,
    library: Library,
    *,
    roster: Sequence[Student] = (),
    jobs: int = 0,
    limits: supervise.Limits | None = None,
    shard: tuple[int, int] = (1, 1),
    late: str = "",
    jailed: bool = True,
    progress: Callable[[int, int, str], None] = lambda *_: None,
) -> results.Summary:
    """Grade submissions into a folder.

    Parameters
    ----------
    submissions
        A folder or zip, as a platform exports it.
    out
        Where results go; what is there already is used again.
    course
        Knows the students' variants.
    library
        The exercise sets.
    roster
        Students besides those to whom something was assigned.
    jobs
        How many submissions run at a time; 0: as many as there are processors.
    limits
        For each submission.
    shard
        (i, n): only every n-th submission, from the i-th on.
    late
        The late rule; see `results.late_rule`.
    jailed
        False: use limits alone, as on a system without namespaces.
    progress
        Called with how many are done, how many there are, and the last one's name.

    Returns
    -------
    Summary
        What was written.

    Raises
    ------
    OSError, ValueError
        Where nothing can be graded; one line says why.
    """
    begun = time.monotonic()
    limits = limits or supervise.Limits()
    results.late_rule(late)
    found, refused = collect.files(submissions)
    with _Crew(limits, jailed, jobs, len(found)) as crew:
        store = Store(out)
        told = Told(late=late, memos=_marks(store, library))
        told.unread = [(name, "", why) for name, why in refused]
        told.expected = sorted(
            course.assigned().values(), key=lambda e: (e["exercise"], e["student"])
        )
        chosen = _choose(found, course, library, students_of(course, roster), told)
        number, of = shard
        chosen = [one for place, one in enumerate(chosen) if place % of == number - 1]
        tasks = []
        for one, digest in chosen:
            reference = library.reference(one.exercise, one.variant)
            record = store.load(store.path(one.exercise, one.student))
            if record is None or not _same(record, one, digest, reference):
                tasks.append((one, digest, reference))
        # Another part of the class, graded into the same folder, stays: losing grades in silence
        # would be worse than keeping one too many, and the report names what was kept.
        now = {(one.exercise, one.student) for one, _ in chosen}
        told.kept = [
            (record.student, record.exercise, record.file)
            for record in store.records()
            if (record.exercise, record.student) not in now
        ]
        crew.run(tasks, store, library, progress, len(chosen))
        told.contained = crew.why
    told.seconds = round(time.monotonic() - begun, 2)
    store.tell(told)
    return results.write(store, library)


def _choose(
    found: Sequence[collect.Found],
    course: Course,
    library: Library,
    people: Sequence[Student],
    told: Told,
) -> list[tuple[collect.Submission, str]]:
    """Read every file once, say whose it is, and keep the attempt that counts."""
    names = collect.Names(people)
    assigned = course.assigned()
    groups: dict[tuple[str, str], list[tuple[collect.Submission, str]]] = {}
    for one in found:
        try:
            if PurePosixPath(one.name).suffix.casefold() not in _NOTEBOOKS:
                raise Unreadable("not a notebook")
            notebook, data = collect.read(one)
            submission = collect.identify(one, notebook, course, names, assigned, library)
        except Unreadable as problem:
            who = next(filter(None, names.recognise(one.name)), "")
            told.unread.append((one.name, who, str(problem)))
            continue
        digest = hashlib.sha256(data).hexdigest()
        groups.setdefault((submission.exercise, submission.student), []).append(
            (submission, digest)
        )
    chosen = []
    for (exercise, student), several in sorted(groups.items()):
        several.sort(key=lambda pair: (not pair[0].doubtful, pair[0].attempt))
        best = several[-1]
        if len({digest for _, digest in several}) > 1:
            others = [pair[0].found.name for pair in several[:-1]]
            told.attempts.append((student, exercise, best[0].found.name, others))
        chosen.append(best)
    return chosen


def _same(record: Record, one: collect.Submission, digest: str, reference: Reference) -> bool:
    """Whether what was kept is what running it again would give."""
    return (
        record.digest == digest
        and record.variant == one.variant
        and record.inputs == inputs_digest(reference)
        and record.file == one.found.name
    )


def inputs_digest(reference: Reference) -> str:
    """Eight characters that change when the hidden inputs of a variant's functions do."""
    inputs = {name: one.inputs for name, one in sorted(reference.expected.items())}
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:8]


def questions_of(library: Library, reference: Reference) -> list[dict[str, Any]]:
    """What the runner must know of a set's questions: names, and inputs of functions."""
    found = []
    for question in library.set(reference.slug).questions:
        inputs = reference.expected[question.id].inputs
        found.append(
            {
                "id": question.id,
                "variable": question.variable,
                "inputs": None if inputs is None else [list(item) for item in inputs],
            }
        )
    return found


def before_of(library: Library, reference: Reference) -> list[str]:
    """Cells that every notebook begins with, so that a deleted import costs nothing."""
    setup = next(c.text for c in library.set(reference.slug).cells if c.role == "setup")
    kept = [line for line in setup.splitlines() if re.match(r"(import|from)\s", line)]
    parameters = [f"{name} = {value!r}" for name, value in reference.parameters.items()]
    return ["\n".join(kept), "\n".join(parameters)]


def record_of(
    submission: collect.Submission,
    notebook: Notebook,
    digest: str,
    outcome: supervise.Outcome,
    inputs: str,
    contained: bool,
) -> Record:
    """Return what to keep of a submission; without ``inputs`` the next run tries it again."""
    return Record(
        student=submission.student,
        exercise=submission.exercise,
        variant=submission.variant,
        file=submission.found.name,
        digest=digest,
        answers=outcome.answers,
        cells={str(number + 1): told for number, told in sorted(outcome.cells.items())},
        notes=[*submission.notes, *outcome.notes],
        memo=notebook.memo[:100_000],
        late=submission.late,
        modified=submission.found.modified,
        inputs=inputs,
        seconds=round(outcome.seconds, 3),
        peak=outcome.peak,
        runs=outcome.runs,
        contained=contained,
    )


class _Crew:
    """Warm processes, one for each job, and the threads that look after them."""

    def __init__(self, limits: supervise.Limits, jailed: bool, jobs: int, most: int) -> None:
        self.limits, self.jailed = limits, jailed
        self.jobs = max(1, min(jobs or _processors(), most or 1, 64))
        self.why = ""
        self.warm: list[supervise.Warm] = []
        self.lock = threading.Lock()
        self.stop = threading.Event()
        self.tasks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.ready = queue.SimpleQueue()
        self.threads: list[threading.Thread] = []

    def __enter__(self) -> _Crew:
        # They warm up while the submissions are found and the references made.
        self.threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.jobs)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads:
            thread.join(timeout=30)
        for warm in self.warm:
            with suppress(OSError):
                warm.close()

    def run(
        self,
        tasks: Sequence[tuple[collect.Submission, str, Reference]],
        store: Store,
        library: Library,
        progress: Callable[[int, int, str], None],
        total: int,
    ) -> None:
        """Run all tasks; each is kept as soon as it is done."""
        done = total - len(tasks)
        progress(done, total, "")
        for task in tasks:
            self.tasks.put((*task, store, library))
        waiting = len(tasks)
        while waiting:
            try:
                name = self.ready.get(timeout=0.5)
            except queue.Empty:
                if not any(thread.is_alive() for thread in self.threads):
                    raise OSError("grading has stopped; run the same command again") from None
                continue
            if isinstance(name, BaseException):
                raise name
            waiting -= 1
            done += 1
            progress(done, total, name)

    def _work(self) -> None:
        try:
            warm, why = supervise.open_warm(self.limits, self.jailed)
        except OSError as problem:
            self.ready.put(problem)
            return
        with self.lock:
            self.why = self.why or why
            self.warm.append(warm)
        while not self.stop.is_set():
            task = self.tasks.get()
            if task is None:
                return
            submission, digest, reference, store, library = task
            try:
                store.save(self._one(warm, submission, digest, reference, library, not why))
            except BaseException as problem:
                self.ready.put(problem)
                return
            self.ready.put(f"{submission.student} {submission.exercise}")

    def _one(
        self,
        warm: supervise.Warm,
        submission: collect.Submission,
        digest: str,
        reference: Reference,
        library: Library,
        contained: bool,
    ) -> Record:
        notebook, _ = collect.read(submission.found)
        questions, before = questions_of(library, reference), before_of(library, reference)
        outcome, inputs = supervise.Outcome(), ""
        for _ in range(2):
            try:
                outcome = supervise.run(warm, notebook.code, questions, before)
                inputs = inputs_digest(reference)
                break
            except supervise.Ended as problem:
                # One submission never stops the others.
                outcome.notes = [f"It could not be run: {problem}."]
                warm.restart()
        return record_of(submission, notebook, digest, outcome, inputs, contained)


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _marks(store: Store, library: Library) -> dict[str, Any]:
    """Marks of memos read back earlier, and those in the folder's own sheet, soon written anew."""
    sheet = store.out / "memos.csv"
    marks = store.told().memos
    if not sheet.is_file():
        return marks
    return marks | memo_sheet.read(sheet, library)


def regrade(out: Path, library: Library, memos: Mapping[str, Any] | None = None) -> results.Summary:
    """Compare again from the answers kept in a folder; nobody's code runs.

    Parameters
    ----------
    out
        The folder of an earlier `grade`.
    library
        The exercise sets as they are now.
    memos
        Marks of memos to add.

    Raises
    ------
    ValueError
        Where the folder holds no answers.
    """
    store = Store(out)
    if not store.folder.is_dir():
        raise ValueError(f"{out}: holds no answers; it is not the folder of an earlier grade")
    told = store.told()
    told.memos = _marks(store, library) | dict(memos or {})
    store.tell(told)
    return results.write(store, library)


def merge(parts: Sequence[Path], out: Path, library: Library) -> results.Summary:
    """Put together what several machines have graded.

    Parameters
    ----------
    parts
        The folders of runs with ``--shard``.
    out
        Where the whole goes.
    library
        The exercise sets.

    Raises
    ------
    ValueError
        Where a part holds no answers, or two parts disagree on a submission.
    """
    whole = Store(out)
    told = Told()
    owners: dict[tuple[str, str], Path] = {}
    for part in parts:
        store = Store(part)
        if not (part / "run.json").is_file():
            raise ValueError(f"{part}: is not the folder of a finished grade")
        for record in store.records():
            key = (record.exercise, record.student)
            if key in owners:
                raise ValueError(
                    f"{part} and {owners[key]} both hold {record.student}, {record.exercise}"
                )
            owners[key] = part
            whole.save(record)
        other = store.told()
        told.unread = sorted({*told.unread, *other.unread})
        told.attempts += [item for item in other.attempts if item not in told.attempts]
        told.expected = told.expected or other.expected
        told.contained = told.contained or other.contained
        told.late = told.late or other.late
        told.memos |= other.memos
        told.seconds = max(told.seconds, other.seconds)
    whole.forget_others({whole.path(*key) for key in owners})
    whole.tell(told)
    return results.write(whole, library)
