"""What runs inside the jail: the cells of one submission, from top to bottom.

It speaks to the outside in one direction only, through a pipe: frames of plain JSON, each preceded
by its length. Nothing it says is believed beyond the answers themselves; a student who forges
frames forges answers, which could have been typed into the notebook just as well.

======================  ==========================================================
``{"cell": 3}``         the fourth code cell begins
``{"read": "x-1"}``     the answer of a question is about to be read
``{"answer": [q, a]}``  the answer of question q, as plain JSON
``{"blank": "x-1"}``    at the end: the question has no answer
``{"failed": [3, m]}``  the cell stopped with an error
``{"left": 3}``         the cell left threads behind
``{"patched": 3}``      the cell changed parts of the libraries, which were put back
``{"broken": m}``       the runner itself could not begin
``{"done": true}``      all cells have run
======================  ==========================================================
"""

from __future__ import annotations

import ast
import builtins
import gc
import json
import mmap
import os
import random
import signal
import struct
import sys
import threading
from collections.abc import Set
from contextlib import suppress
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from paths_abroad.grading import magics, pristine

MAX_FRAME = 4_500_000
"""Bytes of one frame."""
_ASYNC = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
_COROUTINE = 0x80


_SPARE = 64 << 20
"""Bytes that must be free after a cell has failed, or it is taken to hold on to them."""
_CHECK: frozenset[str] = frozenset()
"""What a cell uses that is a check and nothing else: no answer, and nothing to put back."""


class Reader:
    """Private copies of the code that reads answers, made before any student code runs."""

    def __init__(self) -> None:
        form = pristine.private("paths_abroad.exercises.chart_form", {})
        self.answers = pristine.private("paths_abroad.exercises.answers", {})
        self.answers.chart_form = form  # type: ignore[attr-defined]
        self.guard = pristine.private("paths_abroad.grading.pristine", {}).Guard()
        self.encode = json.JSONEncoder(ensure_ascii=True, allow_nan=False).encode


def silence() -> None:
    """Make what only concerns a screen do nothing: checks take time, and nobody reads them."""
    import pdb

    import paths_abroad.exercises as exercises

    def nothing(*_: Any, **__: Any) -> None:
        return None

    checks = sys.modules["paths_abroad.exercises.check"]
    for name in ("check", "exercise", "mistakes", "accept", "hidden"):
        setattr(exercises, name, nothing)
        setattr(checks, name, nothing)
    pdb.set_trace = nothing
    pdb.Pdb.set_trace = nothing  # type: ignore[method-assign]
    sys.breakpointhook = nothing
    sys.addaudithook = nothing  # nobody could take it away again
    builtins.input = _no_input  # type: ignore[assignment]
    builtins.display = nothing  # type: ignore[attr-defined]
    builtins.get_ipython = _Shell  # type: ignore[attr-defined]


def _no_input(*_: Any) -> str:
    raise EOFError("nobody is there to answer input()")


