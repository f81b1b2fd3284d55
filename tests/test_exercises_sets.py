"""Every exercise set, as students, instructors and CI meet it; a new set needs no new test."""

import contextlib
import io
import re
from pathlib import Path

import nbformat
import pytest

from paths_abroad.exercises import keys, pair, release, review, source, variants
from paths_abroad.exercises.answers import plain
from paths_abroad.exercises.score import score

ROOT = Path(__file__).parents[1]
SETS = [path.stem for path in release.sources(ROOT / "exercises")]


class Rehearsed:
    """One set, all its variants run once."""

    def __init__(self, slug: str) -> None:
        self.path = ROOT / "exercises" / f"{slug}.md"
        self.set = source.load(self.path)
        self.said = {name: variants.rehearse(self.set, name) for name in self.set.variants}
        self.references = {name: variants.run(self.set, name) for name in self.set.variants}
        self.student = release.student_notebook(
            self.set, self.references["public"], repository="somebody/somewhere"
        )

    def inputs(self, variant: str, question: str) -> list | None:
        inputs = self.references[variant].expected[question].inputs
        return None if inputs is None else [list(item) for item in inputs]

    def solution(self, variant: str) -> dict:
        """What the solution's cells leave under each question's name, as grading sees it."""
        said = self.said[variant]
        return {
            q.id: plain(said.functions[q.id], self.inputs(variant, q.id))
            if q.kind == "function"
            else said.answers[q.id]
            for q in self.set.questions
        }

    def mistakes(self, variant: str):
        """Each typical mistake as (question, hint, plain answer)."""
        said = self.said[variant]
        for q in self.set.questions:
            for position, (hint, answer) in enumerate(said.mistakes[q.id]):
                if q.kind == "function":
                    wrong = said.wrong_functions[q.id][position]
                    answer = plain(wrong, self.inputs(variant, q.id))
                yield q, hint, answer


@pytest.fixture(scope="module", params=SETS)
def one(request: pytest.FixtureRequest) -> Rehearsed:
    return Rehearsed(request.param)


def run_cells(notebook: nbformat.NotebookNode, replace: dict | None = None) -> dict[str, str]:
    """Run a notebook's cells in order; return what each printed. No cell may raise."""
    namespace: dict = {"__name__": "__main__"}
    printed = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            text = (replace or {}).get(cell.id, cell.source)
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(text, cell.id, "exec"), namespace)
            printed[cell.id] = out.getvalue()
    return printed


def test_there_are_sets():
    assert "xiaomi" in SETS
    assert "README" not in SETS


def test_solution_earns_full_marks_in_every_variant(one):
    for name, reference in one.references.items():
        marks = score(one.set, reference, one.solution(name))
        assert [m for m in marks if m.points != m.out_of or m.status != "right"] == []


def test_blank_earns_nothing(one):
    blank = plain(...)
    answers = {q.id: blank for q in one.set.questions}
    marks = score(one.set, one.references["public"], answers)
    assert {m.status for m in marks} == {"blank"}
    assert sum(m.points for m in marks) == 0
    assert {m.status for m in score(one.set, one.references["public"], {})} == {"missing"}


def test_each_mistake_earns_nothing_and_gets_its_own_hint(one):
    for name, reference in one.references.items():
        for question, hint, answer in one.mistakes(name):
            marks = score(one.set, reference, {question.id: answer})
            [mark] = [m for m in marks if m.question == question.id]
            assert (mark.points, mark.status, mark.hint) == (0, "mistake", hint), name


def test_keys_say_in_the_notebook_what_the_mark_will_say(one):
    public = one.references["public"]
    text = next(c.source for c in one.student.cells if c.id == f"{one.set.slug}-keys")
    locked = keys.load(re.search(r'"""(.*)"""', text, re.S)[1])
    for expected in public.expected.values():
        for canonical in expected.checked:
            assert locked.verdict(expected.question, canonical).right
        for canonical, hint in expected.checked_mistakes:
            verdict = locked.verdict(expected.question, canonical)
            assert (verdict.right, verdict.hint) == (False, hint)
        assert locked.verdict(expected.question, "something else") == keys.Verdict(False)


