"""From ``binder/`` to an answered question: the launch environment in a real browser.

Does what Binder does, as far as that goes without Docker: a copy of the repository, a fresh
environment from the pinned requirements, the post-build step, a real Jupyter server. Then a student
opens the exercises, answers, and sees a verdict and a chart.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Request, expect

ROOT = Path(__file__).resolve().parents[2]
INSTALL_SECONDS = 600
SLOW = 60_000  # milliseconds; the first page of a JupyterLab just started takes its time


@dataclass(frozen=True)
class Place:
    """A launch environment: a copy of the repository and the programs installed for it."""

    repository: Path
    programs: Path
    environment: dict[str, str]

    def run(self, *command: str | Path, seconds: int = INSTALL_SECONDS) -> None:
        """Run a command there; if it fails, what it said is the failure of the test."""
        done = subprocess.run(
            [str(part) for part in command],
            cwd=self.repository,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        if done.returncode:
            pytest.fail(f"{command} fails:\n{done.stdout}\n{done.stderr}", pytrace=False)


def copy_of_the_repository(target: Path) -> Path:
    """Copy what git would publish, including what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Build the launch environment, as Binder does."""
    scratch = tmp_path_factory.mktemp("launch")
    repository = copy_of_the_repository(scratch / "repository")
    venv.create(scratch / "venv", with_pip=True)
    programs = scratch / "venv" / ("Scripts" if os.name == "nt" else "bin")
    home = scratch / "home"
    home.mkdir()
    # Nothing of the environment in which the tests run: no Jupyter settings, no library, no ledger.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "PYTHON", "PATHS_ABROAD", "VIRTUAL_ENV", "IPYTHON"))
    }
    path = os.pathsep.join([str(programs), kept.get("PATH", "")])
    made = Place(repository, programs, {**kept, "HOME": str(home), "PATH": path})
    requirements = repository / "binder" / "requirements.txt"
    # HOME is changed, but what pip has fetched before may be used again.
    cache = subprocess.run(
        [sys.executable, "-m", "pip", "cache", "dir"], capture_output=True, text=True, check=False
    ).stdout.strip()
    made.run(
        *(programs / "python", "-m", "pip", "install", "--quiet", "--require-hashes"),
        *(["--cache-dir", cache] if cache else []),
        *("-r", requirements),
    )
    made.run(repository / "binder" / "postBuild")
    return made


@pytest.fixture(scope="module")
def lab(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the real server; give the address under which notebooks open, and the token."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    log = tmp_path_factory.mktemp("log") / "jupyter.txt"
    with log.open("wb") as written:
        server = subprocess.Popen(
            [
                *(str(place.programs / "jupyter"), "lab", "--no-browser", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"),
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={token}",
            ],
            cwd=place.repository,
            env=place.environment,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/api?token={token}", timeout=5).close()
                break
            except (OSError, urllib.error.URLError):
                if server.poll() is not None:
                    break
                time.sleep(0.2)
        if server.poll() is not None:
            pytest.fail(f"the server does not start:\n{log.read_text()}", pytrace=False)
        yield f"{address}/lab/tree/{{path}}?token={token}&reset"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


class Notebook:
    """A notebook open in JupyterLab, and what a student can do with it."""

    def __init__(self, page: Page, address: str, path: str) -> None:
        self.page = page
        self.foreign: list[str] = []
        self.errors: list[str] = []
        page.on("request", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda said: self.errors.append(said.text) if "paths-abroad" in said.text else None,
        )
        page.goto(address.format(path=path))
        page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=SLOW)
        # Whoever runs a cell before the kernel is there is asked which kernel to start.
        expect(page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=SLOW)

    def _note(self, request: Request) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:", request.url):
            self.foreign.append(request.url)

    def find(self, wanted: Locator) -> Locator:
        """Go through the notebook from its top until something shows: Lab draws what is near."""
        panel = self.page.locator(".jp-Notebook .jp-WindowedPanel-outer").first
        panel.evaluate("panel => panel.scrollTo(0, 0)")
        for _ in range(80):
            self.page.wait_for_timeout(100)
            if wanted.count():
                break
            panel.evaluate("panel => panel.scrollBy(0, panel.clientHeight / 2)")
        wanted.first.scroll_into_view_if_needed(timeout=SLOW)
        return wanted.first

    def cell(self, beginning: str) -> Locator:
        """Find the cell with a line of code that begins so."""
        line = self.page.locator(".cm-line", has_text=re.compile("^" + re.escape(beginning)))
        return self.find(self.page.locator(".jp-Notebook .jp-CodeCell").filter(has=line))

    def write(self, beginning: str, line: str) -> None:
        """Replace the line that begins so."""
        cell = self.cell(beginning)
        found = cell.locator(".cm-line", has_text=re.compile("^" + re.escape(beginning))).first
        found.click()
        self.page.keyboard.press("Home")
        self.page.keyboard.press("Shift+End")
        # All at once, as from the clipboard: typed brackets would be closed by the editor.
        self.page.keyboard.insert_text(line)
        self.page.keyboard.press("Escape")

    def run_all(self) -> None:
        """Use the menu Run, Run All Cells."""
        self.page.locator(".lm-MenuBar-item", has_text=re.compile("^Run$")).click()
        self.page.locator(".lm-Menu-item", has_text=re.compile("^Run All Cells$")).click()

    def expect_verdict(self, question: str, words: str) -> None:
        """Look at what the check of a question says."""
        check = self.cell(f'check("{question}"')
        expect(check.locator(".jp-OutputArea-output").first).to_contain_text(words, timeout=SLOW)


@pytest.fixture
def open_notebook(browser: Browser, lab: str) -> Iterator:
    """Open a notebook of the launch environment."""
    contexts = []

    def opened(path: str) -> Notebook:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        contexts.append(context)
        return Notebook(context.new_page(), lab, path)

    yield opened
    for context in contexts:
        context.close()


EXERCISES = sorted(path.stem for path in (ROOT / "exercises").glob("*.md") if path.stem != "README")
CHAPTERS = sorted(path.stem for path in (ROOT / "chapters").glob("*.md"))


def test_a_student_answers_and_sees_the_verdict_and_a_chart(open_notebook):
    notebook = open_notebook("notebooks/xiaomi.ipynb")

    # Blank, from top to bottom: kindly, and to the end.
    notebook.run_all()
    notebook.expect_verdict("xiaomi-1", "still blank")
    notebook.expect_verdict("xiaomi-11", "still blank")

    notebook.write("q1 = ...", "q1 = 100 * abroad / total")
    encoded = 'encode(x="date:T", y="value:Q", color="name:N")'
    notebook.write("q8 = ...", f"q8 = alt.Chart(duel[duel.period >= start]).mark_line().{encoded}")
    notebook.run_all()
    notebook.expect_verdict("xiaomi-1", "Not right yet")

    notebook.write("q1 = 100", "q1 = round(abroad / total, 3)")
    notebook.run_all()
    notebook.expect_verdict("xiaomi-1", "Right.")
    chart = notebook.cell("q8 = alt").locator(".vega-embed svg.marks")
    expect(chart).to_be_visible(timeout=SLOW)
    assert chart.locator(".mark-line path").count() == 2
    notebook.expect_verdict("xiaomi-8", "Right.")

    assert notebook.foreign == []
    assert notebook.errors == []


@pytest.mark.parametrize("slug", CHAPTERS)
def test_a_chapter_opens_with_its_charts_drawn(open_notebook, slug):
    notebook = open_notebook(f"notebooks/chapters/{slug}.ipynb")
    figure = notebook.find(notebook.page.locator("figure.pa-chart"))
    expect(figure.locator(".vega-embed svg.marks")).to_be_visible(timeout=SLOW)
    assert figure.locator("strong, figcaption").count()
    text = notebook.page.locator(".jp-Notebook").inner_text()
    assert not re.findall(r"\{[a-z:-]+\}`|^:::", text, re.MULTILINE)
    assert notebook.foreign == []
    assert notebook.errors == []


def test_every_launch_link_has_its_notebook(place):
    assert EXERCISES
    for slug in EXERCISES:
        assert (place.repository / "notebooks" / f"{slug}.ipynb").is_file()
    for slug in CHAPTERS:
        path = place.repository / "notebooks" / "chapters" / f"{slug}.ipynb"
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert any(cell.get("outputs") for cell in cells)


def test_no_dollar_sign_turns_text_into_mathematics(place):
    for path in (place.repository / "notebooks").rglob("*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "markdown":
                assert "$" not in "".join(cell["source"]), f"{path.name}: write USD instead"


def test_the_environment_has_no_sphinx_and_no_solutions(place):
    code = "import importlib.util as u, sys; sys.exit(bool(u.find_spec('sphinx')))"
    place.run(place.programs / "python", "-c", code, seconds=60)
    for path in (place.repository / "notebooks").glob("*.ipynb"):
        assert "BEGIN SOLUTION" not in path.read_text(encoding="utf-8")
