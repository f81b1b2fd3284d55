"""The hostile set, graded as one class: each case costs what it spoils, and nothing else happens.

The set itself is in ``hostile/cases.py``. One student a case; the whole class is graded in one run,
so that a case that spoiled another's would show there too.
"""

import csv
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from hostile.cases import CASES
from hostile.class_room import Classroom
from paths_abroad.grading import grade, jail, processes, supervise
from paths_abroad.grading.roster import Student

CANARY = "canary-7f3a9c51-only-the-instructor-knows"
LIMITS = supervise.Limits(cell=4.0, total=60.0)
MARKS = ("PWNED-BY-STUDENT", "evil.pth", "sitecustomize.py", "usercustomize.py")


class Listener:
    """Counts who calls on this machine's own network."""

    def __init__(self) -> None:
        self.calls = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.calls += 1


class Graded:
    """The whole set, graded once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        others = set(processes.descendants(os.getpid()))
        self.listener = Listener()
        os.environ["PATHS_ABROAD_CANARY"] = CANARY
        (folder / "private.txt").write_text(CANARY, encoding="utf-8")
        self.room = Classroom(folder, [Student(one.name, f"Name {one.name}") for one in CASES])
        places = [
            folder,
            self.room.course.folder,
            self.room.submissions,
            *[p for p in Path.home().iterdir() if p.is_file()][:5],
            self.room.library.set("xiaomi").path,
            Path("/etc/shadow"),
            Path("/proc/1/environ"),
            folder / "private.txt",
        ]
        given = (
            f"PORT = {self.listener.port}\nWANTED = {CANARY[:8]!r}.encode() + "
            f"{CANARY[8:].encode()!r}\nPLACES = {[str(p) for p in places]!r}"
        )
        for one in CASES:
            paper = self.room.paper(one.name)
            one.edit(paper)
            if paper.raw is None and isinstance(paper.document.get("cells"), list):
                paper.first(given)
            if paper.name.startswith("Copy"):
                paper.name = f"some-folder/{paper.name}"
            self.room.hand_in(paper)
        self.out = folder / "results"
        self.summary = grade.grade(
            self.room.submissions,
            self.out,
            self.room.course,
            self.room.library,
            limits=LIMITS,
            jobs=2,
        )
        self.left = set(processes.descendants(os.getpid())) - others
        with (self.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            self.rows = list(csv.DictReader(file))
        self.worth = {q.id: q.points for q in self.room.set.questions}

    def points(self, student: str) -> dict[str, float]:
        return {r["question"]: float(r["points"]) for r in self.rows if r["student"] == student}

    def record(self, student: str) -> dict:
        path = next((self.out / "answers" / "xiaomi").glob(f"{student}-????????.json"))
        return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    return Graded(tmp_path_factory.mktemp("hostile"))


def test_the_set_is_large_and_mixed():
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)
    assert sum(not case.lost for case in CASES) > 20


def test_it_ran_in_the_full_jail(graded):
    assert graded.summary.contained == ""
    assert graded.summary.graded == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_costs_exactly_what_it_spoils(graded, case):
    lost = {f"xiaomi-{number}" for number in case.lost}
    wanted = {name: 0.0 if name in lost else worth for name, worth in graded.worth.items()}
    record = graded.record(case.name)
    assert graded.points(case.name) == wanted, (record["cells"], record["notes"])
    if case.says:
        assert any(case.says in told for told in record["cells"].values()), record["cells"]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nothing_of_the_instructors_is_found(graded, case):
    text = json.dumps(graded.record(case.name))
    assert CANARY not in text
    answer = json.dumps(graded.record(case.name)["answers"].get("xiaomi-5"))
    assert "CANARY" not in answer


def test_nobody_called(graded):
    assert graded.listener.calls == 0


def test_no_process_is_left(graded):
    assert graded.left == set()


def test_no_file_is_left(graded):
    def strange(folder: Path) -> list[str]:
        return [str(p) for p in folder.rglob("*") if p.name in MARKS or "PWNED" in p.name]

    assert strange(graded.folder) == []
    for folder in (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path.home()):
        assert not any((folder / name).exists() for name in MARKS)
        assert not [p for p in folder.iterdir() if p.lstat().st_uid == jail.STRANGER]


def test_memory_stays_flat(graded):
    shared = 2**30  # the libraries, which all submissions share
    assert max(graded.record(case.name)["peak"] for case in CASES) < LIMITS.memory + shared


def test_pages_and_sheets_take_markup_for_text(graded):
    page = (graded.out / "feedback" / "markup-everywhere.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in (graded.out / "index.html").read_text(encoding="utf-8")
