"""From outside the jail: start a submission, listen, end what hangs, and go on without it.

What comes out of the jail is bytes from a stranger. They are measured, parsed as JSON and checked
for shape; nothing else is done with them here.
"""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paths_abroad
from paths_abroad import ledger
from paths_abroad.exercises.answers import Spec, read
from paths_abroad.grading import jail, processes

_FORM = struct.Struct("=cq")
_WARM_UP_SECONDS = 180
_MAX_FRAME = 5_000_000
_MAX_SAID = 200_000_000
_LOW = 300 << 20
_DEEP = 40
_NOTHING_WORKS = 3
"""Cells that fail one after the other up to the last: more than bad luck."""

NOT_CONTAINED = (
    "no namespaces here: a submission could use the network's other families, read what its user "
    "may read, and leave files behind. Grade on Linux, or in a container, to close this."
)


@dataclass(frozen=True)
class Limits:
    """What a submission may use.

    Parameters
    ----------
    cell
        Seconds for one cell.
    total
        Seconds for one submission, repetitions included.
    memory, space
        Bytes in memory and on its private disk.
    processes, files
        How many at a time.
    """

    cell: float = 20.0
    total: float = 150.0
    memory: int = 2 << 30
    space: int = 64 << 20
    processes: int = 64
    files: int = 256

    def for_child(self) -> dict[str, int]:
        """The limits that the kernel keeps."""
        return {
            "memory": self.memory,
            "space": self.space,
            "cpu": int(self.total) + 10,
            "processes": self.processes,
            "files": self.files,
        }