class _Shell:
    """Stands where `get_ipython()` is asked for; everything it is asked to do does nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def _compiled(text: str, name: str) -> CodeType:
    try:
        return compile(text, name, "exec", flags=_ASYNC, dont_inherit=True)
    except SyntaxError:
        return compile(magics.python(text), name, "exec", flags=_ASYNC, dont_inherit=True)


def _used(text: str, code: CodeType) -> Set[str]:
    """Every name that a cell uses; none where it is a check and nothing else."""
    if text.lstrip().startswith("check("):
        body = ast.parse(text).body
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            return _CHECK
    return _mentioned(code)


def _mentioned(code: CodeType) -> set[str]:
    """Every name that a piece of code uses, in its functions too."""
    names = set(code.co_names) | set(code.co_varnames) | set(code.co_freevars)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _mentioned(constant)
    return names


class Run:
    """One submission, from its job to its last answer."""

    def __init__(self, reader: Reader, job: dict[str, Any], out: int, alone: bool) -> None:
        self.reader, self.job, self.out, self.alone = reader, job, out, alone
        self.pid = os.getpid()
        self.write, self.getpid, self.leave = os.write, os.getpid, os._exit
        self.pack = struct.pack
        self.frames = sys._current_frames
        self.alarm, self.timer = signal.alarm, signal.setitimer
        self.handlers = {n: signal.getsignal(n) for n in (signal.SIGALRM, signal.SIGINT)}
        self.signal, self.depth = signal.signal, sys.getrecursionlimit()
        self.setdepth, self.settrace, self.setprofile = (
            sys.setrecursionlimit,
            sys.settrace,
            sys.setprofile,
        )
        self.chdir, self.here = os.chdir, str(Path.cwd())
        self.callbacks = gc.callbacks
        self.held: dict[str, Any] = {}
        self.check = sys.modules["paths_abroad.exercises"].check
        self.sent: dict[str, str] = {}
        self.stale: set[str] = set()
        self.left = 1
        # What the exercise's own cells define, and the environment: put back where it is gone.
        self.given: dict[str, Any] = {}
        self.environment = dict(os.environ)
        self.kill, self.map, self.dup, self.close = os.kill, mmap.mmap, os.dup, os.close
        self.statvfs = os.statvfs

    def say(self, message: dict[str, Any]) -> None:
        """Write one frame; what is too long is said to be too long."""
        data = self.reader.encode(message).encode()
        if len(data) > MAX_FRAME and "answer" in message:
            told = {"unreadable": "it is too large"}
            data = self.reader.encode({"answer": [message["answer"][0], told]}).encode()
        data = self.pack(">I", len(data)) + data
        while data:
            data = data[self.write(self.out, data) :]

    def all(self) -> None:
        """Run the cells and read the answers."""
        main = ModuleType("__main__")
        sys.modules["__main__"] = main
        space = main.__dict__
        space["__builtins__"] = builtins
        for text in self.job["before"]:
            exec(compile(text, "<exercise>", "exec"), space)
        self.given = dict(space)
        for question in self.job["questions"]:
            # A deleted answer is a blank, not a NameError further down.
            space.setdefault(question["variable"], ...)
        skip = set(self.job["skip"])
        for number, text in enumerate(self.job["cells"]):
            if number in skip:
                continue
            self.say({"cell": number})
            names = self.cell(number, text, space)
            if names is _CHECK and space.get("check") is self.check:
                continue
            self.tidy(number, space)
            for question in self.job["questions"]:
                self.look(question, space, names)
        for question in self.job["questions"]:
            self.look(question, space, None)
        self.say({"done": True})

    def cell(self, number: int, text: str, space: dict[str, Any]) -> Set[str]:
        """Run one cell; return the names that it uses."""
        names: Set[str] = set()
        try:
            code = _compiled(text, f"<cell {number + 1}>")
            names = _used(text, code)
            if code.co_flags & _COROUTINE:
                import asyncio

                asyncio.run(eval(code, space))
            else:
                exec(code, space)
            told = ""
        except BaseException as problem:
            told = _told(problem)
        if told:
            self.reader.guard.restore()
            self.say({"failed": [number, told]})
            self.exhausted()
        return names

    def exhausted(self) -> None:
        """End here if a failed cell holds on to what the others need: they run again without it."""
        try:
            self.close(self.dup(self.out))
            self.map(-1, _SPARE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
            disk = self.statvfs(self.here)
            full = self.alone and (disk.f_bavail == 0 or disk.f_favail == 0)
        except (OSError, MemoryError, ValueError):
            full = True
        if full:
            self.leave(1)

    def tidy(self, number: int, space: dict[str, Any]) -> None:
        """Put back what the next cell and the reading rely on."""
        if self.getpid() != self.pid:
            # A fork of us: only one process goes on with the notebook.
            self.leave(0)
        self.settrace(None)
        self.setprofile(None)
        self.setdepth(self.depth)
        self.alarm(0)
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            self.timer(timer, 0)
        for kind, handler in self.handlers.items():
            self.signal(kind, handler)
        del self.callbacks[:]
        if self.reader.guard.restore():
            self.say({"patched": number})
        for name, value in self.given.items():
            dict.setdefault(space, name, value)
        space["__builtins__"] = builtins
        for name, value in self.environment.items():
            if os.environ.get(name) != value:
                os.environ[name] = value
        self.chdir(self.here)
        if self.alone:
            # In a pid namespace of our own: whatever else runs there was left by this cell.
            with suppress(OSError):
                self.kill(-1, signal.SIGKILL)
        count = len(self.frames())
        if count > self.left:
            self.say({"left": number})
        self.left = count

    def look(self, question: dict[str, Any], space: dict[str, Any], names: Set[str] | None) -> None:
        """Read one answer if it may have changed since it was read last."""
        name, variable = question["id"], question["variable"]
        value = dict.get(space, variable, ...)
        if value is ... or name in self.job["unread"]:
            if names is None and name not in self.sent:
                self.say({"blank": name})
            return
        if name in self.held and self.held[name] is value:
            # The same object: it may have changed inside.
            if names is not None:
                if variable in names:
                    self.stale.add(name)
                if variable not in names or _costly(value):
                    return
            elif _costly(value) and name not in self.stale:
                return
        self.stale.discard(name)
        self.held[name] = value
        self.say({"read": name})
        answer = self.reader.answers.plain(value, question["inputs"])  # type: ignore[attr-defined]
        self.reader.guard.restore()
        if self.getpid() != self.pid:
            self.leave(0)
        text = self.reader.encode(answer)
        if self.sent.get(name) != text:
            self.sent[name] = text
            self.say({"answer": [name, answer]})


def _costly(value: Any) -> bool:
    """Whether an object is read again at the end only, if it stayed the same object."""
    return type(value).__module__.split(".")[0] == "altair"


def _told(problem: BaseException) -> str:
    try:
        kind = str(type.__getattribute__(type(problem), "__name__"))[:60]
        line = ""
        if isinstance(problem, SyntaxError):
            return f"{kind}: {problem.msg} (line {problem.lineno})"[:300]
        trace = problem.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.startswith("<cell "):
                line = f" (line {trace.tb_lineno})"
            trace = trace.tb_next
        return f"{kind}: {str(problem)[:200]}{line}"
    except BaseException:
        return "an error that could not be read"


def main(reader: Reader, job_file: int, out: int, alone: bool) -> None:
    """Run the job that a file holds; never returns.

    Parameters
    ----------
    reader
        Made in the warm process.
    job_file
        A descriptor: ``before``, ``cells``, ``skip``, ``unread``, ``questions``, as JSON.
    out
        The pipe for what is said.
    alone
        Whether this process stands in a pid namespace of its own.
    """
    leave = os._exit
    with os.fdopen(job_file, "rb") as file:
        job = json.loads(file.read())
    random.seed(0)
    sys.modules["numpy"].random.seed(0)
    threading.excepthook = lambda *_: None
    run = Run(reader, job, out, alone)
    try:
        run.all()
    except BaseException as problem:
        run.say({"broken": f"{type(problem).__name__}: {problem}"[:200]})
    finally:
        leave(0)
