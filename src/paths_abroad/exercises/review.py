"""What the format cannot tell: whether every variant works and every question is fair.

Used by ``paths-abroad check exercises`` and by the tests, so that an author meets here what CI
would say.
"""

from __future__ import annotations

from paths_abroad.exercises.answers import boundary_distance
from paths_abroad.exercises.source import PUBLIC, ExerciseSet, SourceError
from paths_abroad.exercises.variants import Expected, Reference, run, spec_of

MARGIN = 0.03
"""How near, in parts of the grid, a reference may lie to where its rounding changes."""


def problems(exercises: ExerciseSet, references: dict[str, Reference] | None = None) -> list[str]:
    """Run every variant of a set and say what is wrong, one line each.

    Parameters
    ----------
    exercises
        A loaded set.
    references
        Its references by variant, where they have been run already.
    """
    found: list[str] = []
    if references is None:
        references = {}
        for variant in exercises.variants:
            try:
                references[variant] = run(exercises, variant)
            except SourceError as problem:
                found.append(str(problem))
    public = references.get(PUBLIC)
    for variant, reference in references.items():
        for question in exercises.questions:
            expected = reference.expected[question.id]
            where = f"{exercises.path.name}:{question.line}: {question.id}, variant {variant!r}"
            found += [f"{where}: {what}" for what in _unfair(expected)]
            numbers = _numbers(expected.answer) if question.kind != "chart" else []
            tolerance = spec_of(question).tolerance
            for number in numbers:
                if boundary_distance(number, tolerance) < MARGIN:
                    found.append(
                        f"{where}: {number:.6g} lies where its rounding changes; "
                        "choose another tolerance or period"
                    )
            if public and variant != PUBLIC:
                same = set(expected.right) & set(public.expected[question.id].right)
                if same:
                    found.append(f"{where}: the answer is the same as in the public variant")
    return found


def _unfair(expected: Expected) -> list[str]:
    """Mistakes that a check could not tell from the right answer, or from each other."""
    found = []
    for right, listed, where in (
        (expected.right, expected.mistakes, "after hand-in"),
        (expected.checked, expected.checked_mistakes, "in the check"),
    ):
        seen: dict[str, str] = {}
        for canonical, hint in listed:
            if canonical in right:
                found.append(f"the mistake {hint[:40]!r} counts as right {where}")
            elif canonical in seen:
                found.append(f"{hint[:40]!r} and {seen[canonical][:40]!r} are the same {where}")
            seen[canonical] = hint
    if not expected.mistakes:
        found.append("no typical mistake is listed: mistakes(...)")
    return list(dict.fromkeys(found))


def _numbers(answer: object) -> list[float]:
    """All numbers with a fraction in a plain answer."""
    if isinstance(answer, bool):
        return []
    if isinstance(answer, int | float):
        return [float(answer)]
    if isinstance(answer, list):
        return [number for item in answer for number in _numbers(item)]
    if isinstance(answer, dict):
        return [number for item in answer.values() for number in _numbers(item)]
    return []
