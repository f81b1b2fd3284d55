"""Exercise sets as authors write them: ``exercises/<slug>.md`` read and checked.

See exercises/README.md for the format. Everything wrong is told in one line: file, line, what is
wrong, what is allowed.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from paths_abroad.exercises import prompts
from paths_abroad.exercises.answers import KINDS
from paths_abroad.exercises.check import argument_lists

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PUBLIC = "public"
"""The variant whose parameters stand in the source itself."""

_WORTH = re.compile(
    r"^\*(?P<points>\d+) points?, (?P<minutes>\d+) minutes(?P<hand>, marked by hand)?\*$", re.M
)
_HEADING = re.compile(r"^## (?P<title>.+?)\s*$", re.M)
_TAGS = {"parameters", "setup", "instructor", "memo", "hide-input", "hide-cell"}
_CHECK_WORDS = {"points", "kind", "tolerance", "options", "columns", "ordered", "examples"}


class SourceError(ValueError):
    """An exercise source that cannot be used; the message names file, line and remedy."""


@dataclass(frozen=True)
class Cell:
    """One cell of a source.

    Parameters
    ----------
    kind
        ``"markdown"`` or ``"code"``.
    text
        Its content, without fences.
    line
        Where it begins in the file, counted from 1.
    tags
        Its tags.
    role
        What it is for: setup, parameters, prompt, data, answer, check, instructor, memo or text.
    id
        A stable id, made of the question and the role.
    """

    kind: str
    text: str
    line: int
    tags: tuple[str, ...] = ()
    role: str = "text"
    id: str = ""


@dataclass(frozen=True)
class Question:
    """One question.

    Parameters
    ----------
    id
        For example ``"xiaomi-1"``.
    kind
        One of `answers.KINDS`.
    points, minutes
        What it is worth and how long it takes.
    title, prompt
        Its heading and its text, in Markdown.
    variable
        The name under which the answer stands in the notebook.
    arguments
        The literal keyword arguments of its `check`.
    line
        Where it begins in the file.
    """

    id: str
    kind: str
    points: float
    minutes: int
    title: str
    prompt: str
    variable: str
    arguments: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class Memo:
    """The memo that closes a set: written, marked by hand with a rubric.

    Parameters
    ----------
    id
        For example ``"xiaomi-memo"``.
    points, minutes
        What it is worth and how long it takes.
    title, prompt
        Its heading and its text, rubric included.
    rubric
        Rows of the rubric: criterion, then what each level looks like.
    levels
        Heads of the rubric's columns after the first.
    """

    id: str
    points: float
    minutes: int
    title: str
    prompt: str
    levels: tuple[str, ...]
    rubric: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ExerciseSet:
    """An exercise set as it was written.

    Parameters
    ----------
    slug, title, minutes, level
        From the front matter.
    variants
        Name to parameters. ``public`` holds those of the source's own parameters cell.
    questions
        In order.
    memo
        The memo, if the set has one.
    cells
        All cells, in order.
    version
        Twelve characters that change with the source.
    path
        The file.
    """

    slug: str
    title: str
    minutes: int
    level: str
    variants: Mapping[str, Mapping[str, Any]]
    questions: tuple[Question, ...]
    memo: Memo | None
    cells: tuple[Cell, ...]
    version: str
    path: Path
    head: Mapping[str, Any] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """Points of the questions together, the memo apart: it is marked by hand."""
        return sum(question.points for question in self.questions)

    def question(self, name: str) -> Question:
        """Return the question of this id."""
        for question in self.questions:
            if question.id == name:
                return question
        raise KeyError(f"{self.slug} has no question {name!r}")


def load(path: Path | str) -> ExerciseSet:
    """Read and check an exercise set.

    Parameters
    ----------
    path
        ``exercises/<slug>.md``, a jupytext MyST notebook.

    Returns
    -------
    ExerciseSet
        With at least one question.

    Raises
    ------
    SourceError
        With all that is wrong, one line each.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file")
    text = path.read_text(encoding="utf-8")
    return _Reader(path, text).exercise_set()


def without_solution(text: str) -> str:
    """A cell without what stands between the solution's markers; the scaffold stays."""
    kept, inside = [], False
    for line in text.splitlines():
        marker = line.strip()
        if marker == BEGIN:
            inside = True
        elif marker == END:
            inside = False
        elif not inside:
            kept.append(line)
    return "\n".join(kept).strip("\n")


