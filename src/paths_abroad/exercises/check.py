"""What a check cell calls: it says how an answer is read, and whether it is right.

Nothing here can raise because of an answer, so that *Run All* always runs all.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from paths_abroad.exercises import keys as _keys
from paths_abroad.exercises.answers import KINDS, Reading, Spec, plain, read

_WIDTH = 88


@dataclass
class Recording:
    """What the cells of an instructor's notebook said, gathered instead of printed.

    Parameters
    ----------
    answers
        Per question: the solution's answer as plain JSON (for a function: on the examples).
    accepted
        Per question: further answers that are right, as plain JSON.
    mistakes
        Per question: (hint, wrong answer as plain JSON).
    functions, wrong_functions
        For functions, the objects themselves, to be called on the hidden inputs.
    inputs
        Per function question: hidden inputs, each a list of arguments.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    accepted: dict[str, list[Any]] = field(default_factory=dict)
    mistakes: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    functions: dict[str, Any] = field(default_factory=dict)
    wrong_functions: dict[str, list[Any]] = field(default_factory=dict)
    inputs: dict[str, list[list[Any]]] = field(default_factory=dict)


class _State:
    """What the notebook of this process has said so far."""

    keys: _keys.Keys | None = None
    specs: dict[str, Spec] = {}  # noqa: RUF012
    readings: dict[str, Reading] = {}  # noqa: RUF012
    recording: Recording | None = None


@contextmanager
def recording() -> Iterator[Recording]:
    """Gather what the cells say instead of printing it; used to run an instructor's notebook."""
    before = (_State.keys, _State.specs, _State.readings, _State.recording)
    gathered = Recording()
    _State.keys, _State.specs, _State.readings, _State.recording = None, {}, {}, gathered
    try:
        yield gathered
    finally:
        _State.keys, _State.specs, _State.readings, _State.recording = before


def argument_lists(inputs: Sequence[Any]) -> list[list[Any]]:
    """Inputs of a function as lists of arguments: a tuple is several arguments, all else is one."""
    return [list(item) if isinstance(item, tuple) else [item] for item in inputs]


def exercise(slug: str, keys: str = "") -> None:
    """Open an exercise set; the notebook's first cell calls it.

    Parameters
    ----------
    slug
        The exercise set, for example ``"xiaomi"``.
    keys
        The keys that came with the notebook. Without them checks say only how answers are read.
    """
    _State.keys = None
    if _State.recording is not None:
        return
    if not keys:
        print(f"Exercises {slug!r}. No keys here: checks show how each answer is read.")
        return
    try:
        _State.keys = _keys.load(keys)
    except Exception as problem:
        print(f"Exercises {slug!r}: {problem}. Checks will only show how each answer is read.")
        return
    # A deleted answer cell is a blank, not a NameError that stops the run.
    caller = inspect.currentframe()
    caller = caller.f_back if caller else None
    if caller is not None:
        for name in _State.keys.names:
            caller.f_globals.setdefault(name, ...)
    count = len(_State.keys.questions)
    print(f"Exercises {slug!r}, variant {_State.keys.variant!r}: {count} questions can be checked.")


def check(
    question: str,
    value: Any = None,
    *,
    points: float = 1,
    kind: str = "number",
    tolerance: float = 0.0,
    options: Sequence[str] = (),
    columns: Sequence[str] = (),
    ordered: bool = False,
    examples: Sequence[Any] = (),
) -> None:
    """Say how an answer is read and, where there is a key, whether it is right; never raises.

    Parameters
    ----------
    question
        The question's id, for example ``"xiaomi-1"``.
    value
        The answer.
    points
        What the question is worth.
    kind
        number, choice, ranking, set, text, table, function, chart or judgement.
    tolerance
        For numbers, in tables and in results of functions too: half the grid on which they are
        rounded; 0.005 means two decimals.
    options
        The names among which to choose.
    columns, ordered
        For a table: the columns compared, and whether the order of rows counts.
    examples
        For a function: inputs on which it is tried here; more are tried after hand-in.
    """
    try:
        _check(
            str(question),
            value,
            points,
            Spec(
                kind=kind if kind in KINDS else "text",
                tolerance=float(tolerance),
                options=tuple(map(str, options)),
                columns=tuple(map(str, columns)),
                ordered=bool(ordered),
                examples=tuple(tuple(item) for item in argument_lists(examples)),
            ),
        )
    except KeyboardInterrupt:
        raise
    except BaseException as problem:
        print(f"{question}: this check could not finish ({type(problem).__name__}). Go on.")


