"""Make the pictures of the README and the instructors' page anew (needs Chromium, a built book).

    make book && .venv/bin/python tools/screenshots.py

The class in them is synthetic: its students are numbers, and what they answer follows from those.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import find_chromium, wake  # noqa: E402
from hostile.class_room import SLUG, Classroom  # noqa: E402
from paths_abroad.grading import grade  # noqa: E402
from paths_abroad.grading.roster import Student  # noqa: E402


def synthetic_class(folder: Path, count: int = 9) -> Path:
    """Assign to a synthetic class, fill in its notebooks, grade; return the results."""
    students = [Student(f"s{n:02}", f"Student {n}") for n in range(1, count + 1)]
    room = Classroom(folder, students, variant=None)
    chance = random.Random(SLUG)
    for student in students[:-1]:
        paper, blank = room.paper(student.id), room.paper(student.id, solved=False)
        for number in range(1, len(room.questions) + 1):
            place = paper.find(f"{SLUG}-{number}-answer")
            if chance.random() < 0.12:
                paper.cells[place] = blank.cells[place]
            elif number == 1 and chance.random() < 0.5:
                paper.cells[place]["source"] += "\nq1 = q1 * 100"
        room.hand_in(paper)
    results = folder / "results"
    grade.grade(room.submissions, results, room.course, room.library)
    return results


def main() -> None:
    """Write the three pictures."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        results = synthetic_class(Path(name))
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1080, "height": 800}, reduced_motion="reduce")
        page.goto(results.joinpath("index.html").as_uri())
        page.screenshot(path=ROOT / "teaching" / "assign-and-grade-overview.png", full_page=True)
        page.goto(results.joinpath("feedback", "s03.html").as_uri())
        page.screenshot(path=ROOT / "teaching" / "assign-and-grade-feedback.png", full_page=True)
        page.goto((ROOT / "_build" / "html" / "chapters" / f"{SLUG}.html").as_uri())
        wake(page)
        page.locator("#fig-india-shares").scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        page.screenshot(path=ROOT / ".github" / "screenshot.png")
        browser.close()


if __name__ == "__main__":
    main()
