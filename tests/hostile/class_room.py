"""A class for tests: a course, assigned notebooks, and ways to fill them in."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from paths_abroad.grading import assign, course, library
from paths_abroad.grading.roster import Student

ROOT = Path(__file__).parents[2]
SLUG = "xiaomi"


@dataclass
class Paper:
    """A notebook while a student works on it."""

    document: dict
    raw: bytes | None = None
    name: str = ""
    extra: dict[str, bytes] = field(default_factory=dict)

    @property
    def cells(self) -> list[dict]:
        return self.document["cells"]

    def find(self, name: str) -> int:
        return next(i for i, cell in enumerate(self.cells) if cell["id"] == name)

    def code(self, text: str) -> dict:
        return {
            "cell_type": "code",
            "id": f"extra-{len(self.cells)}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": text,
        }

    def answer(self, number: int, text: str) -> None:
        """Replace the answer of a question."""
        self.cells[self.find(f"{SLUG}-{number}-answer")]["source"] = text

    def before(self, number: int, text: str) -> None:
        """Put a cell before a question's answer."""
        self.cells.insert(self.find(f"{SLUG}-{number}-answer"), self.code(text))

    def after(self, number: int, text: str) -> None:
        """Put a cell after a question's check."""
        self.cells.insert(self.find(f"{SLUG}-{number}-check") + 1, self.code(text))

    def first(self, text: str) -> None:
        """Put a cell before all others."""
        self.cells.insert(0, self.code(text))

    def last(self, text: str) -> None:
        """Put a cell after all others."""
        self.cells.append(self.code(text))

    def data(self) -> bytes:
        return self.raw if self.raw is not None else json.dumps(self.document).encode()


class Classroom:
    """A course in a folder of its own, with one student for each name."""

    def __init__(self, folder: Path, students: list[Student], variant: str | None = "a") -> None:
        self.folder = folder
        self.course = course.open_course(folder / ".course", make=True)
        self.library = library.Library(ROOT / "exercises")
        self.set = self.library.set(SLUG)
        self.students = students
        self.assigned = folder / "assigned"
        assign.assign([self.set], students, self.course, self.assigned, class_variant=variant)
        self.submissions = folder / "submissions"
        self.submissions.mkdir()
        self.solutions = {c.id: c.text for c in self.set.cells if c.role == "answer"}
        self.questions = [q.id for q in self.set.questions]

    def path(self, student: str) -> Path:
        return next((self.assigned / "students").glob(f"*/{SLUG}-{student}.ipynb"))

    def paper(self, student: str, solved: bool = True) -> Paper:
        """A student's notebook, solved or blank."""
        document = json.loads(self.path(student).read_text(encoding="utf-8"))
        for cell in document["cells"]:
            cell["source"] = "".join(cell["source"])
            if solved:
                cell["source"] = self.solutions.get(cell["id"], cell["source"])
        return Paper(document, name=self.path(student).name)

    def hand_in(self, paper: Paper, name: str = "") -> Path:
        path = self.submissions / (name or paper.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(paper.data())
        return path


Edit = Callable[[Paper], None]