class _Reader:
    """Reads one file, gathering what is wrong instead of stopping at the first."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.problems: list[str] = []

    def wrong(self, line: int, what: str) -> None:
        self.problems.append(f"{self.path.name}:{line}: {what}")

    def stop_if_wrong(self) -> None:
        if self.problems:
            raise SourceError("\n".join(self.problems))

    def exercise_set(self) -> ExerciseSet:
        notebook = self.notebook()
        head = self.front_matter(notebook)
        self.stop_if_wrong()
        slug = head["slug"]
        cells = self.cells(notebook, slug)
        self.stop_if_wrong()
        questions, memo = self.questions(cells, slug)
        variants = self.variants(head, cells)
        total = sum(question.minutes for question in questions) + (memo.minutes if memo else 0)
        if total != head["minutes"]:
            self.wrong(1, f"minutes is {head['minutes']}, but the questions add up to {total}")
        if not questions:
            self.wrong(1, f"there is no question: a cell that calls check('{slug}-1', q1, ...)")
        self.stop_if_wrong()
        return ExerciseSet(
            slug=slug,
            title=head["title"],
            minutes=head["minutes"],
            level=head["level"],
            variants=variants,
            questions=tuple(questions),
            memo=memo,
            cells=tuple(cells),
            version=hashlib.sha256(self.text.encode()).hexdigest()[:12],
            path=self.path,
            head=head,
        )

    def notebook(self) -> Any:
        from jupytext.myst import myst_to_notebook

        try:
            return myst_to_notebook(self.text, add_source_map=True)
        except Exception as problem:
            first = (str(problem).splitlines() or ["?"])[0]
            raise SourceError(f"{self.path.name}: not a MyST notebook: {first}") from problem

    def front_matter(self, notebook: Any) -> dict[str, Any]:
        head = notebook.metadata.get("exercise")
        if not isinstance(head, Mapping):
            self.wrong(1, "the front matter has no 'exercise:' with slug, title, minutes, level")
            return {}
        head = dict(head)
        shapes = {"slug": str, "title": str, "minutes": int, "level": str, "variants": Mapping}
        for name, shape in shapes.items():
            if not isinstance(head.get(name), shape):
                what = "names and parameters" if shape is Mapping else f"a {shape.__name__}"
                self.wrong(1, f"exercise.{name} is missing or not {what}")
        for name in sorted(set(head) - set(shapes)):
            self.wrong(1, f"exercise.{name} is not known; allowed: {', '.join(shapes)}")
        if isinstance(head.get("slug"), str) and head["slug"] != self.path.stem:
            self.wrong(1, f"exercise.slug is {head['slug']!r}, the file is {self.path.name}")
        kept = notebook.metadata.get("jupytext", {}).get("notebook_metadata_filter", "")
        if "exercise" not in str(kept).split(","):
            self.wrong(
                1,
                "the front matter needs jupytext.notebook_metadata_filter: exercise; "
                "without it JupyterLab drops the variants on saving",
            )
        if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
            self.wrong(1, "the front matter needs kernelspec.name: python3")
        return head

    # --- cells ---

    def cells(self, notebook: Any, slug: str) -> list[Cell]:
        lines = notebook.metadata.get("source_map") or [0] * len(notebook.cells)
        raw = [
            Cell(
                kind=cell.cell_type,
                text=cell.source,
                line=int(line) + 1,
                tags=tuple(cell.metadata.get("tags", ())),
            )
            for cell, line in zip(notebook.cells, lines, strict=True)
        ]
        for cell in raw:
            for tag in cell.tags:
                if tag not in _TAGS:
                    allowed = ", ".join(sorted(_TAGS))
                    self.wrong(cell.line, f"the tag {tag!r} is not known; allowed: {allowed}")
            if cell.kind == "code" and "instructor" not in cell.tags:
                self.markers(cell)
        return self.roles(raw, slug)

    def markers(self, cell: Cell) -> None:
        marks = [line.strip() for line in cell.text.splitlines()]
        marks = [mark for mark in marks if mark in (BEGIN, END)]
        if marks != [BEGIN, END] * (len(marks) // 2):
            self.wrong(cell.line, f"{BEGIN} and {END} must come in pairs, in this order")
        elif "SOLUTION" in without_solution(cell.text):
            self.wrong(cell.line, f"a solution is marked exactly by {BEGIN} and {END}")

    def roles(self, raw: list[Cell], slug: str) -> list[Cell]:
        """Say what each cell is for, and give it an id that does not change when others do."""
        cells: list[Cell] = []
        seen: dict[str, int] = {}
        for section in _sections(raw):
            owner = _owner(section, slug)
            for cell in section:
                role = _role(cell, owner)
                stem = f"{owner or slug}-{role}"
                seen[stem] = seen.get(stem, 0) + 1
                name = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
                cells.append(replace(cell, role=role, id=name))
        for role in ("setup", "parameters"):
            found = [cell for cell in cells if cell.role == role]
            if len(found) != 1:
                self.wrong(
                    found[1].line if found else 1,
                    f"one code cell must have the tag {role!r}; there are {len(found)}",
                )
        return cells

    # --- questions ---

    def questions(self, cells: list[Cell], slug: str) -> tuple[list[Question], Memo | None]:
        questions: list[Question] = []
        memo = None
        for section in _sections(cells):
            if any(cell.role == "memo" for cell in section):
                memo = self.memo(section, slug)
            elif any(cell.role == "check" for cell in section):
                question = self.question(section, slug)
                if question:
                    if question.id in {other.id for other in questions}:
                        self.wrong(question.line, f"{question.id} is asked twice")
                    questions.append(question)
        names = [question.variable for question in questions]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.wrong(1, f"two questions look for their answer under the name {name!r}")
        return questions, memo

    def heading(self, section: list[Cell]) -> tuple[str, int, int, str] | None:
        first = section[0]
        title = _HEADING.search(first.text)
        worth = _WORTH.search(first.text)
        if not title or not worth:
            self.wrong(first.line, "below its heading a question says: *2 points, 6 minutes*")
            return None
        prompt = first.text[worth.end() :].strip()
        rest = [c.text for c in section[1:] if c.role == "prompt"]
        prompt = "\n\n".join([prompt, *rest]).strip()
        return title["title"], int(worth["points"]), int(worth["minutes"]), prompt

    def question(self, section: list[Cell], slug: str) -> Question | None:
        checks = [cell for cell in section if cell.role == "check"]
        told = self.heading(section)
        if len(checks) > 1:
            self.wrong(checks[1].line, "one question has one check; this is its second")
        parsed = self.check_call(checks[0], slug)
        if told is None or parsed is None:
            return None
        title, points, minutes, prompt = told
        name, variable, arguments = parsed
        if arguments.get("points", 1) != points:
            self.wrong(
                checks[0].line,
                f"points={arguments.get('points', 1)} here, {points} points below the heading",
            )
        answers = [cell for cell in section if cell.role == "answer"]
        if not answers:
            self.wrong(section[0].line, f"{name} has no cell with {BEGIN} ... {END}")
        scaffold = "\n".join(without_solution(cell.text) for cell in answers)
        try:
            defined = _defined(scaffold)
        except SyntaxError as problem:
            self.wrong(answers[0].line, f"without its solution this cell does not run: {problem}")
            defined = {variable}
        if variable not in defined:
            self.wrong(
                answers[0].line if answers else section[0].line,
                f"the scaffold must define {variable} outside the solution: {variable} = ...",
            )
        kind = arguments.get("kind", "number")
        return Question(
            name, kind, points, minutes, title, prompt, variable, arguments, section[0].line
        )

    def check_call(self, cell: Cell, slug: str) -> tuple[str, str, dict[str, Any]] | None:
        tree = ast.parse(cell.text)
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
            self.wrong(cell.line, "a check cell holds its check and nothing else")
            return None
        call = tree.body[0].value
        shape = f"check('{slug}-1', q1, points=2, kind='number', tolerance=0.005)"
        if (
            not isinstance(call, ast.Call)
            or len(call.args) != 2
            or not isinstance(call.args[0], ast.Constant)
            or not isinstance(call.args[1], ast.Name)
        ):
            self.wrong(cell.line, f"a check names its question and one variable: {shape}")
            return None
        name = str(call.args[0].value)
        if not re.fullmatch(rf"{re.escape(slug)}-\d+", name):
            self.wrong(cell.line, f"the question {name!r} must be called {slug}-<number>")
        arguments: dict[str, Any] = {}
        for keyword in call.keywords:
            try:
                arguments[str(keyword.arg)] = ast.literal_eval(keyword.value)
            except ValueError:
                self.wrong(cell.line, f"{keyword.arg} must be written out, not computed")
        for word in sorted(set(arguments) - _CHECK_WORDS):
            self.wrong(cell.line, f"check knows no {word!r}; allowed: {', '.join(_CHECK_WORDS)}")
        kind = arguments.get("kind", "number")
        if kind not in KINDS:
            self.wrong(cell.line, f"kind {kind!r} is not known; allowed: {', '.join(KINDS)}")
        if kind in ("choice", "judgement") and not arguments.get("options"):
            self.wrong(cell.line, f"a {kind} needs options=[...]")
        if kind == "function" and not argument_lists(arguments.get("examples", ())):
            self.wrong(cell.line, "a function needs examples=[...]: inputs that the student sees")
        return name, call.args[1].id, arguments

    def memo(self, section: list[Cell], slug: str) -> Memo | None:
        told = self.heading(section)
        if told is None:
            return None
        title, points, minutes, prompt = told
        table = [line.strip() for line in prompt.splitlines() if line.strip().startswith("|")]
        rows = [tuple(part.strip() for part in line.strip("|").split("|")) for line in table]
        if len(rows) < 4 or len({len(row) for row in rows}) != 1:
            self.wrong(section[0].line, "a memo needs its rubric: a table of criteria and levels")
            return None
        criteria = tuple(rows[2:])
        return Memo(f"{slug}-memo", points, minutes, title, prompt, rows[0][1:], criteria)

    # --- variants ---

    def variants(self, head: Mapping[str, Any], cells: list[Cell]) -> dict[str, Mapping[str, Any]]:
        cell = next(cell for cell in cells if cell.role == "parameters")
        try:
            tree = ast.parse(cell.text)
            public = {
                target.id: ast.literal_eval(node.value)
                for node in tree.body
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
        except (SyntaxError, ValueError):
            self.wrong(cell.line, "the parameters cell holds only lines such as: year = 2016")
            return {}
        variants: dict[str, Mapping[str, Any]] = {PUBLIC: public}
        for name, parameters in head["variants"].items():
            name = str(name)
            if name == PUBLIC:
                self.wrong(1, f"the variant {PUBLIC!r} is the parameters cell itself")
                continue
            for key in public:
                if key not in parameters:
                    self.wrong(1, f"variant {name!r} does not set {key}")
            for key, value in parameters.items():
                if key not in public:
                    known = ", ".join(public)
                    self.wrong(1, f"variant {name!r} sets {key}; the parameters are {known}")
                elif type(value) is not type(public[key]):
                    wanted = type(public[key]).__name__
                    self.wrong(1, f"variant {name!r}: {key} must be a {wanted}, not {value!r}")
            variants[name] = dict(parameters)
        for cell in cells:
            if cell.kind == "markdown":
                for problem in prompts.problems(cell.text, public):
                    self.wrong(cell.line, problem)
        return variants


def _sections(cells: list[Cell]) -> list[list[Cell]]:
    """The cells, cut before each heading of the second level."""
    sections: list[list[Cell]] = [[]]
    for cell in cells:
        if cell.kind == "markdown" and _HEADING.search(cell.text):
            sections.append([])
        sections[-1].append(cell)
    return sections


def _owner(section: list[Cell], slug: str) -> str | None:
    """The question, or the memo, to which a section belongs."""
    if any("memo" in cell.tags for cell in section):
        return f"{slug}-memo"
    return next((name for cell in section if (name := _called(cell))), None)


def _role(cell: Cell, owner: str | None) -> str:
    for tag in ("memo", "parameters", "setup", "instructor"):
        if tag in cell.tags:
            return tag
    if cell.kind == "markdown":
        return "prompt" if owner else "text"
    if _called(cell):
        return "check"
    return "answer" if BEGIN in cell.text else "data"


def _called(cell: Cell) -> str | None:
    """The question a cell checks, or None."""
    if cell.kind != "code":
        return None
    match = re.search(r"^check\(\s*['\"]([\w-]+)['\"]", cell.text, re.M)
    return match[1] if match else None


def _defined(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.FunctionDef):
            names.add(node.name)
    return names