def test_variants_work_differ_from_the_public_one_and_lie_on_no_boundary(one):
    assert len(one.set.variants) >= 7, "the public variant and six more"
    assert review.problems(one.set, one.references) == []


def test_a_variant_of_one_set_is_not_another_in_disguise(one):
    answers = {
        name: [e.right[0] for e in reference.expected.values()]
        for name, reference in one.references.items()
    }
    assert len({tuple(a) for a in answers.values()}) == len(answers)


def test_all_kinds_are_asked_and_a_memo_is_written(one):
    kinds = {q.kind for q in one.set.questions}
    assert {"number", "text", "table", "function", "chart", "judgement"} <= kinds
    assert kinds & {"choice", "ranking", "set"}
    assert len(one.set.questions) >= 8
    assert one.set.memo is not None
    assert len(one.set.memo.rubric) >= 3
    assert len(one.set.memo.levels) >= 2


def test_hints_help_and_do_not_tell(one):
    for name in one.set.variants:
        reference = one.references[name]
        for question, hint, _ in one.mistakes(name):
            assert len(hint) >= 40, hint
            assert hint.rstrip()[-1] in ".?", hint
            right = reference.expected[question.id].right[0]
            if question.kind == "number" and len(right) > 2:
                assert right not in hint
    for question in one.set.questions:
        assert len(one.said["public"].mistakes[question.id]) >= 2


def test_student_notebook_gives_nothing_away(one):
    text = nbformat.writes(one.student)
    assert "SOLUTION" not in text
    assert "mistakes(" not in text and "hidden(" not in text and "accept(" not in text
    for cell in one.student.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
    for _, hint, _ in one.mistakes("public"):
        assert hint not in text and hint[:40] not in text
    visible = "\n".join(c.source for c in one.student.cells if c.id != f"{one.set.slug}-keys")
    for cell in one.set.cells:
        if source.BEGIN in cell.text:
            inside = cell.text.split(source.BEGIN)[1].split(source.END)[0]
            for line in map(str.strip, inside.splitlines()):
                assert len(line) < 4 or line not in visible, line
    for expected in one.references["public"].expected.values():
        for canonical in expected.right:
            if len(canonical) > 20:
                assert canonical not in text


def test_student_notebook_runs_top_to_bottom_with_blanks_kindly(one):
    printed = run_cells(one.student)
    for question in one.set.questions:
        assert "still blank" in printed[f"{question.id}-check"], question.id


def test_student_notebook_says_right_to_the_solution(one):
    solutions = {c.id: c.text for c in one.set.cells if c.role == "answer"}
    printed = run_cells(one.student, solutions)
    for question in one.set.questions:
        said = printed[f"{question.id}-check"]
        assert "Right" in said, said
        if question.kind == "function":
            assert "after hand-in" in said


def test_deleted_answer_cells_are_blanks(one):
    printed = run_cells(one.student, {c.id: "" for c in one.set.cells if c.role == "answer"})
    for question in one.set.questions:
        assert "still blank" in printed[f"{question.id}-check"]


def test_released_notebook_runs_in_a_real_kernel(tmp_path):
    """IPython gives cells a namespace of its own: deleted answers must be blanks there too."""
    from nbclient import NotebookClient

    path = release.write(ROOT / "exercises" / "xiaomi.md", tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [c for c in notebook.cells if c.id != "xiaomi-4-answer"]
    folder = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=folder).execute()
    said = {
        c.id: "".join(o.get("text", "") for o in c.outputs)
        for c in notebook.cells
        if c.cell_type == "code"
    }
    checks = {name: text for name, text in said.items() if name.endswith("-check")}
    assert len(checks) >= 8
    assert all("still blank" in text for text in checks.values()), checks


