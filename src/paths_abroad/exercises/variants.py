"""Variants: the same questions on another year, quarter or rival, and their answers.

The answers of a variant are made by running the instructor's notebook with its parameters. Nothing
is stored: an edit of the ledger or of a solution shows at the next run.
"""

from __future__ import annotations

import contextlib
import io
import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from paths_abroad.exercises.answers import Reading, Spec, plain, read
from paths_abroad.exercises.check import Recording, argument_lists, recording
from paths_abroad.exercises.source import PUBLIC, ExerciseSet, Question, SourceError


@dataclass(frozen=True)
class Expected:
    """What is right and what is typically wrong in one question of one variant.

    Parameters
    ----------
    question
        Its id.
    right
        Canonical forms that earn full marks; the solution's comes first.
    mistakes
        (canonical form, hint) of the typical mistakes.
    inputs
        For a function: the argument lists it is called with in grading, examples first.
    checked
        For a function: the canonical forms on the examples alone, which a check cell sees, in the
        same order as ``right``; otherwise the same as ``right``.
    checked_mistakes
        As ``mistakes``, on the examples alone.
    answer
        The solution's answer as plain JSON.
    """

    question: str
    right: tuple[str, ...]
    mistakes: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[Any, ...], ...] | None = None
    checked: tuple[str, ...] = ()
    checked_mistakes: tuple[tuple[str, str], ...] = ()
    answer: Any = None


@dataclass(frozen=True)
class Reference:
    """The reference answers of one variant; plain data, so that it can be kept as JSON.

    Parameters
    ----------
    slug, version, variant
        Which set, which text of it, which variant.
    parameters
        The variant's parameters.
    expected
        Per question id.
    """

    slug: str
    version: str
    variant: str
    parameters: Mapping[str, Any]
    expected: Mapping[str, Expected] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The reference as plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reference:
        """Read a reference back from what `as_json` gave."""
        expected = {}
        for name, entry in data["expected"].items():
            pairs = {
                key: tuple((form, hint) for form, hint in entry[key])
                for key in ("mistakes", "checked_mistakes")
            }
            inputs = entry["inputs"]
            expected[name] = Expected(
                question=entry["question"],
                right=tuple(entry["right"]),
                checked=tuple(entry["checked"]),
                inputs=None if inputs is None else tuple(tuple(item) for item in inputs),
                answer=entry["answer"],
                **pairs,
            )
        return cls(
            data["slug"], data["version"], data["variant"], dict(data["parameters"]), expected
        )


def spec_of(question: Question) -> Spec:
    """How a question is read, from the arguments of its check."""
    arguments = dict(question.arguments)
    return Spec(
        kind=question.kind,
        tolerance=float(arguments.get("tolerance", 0.0)),
        options=tuple(map(str, arguments.get("options", ()))),
        columns=tuple(map(str, arguments.get("columns", ()))),
        ordered=bool(arguments.get("ordered", False)),
        examples=tuple(tuple(item) for item in argument_lists(arguments.get("examples", ()))),
    )


def run(exercises: ExerciseSet, variant: str = PUBLIC) -> Reference:
    """Run the instructor's notebook with a variant's parameters and gather its answers.

    Only the set's own cells run, in this process and in a namespace of their own; no student's
    code ever does.

    Parameters
    ----------
    exercises
        A loaded set.
    variant
        One of its variants.

    Returns
    -------
    Reference
        What is right and what is typically wrong.

    Raises
    ------
    SourceError
        If the variant is unknown, a cell fails, or an answer of the solution cannot be read.
    """
    said = rehearse(exercises, variant)
    expected = {q.id: _expected(exercises, variant, q, said) for q in exercises.questions}
    parameters = dict(exercises.variants[variant])
    return Reference(exercises.slug, exercises.version, variant, parameters, expected)


def rehearse(exercises: ExerciseSet, variant: str = PUBLIC) -> Recording:
    """Run the instructor's cells with a variant's parameters; return what they said.

    Parameters and errors are those of `run`, which turns this into a reference.
    """
    if variant not in exercises.variants:
        known = ", ".join(exercises.variants)
        raise SourceError(f"{exercises.path.name}: no variant {variant!r}; there are {known}")
    parameters = exercises.variants[variant]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with recording() as said, contextlib.redirect_stdout(io.StringIO()):
        for cell in exercises.cells:
            if cell.kind != "code":
                continue
            where = f"{exercises.path.name}:{cell.line}"
            try:
                exec(compile(cell.text, where, "exec"), namespace)
            except Exception as problem:
                raise SourceError(_failure(exercises, variant, cell.line, problem)) from problem
            if cell.role == "parameters":
                namespace.update(parameters)
    return said


def _failure(exercises: ExerciseSet, variant: str, line: int, problem: Exception) -> str:
    frames = traceback.extract_tb(problem.__traceback__)
    inside = [frame for frame in frames if frame.filename.startswith(exercises.path.name)]
    at = line + inside[-1].lineno if inside and inside[-1].lineno else line
    kind = type(problem).__name__
    return f"{exercises.path.name}:{at}: variant {variant!r} fails: {kind}: {problem}"


def _expected(
    exercises: ExerciseSet, variant: str, question: Question, said: Recording
) -> Expected:
    spec = spec_of(question)
    where = f"{exercises.path.name}:{question.line}: {question.id}, variant {variant!r}"

    def form(answer: Any, what: str) -> str:
        reading: Reading = read(answer, spec)
        if reading.canonical is None:
            why = reading.note or "it is blank"
            raise SourceError(f"{where}: {what} cannot be read: {why}")
        return reading.canonical

    hints = [hint for hint, _ in said.mistakes.get(question.id, [])]
    if question.kind != "function":
        answer = said.answers[question.id]
        answers = [answer, *said.accepted.get(question.id, [])]
        right = tuple(form(item, "the solution") for item in answers)
        wrong = [
            form(item, f"the mistake {hint!r}") for hint, item in said.mistakes.get(question.id, [])
        ]
        mistakes = tuple(zip(wrong, hints, strict=True))
        return Expected(question.id, right, mistakes, None, right, mistakes, answer)

    if not said.inputs.get(question.id):
        raise SourceError(f"{where}: a function needs hidden inputs: hidden({question.id!r}, ...)")
    examples = [list(item) for item in spec.examples]
    inputs = [*examples, *said.inputs[question.id]]
    solution, wrongs = said.functions[question.id], said.wrong_functions.get(question.id, [])
    answer = plain(solution, inputs)
    return Expected(
        question.id,
        (form(answer, "the solution"),),
        tuple(
            (form(plain(wrong, inputs), f"the mistake {hint!r}"), hint)
            for wrong, hint in zip(wrongs, hints, strict=True)
        ),
        tuple(tuple(item) for item in inputs),
        (form(plain(solution, examples), "the solution"),),
        tuple(
            (form(plain(wrong, examples), f"the mistake {hint!r}"), hint)
            for wrong, hint in zip(wrongs, hints, strict=True)
        ),
        answer,
    )