@dataclass
class Outcome:
    """What came out of one submission.

    Parameters
    ----------
    answers
        Plain answers by question.
    cells
        What happened to cells, by number: an error, or why the cell was left out.
    notes
        What concerns the whole submission.
    seconds, peak
        Wall-clock time, and the greatest memory in bytes.
    runs
        How often it had to be run.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    peak: int = 0
    runs: int = 0


class Ended(Exception):
    """The warm process is gone."""


class Warm:
    """A warm process, and one job at a time in it."""

    def __init__(self, limits: Limits, jailed: bool) -> None:
        self.limits, self.jailed = limits, jailed
        self.library = Path(paths_abroad.__file__).resolve().parents[1]
        self.scratch = None if jailed else tempfile.TemporaryDirectory(prefix="paths-abroad-")
        if self.scratch:
            Path(self.scratch.name).chmod(0o711)
        self.lock = threading.Lock()
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        self.worker = 0
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        data = ledger.data_dir().resolve()
        package = Path(paths_abroad.__file__).resolve().parent
        setting = {
            "jailed": self.jailed,
            "library": str(self.library),
            "path": [p for p in sys.path if p and Path(p).resolve() != self.library],
            "shown": jail.folders([package, data]) if self.jailed else [],
            "limits": self.limits.for_child(),
            "scratch": self.scratch.name if self.scratch else "",
        }
        environment = {
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": f"{jail.SPACE}/home" if self.jailed else "/nonexistent",
            "TZ": "UTC",
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "MPLBACKEND": "Agg",
            "PATHS_ABROAD_DATA": str(data),
            "PATHS_ABROAD_PICTURES": "no",
        }
        command = [sys.executable, "-s", "-P", str(Path(__file__).with_name("warm.py"))]
        with theirs:
            self.process = subprocess.Popen(
                [*command, str(theirs.fileno()), json.dumps(setting)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self.errors,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        self.channel = ours
        self.channel.settimeout(_WARM_UP_SECONDS)

    def ready(self) -> None:
        """Wait until it is warm.

        Raises
        ------
        Ended
            With what it said last.
        """
        operation, _ = self._reply()
        if operation == b"M":
            self._map()
            self.channel.sendall(_FORM.pack(b"M", 0))
            operation, _ = self._reply()
        if operation != b"R":
            raise Ended("the warm process speaks another language")

    def _map(self) -> None:
        for name in ("uid_map", "gid_map"):
            line = f"{jail.INSIDE} {jail.STRANGER} 1\n"
            Path(f"/proc/{self.process.pid}/{name}").write_text(line, encoding="ascii")

    def _reply(self) -> tuple[bytes, int]:
        data = b""
        try:
            while len(data) < _FORM.size:
                more = self.channel.recv(_FORM.size - len(data))
                if not more:
                    raise Ended(self._last_words())
                data += more
        except OSError as problem:
            raise Ended(f"the warm process does not answer ({problem})") from None
        return _FORM.unpack(data)

    def _last_words(self) -> str:
        self.errors.seek(0)
        lines = self.errors.read()[-4000:].decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "the warm process has ended"

    def start(self, job: int, out: int) -> int:
        """Start a job; return its number."""
        with self.lock:
            try:
                socket.send_fds(self.channel, [_FORM.pack(b"J", 0)], [job, out])
            except OSError as problem:
                raise Ended(str(problem)) from None
            return self._reply()[1]

    def end(self, number: int) -> int:
        """Kill a job and all that it started; return its peak memory in bytes."""
        with self.lock:
            try:
                self.channel.sendall(_FORM.pack(b"E", number))
            except OSError as problem:
                raise Ended(str(problem)) from None
            return self._reply()[1] * 1024

    def memory(self) -> int:
        """Bytes that the running job holds with all its processes, and no more than that."""
        if not self.worker:
            self.worker = self.process.pid
            if self.jailed:
                inside = processes.children(self.process.pid)
                self.worker = inside[0] if inside else 0
        return sum(processes.held(p) for p in processes.descendants(self.worker))

    def restart(self) -> None:
        """Begin again with a new warm process."""
        self._stop()
        self.worker = 0
        self._start()
        self.ready()

    def close(self) -> None:
        """End the warm process, and with it all that it started."""
        self._stop()
        self.errors.close()
        if self.scratch:
            self.scratch.cleanup()

    def _stop(self) -> None:
        self.channel.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def open_warm(limits: Limits, jailed: bool = True) -> tuple[Warm, str]:
    """Start a warm process, in a jail where the machine allows one.

    Parameters
    ----------
    limits
        For each submission.
    jailed
        False: do not even try.

    Returns
    -------
    tuple of Warm and str
        The process, warm; and why it is not in a jail, empty where it is.

    Raises
    ------
    OSError
        Where not even limits work.
    """
    if not hasattr(os, "fork"):
        raise OSError("grading needs Linux or macOS: on Windows use WSL or a container")
    why = "asked for"
    if jailed:
        warm = Warm(limits, True)
        try:
            warm.ready()
            return warm, ""
        except (Ended, OSError) as problem:
            why = str(problem)
            warm.close()
    warm = Warm(limits, False)
    try:
        warm.ready()
    except Ended as problem:
        warm.close()
        raise OSError(f"grading cannot start: {problem}") from None
    return warm, why


# --- one submission -----------------------------------------------------------------------------


class _Listener:
    """Cuts a stream of bytes into frames; a stream that is not one is broken off.

    Each frame is handed on before the next bytes are looked at: what spoils the stream must not
    take with it the word of which cell was running.
    """

    def __init__(self) -> None:
        self.data, self.said = bytearray(), 0

    def feed(self, data: bytes) -> Iterator[dict[str, Any]]:
        self.data += data
        self.said += len(data)
        if self.said > _MAX_SAID:
            raise ValueError("it said too much")
        while len(self.data) >= 4:
            size = int.from_bytes(self.data[:4], "big")
            if size > _MAX_FRAME:
                raise ValueError("a frame is too long")
            if len(self.data) < 4 + size:
                break
            frame = json.loads(bytes(self.data[4 : 4 + size]), parse_constant=_refuse)
            del self.data[: 4 + size]
            if not isinstance(frame, dict) or len(frame) != 1:
                raise ValueError("a frame is not a message")
            yield frame


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _shallow(value: Any, depth: int = 0) -> bool:
    """Whether JSON is nested no deeper than an answer can be."""
    if depth > _DEEP:
        return False
    if isinstance(value, dict):
        return all(_shallow(item, depth + 1) for item in value.values())
    if isinstance(value, list):
        return all(_shallow(item, depth + 1) for item in value)
    return True


def _blank(answer: Any) -> bool:
    return read(answer, Spec()).blank


@dataclass
class _Attempt:
    """One run of a submission: what it said, and where it stopped."""

    answers: dict[str, Any] = field(default_factory=dict)
    failed: dict[int, str] = field(default_factory=dict)
    patched: set[int] = field(default_factory=set)
    left: list[int] = field(default_factory=list)
    cell: int = -1
    reading: str = ""
    why: str = ""
    done: bool = False
    answered: dict[str, int] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)

    def hear(self, frame: dict[str, Any], known: set[str], cells: int) -> None:
        kind, body = next(iter(frame.items()))
        if kind == "cell" and isinstance(body, int) and 0 <= body < cells:
            self.cell, self.reading = body, ""
        elif kind == "read" and isinstance(body, str) and body in known:
            self.reading = body
        elif kind == "blank" and isinstance(body, str):
            self.heard.add(body)
        elif kind == "answer" and isinstance(body, list) and len(body) == 2:
            name, answer = body
            if isinstance(name, str) and name in known:
                if not _shallow(answer):
                    answer = {"unreadable": "it is nested too deep"}
                # A template cell copied below an answered one does not erase the answer.
                if name not in self.answers or not _blank(answer):
                    self.answers[name], self.answered[name] = answer, self.cell
                self.heard.add(name)
            self.reading = ""
        elif kind == "failed" and isinstance(body, list) and len(body) == 2:
            number, told = body
            if isinstance(number, int) and 0 <= number < cells:
                self.failed[number] = str(told)[:300]
        elif kind == "patched" and isinstance(body, int):
            self.patched.add(body)
        elif kind == "left" and isinstance(body, int) and 0 <= body < cells:
            self.left.append(body)
        elif kind == "broken":
            self.why = f"could not begin ({str(body)[:200]})"
        elif kind == "done":
            self.done = True


def _attempt(
    warm: Warm, job: Mapping[str, Any], cell_seconds: float, until: float
) -> tuple[_Attempt, int]:
    """Run a submission once; whatever happens, nothing of it is left when this returns."""
    attempt, listener = _Attempt(), _Listener()
    known = {question["id"] for question in job["questions"]}
    cells = len(job["cells"])
    with tempfile.TemporaryFile() as file:
        file.write(json.dumps(job).encode())
        file.seek(0)
        out, theirs = os.pipe()
        try:
            number = warm.start(file.fileno(), theirs)
        except Ended:
            os.close(out)
            raise
        finally:
            os.close(theirs)
    try:
        deadline = min(until, time.monotonic() + max(cell_seconds, 10))
        ticks = 0
        while not attempt.done:
            now = time.monotonic()
            if now >= deadline:
                attempt.why = "took too long"
                break
            ready, _, _ = select.select([out], [], [], min(0.1, deadline - now))
            if warm.jailed or sys.platform.startswith("linux"):
                ticks += not ready
                if not ready or ticks % 50 == 0:
                    attempt.why = _too_greedy(warm)
                    if attempt.why:
                        break
            if not ready:
                continue
            data = os.read(out, 1 << 16)
            if not data:
                attempt.why = attempt.why or "ended the process"
                break
            before = (attempt.cell, attempt.reading)
            for frame in listener.feed(data):
                attempt.hear(frame, known, cells)
                if attempt.done or attempt.why:
                    break
            if attempt.why:
                break
            if (attempt.cell, attempt.reading) != before:
                deadline = min(until, time.monotonic() + cell_seconds)
    except (ValueError, RecursionError):
        # What comes out is not what a runner says.
        attempt.why = "spoiled what the runner says"
    finally:
        os.close(out)
        try:
            peak = warm.end(number)
        except Ended:
            # Without a pid namespace a submission can kill the process that forked it.
            peak = 0
            attempt.why = attempt.why or "killed the process that ran it"
            if not warm.jailed:
                with suppress(OSError):
                    os.killpg(number, signal.SIGKILL)
            warm.restart()
    return attempt, peak


def _too_greedy(warm: Warm) -> str:
    if warm.memory() > warm.limits.memory * 1.25:
        return "used too much memory"
    left = processes.available()
    if left is not None and left < _LOW:
        return "used the machine's last memory"
    return ""


@dataclass
class _Paper:
    """A submission that is being run, as often as it takes."""

    warm: Warm
    cells: Sequence[str]
    questions: Sequence[Mapping[str, Any]]
    before: Sequence[str]
    until: float

    def insist(self, skip: dict[int, str]) -> tuple[Outcome, _Attempt]:
        """Run it, again and again without the cells that hang or end it.

        Parameters
        ----------
        skip
            Cells to leave out from the start, and why; those that turn out so are added.

        Returns
        -------
        tuple of Outcome and _Attempt
            What came out, and the last attempt.
        """
        outcome, unread = Outcome(), dict[str, str]()
        cell_seconds = self.warm.limits.cell
        blamed: set[int] = set()
        accused: dict[tuple[int, str], list[int]] = {}
        while True:
            job = {
                "before": list(self.before),
                "cells": list(self.cells),
                "skip": sorted(skip),
                "unread": sorted(unread),
                "questions": [dict(question) for question in self.questions],
            }
            attempt, peak = _attempt(self.warm, job, cell_seconds, self.until)
            outcome.runs += 1
            outcome.peak = max(outcome.peak, peak)
            outcome.answers |= attempt.answers
            outcome.cells |= attempt.failed
            attempt.heard |= unread.keys()
            if attempt.done:
                break
            if time.monotonic() >= self.until - 0.5:
                outcome.notes.append("Its time was up; what had been read until then counts.")
                break
            if attempt.why == "took too long":
                # Whoever hangs once may hang often: patience runs out, but not to nothing.
                cell_seconds = max(min(2.0, self.warm.limits.cell), cell_seconds / 2)
            if attempt.cell < 0 and not attempt.reading:
                outcome.notes.append(f"Before its first cell: {attempt.why}.")
                break
            place = (attempt.cell, attempt.reading)
            for number in accused.pop(place, ()):
                del skip[number]  # it ended there without them, too
            suspects = [n for n in attempt.left if n not in skip and n not in blamed]
            if attempt.reading and not suspects:
                unread[attempt.reading] = attempt.why
                told = {"unreadable": f"reading it {attempt.why}"}
                outcome.answers[attempt.reading] = told
                continue
            # A thread may strike at any time: whoever left one is suspected before the place is.
            guilty = suspects[-1] if suspects else attempt.cell
            blamed.add(guilty)
            if guilty in skip:
                outcome.notes.append(f"It {attempt.why} again and again.")
                break
            text = self.cells[guilty]
            named = [n for n, other in enumerate(self.cells) if other == text and n >= guilty]
            skip |= dict.fromkeys(named, attempt.why)
            if suspects:
                accused[place] = named
        outcome.cells |= {number: f"left out: it {why}" for number, why in skip.items()}
        return outcome, attempt

    def suspects(self, outcome: Outcome, attempt: _Attempt) -> list[range]:
        """Cells after which nothing worked: those after the last answer, or from its own cell on.

        Parameters
        ----------
        outcome, attempt
            From `insist`.

        Returns
        -------
        list of range
            What to leave out, to try in turn; empty where all is well.
        """
        end = len(self.cells)
        while end and end - 1 in outcome.cells:
            end -= 1
        last = max((n for n in attempt.answered.values() if n < end), default=-1)
        if len(self.cells) - end < _NOTHING_WORKS:
            if {question["id"] for question in self.questions} <= attempt.heard:
                return []
            # The runner has lost sight of questions: before the next answer it was tampered with.
            names = "|".join(re.escape(question["variable"]) for question in self.questions)
            answers = re.compile(rf"^(?:({names})\s*=|def ({names})\b)", re.MULTILINE)
            later = range(last + 1, len(self.cells))
            end = next((n for n in later if answers.search(self.cells[n])), len(self.cells))
        return [window for window in (range(last + 1, end), range(max(last, 0), end)) if window]


def run(
    warm: Warm,
    cells: Sequence[str],
    questions: Sequence[Mapping[str, Any]],
    before: Sequence[str] = (),
) -> Outcome:
    """Run a submission so that a cell costs what it spoils, and no more.

    Cells that hang or end the process are left out, and the rest runs again. Where nothing works
    after some cell, or the runner itself was tampered with, the rest runs again without the cells
    under suspicion; what that adds to the answers counts, and what was there stays.

    Parameters
    ----------
    warm
        A warm process.
    cells
        The texts of all code cells.
    questions
        Each with ``id``, ``variable`` and ``inputs`` (None where it is not a function).
    before
        Cells of the exercise's own, run first: its imports and parameters.

    Returns
    -------
    Outcome
        The answers, and what was left out and why.

    Raises
    ------
    Ended
        If the warm process is gone.
    """
    begun = time.monotonic()
    paper = _Paper(warm, cells, questions, before, begun + warm.limits.total)
    outcome, attempt = paper.insist({})
    for window in paper.suspects(outcome, attempt):
        again, attempt = paper.insist(dict.fromkeys(window, "kept the others from working"))
        outcome.runs += again.runs
        outcome.peak = max(outcome.peak, again.peak)
        for name, answer in again.answers.items():
            if name not in outcome.answers or _blank(outcome.answers[name]):
                outcome.answers[name] = answer
        if not paper.suspects(again, attempt):
            outcome.cells, outcome.notes = again.cells, again.notes
            break
    outcome.seconds = time.monotonic() - begun
    return outcome