def test_student_notebook_is_stable_and_says_what_it_is(one):
    again = release.student_notebook(
        one.set, variants.run(one.set), repository="somebody/somewhere"
    )
    assert nbformat.writes(again) == nbformat.writes(one.student)
    told = one.student.metadata["paths_abroad"]
    assert told == {"exercise": one.set.slug, "version": one.set.version, "variant": "public"}
    assert one.student.metadata.kernelspec.name == "python3"
    identifiers = [cell.id for cell in one.student.cells]
    assert len(set(identifiers)) == len(identifiers)
    assert "{{" not in "".join(c.source for c in one.student.cells if c.cell_type == "markdown")


def test_prompts_and_parameters_follow_the_variant(one):
    name = next(name for name in one.set.variants if name != "public")
    other = release.student_notebook(one.set, one.references[name])
    public = {c.id: c.source for c in one.student.cells}
    changed = {c.id for c in other.cells if public.get(c.id) != c.source}
    assert f"{one.set.slug}-parameters" in changed
    assert f"{one.set.slug}-keys" in changed
    assert [c.source for c in other.cells if c.id.endswith("-check")] == [
        c.source for c in one.student.cells if c.id.endswith("-check")
    ]


def test_student_notebook_imports_only_what_students_have(one):
    allowed = {"altair", "pandas", "paths_abroad", "subprocess", "sys"}
    for cell in one.student.cells:
        if cell.cell_type == "code":
            found = re.findall(r"^\s*(?:import|from)\s+(\w+)", cell.source, re.M)
            assert set(found) <= allowed
            assert "paths_abroad.book" not in cell.source


def test_reference_survives_json(one):
    import json

    for reference in one.references.values():
        text = json.dumps(reference.as_json())
        assert variants.Reference.from_json(json.loads(text)) == variants.Reference.from_json(
            reference.as_json()
        )
        back = variants.Reference.from_json(json.loads(text))
        assert all(m.status == "right" for m in score(one.set, back, one.solution(back.variant)))


def test_pair_is_executed_and_in_step(one):
    assert pair.problems(one.path) == []


def test_pair_that_would_pass_silently_is_caught(one, tmp_path):
    source_file = tmp_path / one.path.name
    source_file.write_text(one.path.read_text(encoding="utf-8"), encoding="utf-8")
    stored = nbformat.read(one.path.with_suffix(".ipynb"), as_version=4)

    def problems_of(change) -> str:
        notebook = nbformat.from_dict(stored)
        notebook = nbformat.reads(nbformat.writes(stored), as_version=4)
        change(notebook)
        nbformat.write(notebook, source_file.with_suffix(".ipynb"))
        return "\n".join(pair.problems(source_file))

    def strip(notebook):
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None

    def forget_count(notebook):
        next(c for c in notebook.cells if c.cell_type == "code").execution_count = None

    def forget_output(notebook):
        next(c for c in notebook.cells if c.source.startswith("check(")).outputs = []

    def edit(notebook):
        next(c for c in notebook.cells if c.cell_type == "markdown").source += " More."

    assert "missing" in "\n".join(pair.problems(source_file))
    assert problems_of(lambda notebook: None) == ""
    assert "never executed" in problems_of(strip)
    assert "never executed" in problems_of(forget_count)
    assert "lost its output" in problems_of(forget_output)
    assert "differs from" in problems_of(edit)
    assert "cells" in problems_of(lambda notebook: notebook.cells.pop())


def test_jupytext_keeps_the_source(one):
    """An instructor may edit the pair in JupyterLab: jupytext must write the same source back."""
    import jupytext

    notebook = jupytext.reads(one.path.read_text(encoding="utf-8"), fmt="md:myst")
    back = jupytext.reads(jupytext.writes(notebook, fmt="md:myst"), fmt="md:myst")
    assert [(c.cell_type, c.source) for c in back.cells] == [
        (c.cell_type, c.source) for c in notebook.cells
    ]
    assert back.metadata["exercise"] == notebook.metadata["exercise"]
