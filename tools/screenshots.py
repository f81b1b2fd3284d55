"""Make the pictures of the README and the instructors' page anew (needs Chromium, a built book).

    make book && .venv/bin/python tools/screenshots.py

The class in them is synthetic: its students are numbers, and what they answer follows from those.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.conftest import find_chromium, wake  # noqa: E402

SLUG = "xiaomi"


def run(*arguments: str, folder: Path) -> None:
    """Run the command line as an instructor does."""
    command = [sys.executable, "-m", "paths_abroad.cli", *arguments]
    subprocess.run([*command, "--exercises", str(ROOT / "exercises")], cwd=folder, check=True)


def synthetic_class(folder: Path, count: int = 9) -> Path:
    """Assign to a synthetic class, fill in its notebooks, grade; return the results."""
    from paths_abroad.exercises import source

    cells = source.load(ROOT / "exercises" / f"{SLUG}.md").cells
    marks = (source.BEGIN, source.END)
    solutions = {
        cell.id: "\n".join(line for line in cell.text.splitlines() if line.strip() not in marks)
        for cell in cells
        if cell.role == "answer"
    }
    people = "".join(f"s{n:02},Student {n}\n" for n in range(1, count + 1))
    (folder / "roster.csv").write_text(f"id,name\n{people}", encoding="utf-8")
    run("assign", SLUG, "--roster", "roster.csv", "--out", "handout", folder=folder)
    chance = random.Random(SLUG)
    for path in sorted(folder.glob("handout/students/*/*.ipynb"))[:-1]:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            solved = solutions.get(cell["id"])
            if solved is None or chance.random() < 0.12:
                continue
            cell["source"] = solved
            if cell["id"] == f"{SLUG}-1-answer" and chance.random() < 0.5:
                cell["source"] += "\nq1 = q1 * 100"
            elif chance.random() < 0.15:
                cell["source"] = cell["source"].replace(
                    "sort_values(", "sort_values(ascending=True, "
                )
        out = folder / "submissions" / path.name
        out.parent.mkdir(exist_ok=True)
        out.write_text(json.dumps(notebook), encoding="utf-8")
    run("grade", "submissions", "--out", "results", folder=folder)
    return folder / "results"


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
