"""Seconds per submission: this grader with its jail, a bare fork, and nbgrader's autograde.

All in one run, on the same honest mix of submissions (right, partly wrong, partly blank, with a
cell that fails). nbgrader is installed into a throw-away environment for the occasion; where that
fails, this says so and goes on.

    python benchmarks/grading.py              # 10 and 100 submissions; nbgrader on 10
    python benchmarks/grading.py --full       # 1,000 too, and nbgrader on 100 (minutes)
    python benchmarks/grading.py --no-nbgrader
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SLUG = "xiaomi"


def command(*arguments: str, folder: Path, quiet: bool = True) -> float:
    """Run the command line as an instructor does; return its seconds."""
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "paths_abroad.cli", *arguments],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
    )
    return time.perf_counter() - begun


def hand_in(folder: Path, count: int) -> Path:
    """Assign to a class and fill in what a class hands in."""
    from paths_abroad.exercises import source

    exercises = source.load(ROOT / "exercises" / f"{SLUG}.md")
    marks = (source.BEGIN, source.END)
    solutions = {
        cell.id: "\n".join(line for line in cell.text.splitlines() if line.strip() not in marks)
        for cell in exercises.cells
        if cell.role == "answer"
    }
    roster = "id,name\n" + "".join(f"s{n:04},Student {n}\n" for n in range(count))
    (folder / "roster.csv").write_text(roster, encoding="utf-8")
    sets = ("--exercises", str(ROOT / "exercises"))
    seconds = command(
        *("assign", SLUG, "--roster", "roster.csv", "--out", "assigned"), *sets, folder=folder
    )
    print(f"assigned {count:5} notebooks in {seconds:6.1f} s")
    for place, path in enumerate(sorted(folder.glob("assigned/students/*/*.ipynb"))):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for number, cell in enumerate(notebook["cells"]):
            solved = solutions.get(cell["id"])
            if solved is None:
                continue
            if (place + number) % 9 == 0:  # one in nine is left blank
                continue
            cell["source"] = solved
            if (place + number) % 11 == 0:  # and one in eleven fails
                cell["source"] = solved + "\n1 / 0"
        out = folder / "submissions" / f"s{place:04}"
        out.mkdir(parents=True)
        (out / f"{SLUG}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder / "submissions"


def graded(folder: Path, jobs: int) -> tuple[float, float]:
    """Grade with the jail on; return seconds in all, and the greatest memory in MB."""
    sets = ("--exercises", str(ROOT / "exercises"))
    seconds = command(
        *("grade", "submissions", "--out", "results", "--jobs", str(jobs)), *sets, folder=folder
    )
    told = json.loads((folder / "results" / "run.json").read_text(encoding="utf-8"))
    if told["contained"]:
        print(f"  NOT in the full jail: {told['contained']}")
    peaks = [
        json.loads(path.read_text(encoding="utf-8"))["peak"]
        for path in (folder / "results" / "answers").glob("*/*.json")
    ]
    return seconds, max(peaks) / 2**20


_FLOOR = """
import json, os, sys, time
from pathlib import Path
import altair, pandas
from paths_abroad import charts, ledger, measures
from paths_abroad.grading import runner
runner.silence()
ledger.facts(), ledger.events(), ledger.sources()
papers = sorted(Path(sys.argv[1]).rglob("*.ipynb"))
jobs, begun = int(sys.argv[2]), time.perf_counter()
def one(path):
    space = {"__name__": "__main__"}
    null = os.open(os.devnull, os.O_WRONLY); os.dup2(null, 1); os.dup2(null, 2)
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            try: exec("".join(cell["source"]), space)
            except Exception: pass
running = 0
for path in papers:
    if running == jobs: os.wait(); running -= 1
    if os.fork() == 0:
        one(path); os._exit(0)
    running += 1
while running: os.wait(); running -= 1
print(time.perf_counter() - begun)
"""


def floor(submissions: Path, jobs: int) -> float:
    """Fork and execute, without isolation, without reading an answer: the least there is."""
    done = subprocess.run(
        [sys.executable, "-c", _FLOOR, str(submissions), str(jobs)],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(done.stdout)


def nbgrader(folder: Path, submissions: Path, count: int) -> float | None:
    """Autograde the same notebooks with nbgrader; None where it cannot be installed."""
    home = folder / "nbgrader"
    venv.create(home / "env", with_pip=True)
    python = home / "env" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nbgrader"]
    if subprocess.run(install, capture_output=True).returncode:
        return None
    # It runs the same libraries as we do.
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    here = [path for path in sys.path if path.endswith("site-packages")]
    Path(site, "bench.pth").write_text("\n".join([str(ROOT / "src"), *here]), encoding="utf-8")
    papers = sorted(submissions.rglob("*.ipynb"))[:count]
    course = home / "course"
    for place, path in enumerate([papers[0], *papers]):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["id"].endswith("-check"):
                cell["metadata"]["nbgrader"] = {
                    "grade": True,
                    "solution": False,
                    "locked": True,
                    "grade_id": cell["id"],
                    "points": 1,
                    "schema_version": 3,
                    "cell_type": "code",
                    "task": False,
                }
        out = course / ("source" if place == 0 else f"submitted/{path.parent.name}") / SLUG
        out.mkdir(parents=True)
        (out / f"{SLUG}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (course / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\n", encoding="utf-8"
    )
    environment = {**os.environ, "PATH": f"{home / 'env' / 'bin'}:{os.environ['PATH']}"}
    environment |= {"JUPYTER_CONFIG_DIR": str(home / "config"), "HOME": str(home)}
    environment.pop("PYTHONPATH", None)

    def run(*arguments: str) -> float:
        begun = time.perf_counter()
        done = subprocess.run(
            [python, "-m", "nbgrader", *arguments],
            cwd=course,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            print(done.stderr[-2000:], file=sys.stderr)
            raise SystemExit("nbgrader failed")
        return time.perf_counter() - begun

    run("generate_assignment", SLUG)
    seconds = run("autograde", SLUG)
    marked = len(list((course / "autograded").glob(f"*/{SLUG}/{SLUG}.ipynb")))
    if marked != count:
        raise SystemExit(f"nbgrader graded {marked} of {count}")
    return seconds / count


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--no-nbgrader", action="store_true")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    rows: list[tuple[str, float, str]] = []
    with tempfile.TemporaryDirectory(prefix="grading-bench-") as name:
        for count in (10, 100, 1000) if asked.full else (10, 100):
            folder = Path(name, str(count))
            folder.mkdir()
            submissions = hand_in(folder, count)
            seconds, peak = graded(folder, asked.jobs)
            rows.append(
                (f"ours, jail on, {count} submissions", seconds / count, f"{peak:.0f} MB at most")
            )
            rows.append((f"bare fork, {count}", floor(submissions, asked.jobs) / count, "no jail"))
        if not asked.no_nbgrader:
            count = 100 if asked.full else 10
            one = nbgrader(Path(name), Path(name, str(count), "submissions"), count)
            if one is None:
                print("nbgrader could not be installed here; not compared")
            else:
                rows.append((f"nbgrader autograde, {count}", one, "no isolation"))
    ours = next(value for label, value, _ in rows if label.startswith("ours, jail on, 100 "))
    print(f"\n{'':36}{'s each':>8}{'':4}against ours at 100   ({asked.jobs} jobs)")
    for label, value, note in rows:
        print(f"{label:36}{value:8.3f}    {value / ours:6.2f} x   {note}")


if __name__ == "__main__":
    main()
