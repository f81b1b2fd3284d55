"""Points and hints from plain answers: the trusted half of grading.

No student code runs here, and nothing here knows where an answer came from. What a check cell says
in the notebook is what this says, because both compare the same canonical form; only a function is
compared on more inputs here than there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paths_abroad.exercises.answers import read
from paths_abroad.exercises.source import ExerciseSet, Question
from paths_abroad.exercises.variants import Expected, Reference, spec_of


@dataclass(frozen=True)
class Mark:
    """What one answer earned, and why.

    Parameters
    ----------
    question
        Its id.
    points, out_of
        Earned and possible.
    status
        right, wrong, mistake (a typical one), blank, missing or unreadable.
    reads
        How the answer was read, abbreviated.
    hint
        What to tell the student; never the answer.
    """

    question: str
    points: float
    out_of: float
    status: str
    reads: str = ""
    hint: str = ""


def mark(question: Question, expected: Expected, answers: Mapping[str, Any]) -> Mark:
    """Mark one question.

    Parameters
    ----------
    question
        The question.
    expected
        Its reference in the student's variant.
    answers
        Plain answers by question id; for a function ``{"results": [...]}`` on ``expected.inputs``.

    Returns
    -------
    Mark
        Full points or none.
    """
    out_of = question.points
    if question.id not in answers:
        return Mark(question.id, 0, out_of, "missing", hint="No answer was found.")
    answer = answers[question.id]
    if question.kind == "function" and _results(answer) not in (None, len(expected.inputs or ())):
        return Mark(question.id, 0, out_of, "unreadable", hint="Some inputs gave no result.")
    reading = read(answer, spec_of(question))
    if reading.blank:
        return Mark(question.id, 0, out_of, "blank", hint="Nothing was answered.")
    if reading.canonical is None:
        return Mark(question.id, 0, out_of, "unreadable", hint=reading.note)
    if reading.canonical in expected.right:
        return Mark(question.id, out_of, out_of, "right", reading.shown)
    for canonical, hint in expected.mistakes:
        if canonical == reading.canonical:
            return Mark(question.id, 0, out_of, "mistake", reading.shown, hint)
    return Mark(question.id, 0, out_of, "wrong", reading.shown)


def score(exercises: ExerciseSet, reference: Reference, answers: Mapping[str, Any]) -> list[Mark]:
    """Mark all questions of a set.

    Parameters
    ----------
    exercises
        The set.
    reference
        The reference answers of the student's variant, from `variants.run`.
    answers
        Plain answers by question id.

    Returns
    -------
    list of Mark
        One a question, in the set's order. The memo is marked by hand and is not among them.

    Raises
    ------
    ValueError
        If the reference belongs to another set.
    """
    if reference.slug != exercises.slug:
        raise ValueError(f"a reference of {reference.slug!r} cannot mark {exercises.slug!r}")
    return [mark(q, reference.expected[q.id], answers) for q in exercises.questions]


def _results(answer: Any) -> int | None:
    if isinstance(answer, dict) and isinstance(answer.get("results"), list):
        return len(answer["results"])
    return None