def _check(question: str, value: Any, points: float, spec: Spec) -> None:
    inputs = spec.examples if spec.kind == "function" else None
    answer = plain(value, inputs)
    if _State.recording is not None:
        _State.recording.answers[question] = answer
        if spec.kind == "function":
            _State.recording.functions[question] = value
        return
    reading = read(answer, spec)
    _State.specs[question], _State.readings[question] = spec, reading
    worth = f"{points:g} point{'' if points == 1 else 's'}"
    if reading.blank:
        _say(f"{question} · {worth} · still blank. Nothing is lost: come back when you like.")
        return
    if reading.canonical is None:
        _say(f"{question} · {worth} · not counted yet.", reading.note)
        return
    said = f"{question} · {worth} · your answer reads: {reading.shown}"
    verdict = _State.keys.verdict(question, reading.canonical) if _State.keys else None
    if verdict is None:
        _say(said)
    elif verdict.right and spec.kind == "function":
        _say(said, "Right on these inputs. More inputs are tried after hand-in.")
    elif verdict.right:
        _say(said, "Right.")
    else:
        _say(said, f"Not right yet. {verdict.hint}".rstrip())


def _say(*paragraphs: str) -> None:
    for paragraph in paragraphs:
        if paragraph:
            print(textwrap.fill(paragraph, _WIDTH, break_long_words=False, break_on_hyphens=False))


# --- the instructor's cells --------------------------------------------------------------------


def accept(question: str, *answers: Any) -> None:
    """Name further answers that are right, in an instructor's cell after the check.

    Parameters
    ----------
    question
        The question's id.
    answers
        Other spellings, or other defensible answers, each worth full marks.
    """
    if _State.recording is not None:
        gathered = [plain(answer) for answer in answers]
        _State.recording.accepted.setdefault(question, []).extend(gathered)
        return
    spec = _spec(question, "accept")
    others = "; ".join(read(plain(answer), spec).shown for answer in answers)
    _say(f"{question} · also right: {others}")


def mistakes(question: str, wrong: Mapping[str, Any]) -> None:
    """List the typical wrong answers, in an instructor's cell after the check.

    Parameters
    ----------
    question
        The question's id.
    wrong
        Hint to wrong answer, the answer computed from the solution where possible. The hint is what
        the student reads: it names the slip and the way on, never the answer. For a function the
        wrong answer is a function.
    """
    if _State.recording is not None:
        functions = _State.recording.wrong_functions.setdefault(question, [])
        listed = _State.recording.mistakes.setdefault(question, [])
        for hint, answer in wrong.items():
            # A wrong function is called later, on all inputs.
            functions.append(answer)
            listed.append((hint, plain(answer)))
        return
    spec, right = _spec(question, "mistakes"), _State.readings.get(question)
    seen = {right.canonical: "the right answer"} if right else {}
    for hint, answer in wrong.items():
        reading = read(plain(answer, spec.examples if spec.kind == "function" else None), spec)
        if reading.canonical is None:
            raise ValueError(f"{question}: this mistake cannot be read as an answer: {hint!r}")
        if reading.canonical in seen:
            raise ValueError(f"{question}: {hint!r} is the same as {seen[reading.canonical]!r}")
        seen[reading.canonical] = hint
        _say(f"{question} · if it reads {reading.shown}: {hint}")


def hidden(question: str, *inputs: Any) -> None:
    """Give the inputs on which a function is tried after hand-in, in an instructor's cell.

    Parameters
    ----------
    question
        The question's id.
    inputs
        Each one argument, or a tuple of several arguments; plain data only.
    """
    if _State.recording is not None:
        _State.recording.inputs[question] = argument_lists(inputs)
        return
    print(f"{question} · {len(inputs)} hidden inputs")


def _spec(question: str, caller: str) -> Spec:
    if question not in _State.specs:
        raise ValueError(f"{caller}({question!r}) must stand after check({question!r}, ...)")
    return _State.specs[question]
