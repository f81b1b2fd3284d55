"""The whole build of the book, and a short account of what went wrong.

`build` starts clean, writes the generated pages, lets Jupyter Book execute every notebook and
render every page with warnings as errors, takes out what no page needs and checks the links. What
Sphinx said at length stands in ``_build/log.txt``; what a person has to mend comes back as a list
of `Trouble`, a line each.
"""

import contextlib
import io
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

import yaml
from jupyter_book.sphinx import build_sphinx
from sphinx.util.console import nocolor

from paths_abroad.book import forked_kernels, launch, links, pages, slim
from paths_abroad.charts import rendering
from paths_abroad.launch import notebooks

PROVISIONER = "paths-abroad-fork"
_WARNING = re.compile(
    r"^(?P<where>.*?): (?P<level>WARNING|ERROR|CRITICAL|SEVERE): (?P<what>.*)$|"
    r"^(?P<level2>WARNING|ERROR): (?P<what2>.*)$"
)
_KIND = re.compile(r" \[[\w.]+\]$")
_FAILED = "Executing notebook failed"
_REPORT = "Notebook exception traceback saved in: "
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CELL = re.compile(r"-{10,}\n(?P<cell>.*?)\n-{10,}\n", re.DOTALL)


@dataclass(frozen=True)
class Trouble:
    """One thing to mend: where it is and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclass
class Report:
    """What a build did."""

    html: Path
    log: Path
    troubles: list[Trouble] = field(default_factory=list)
    seconds: float = 0.0
    seconds_per_page: dict[str, float] = field(default_factory=dict)
    size: int = 0


def build(root: Path, out: Path | None = None, say: Callable[[str], None] = print) -> Report:
    """Build the book from a clean start.

    Parameters
    ----------
    root : Path
        The repository: ``_config.yml``, ``_toc.yml`` and what they name.
    out : Path, optional
        Where ``html`` and the log go; ``root/_build`` by default.
    say : callable
        Called with a line at every step.

    Returns
    -------
    Report
        ``troubles`` is empty where the book is as it should be.
    """
    started, clock = time.perf_counter(), time.time()
    root = root.resolve()
    out = (out or root / "_build").resolve()
    report = Report(html=out / "html", log=out / "log.txt")
    for old in ("html", "doctrees", "jupyter_execute", "seconds.json"):
        path = out / old
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    out.mkdir(parents=True, exist_ok=True)

    with _kernels(pictures=False):
        say("Writing the pages made from the ledger")
        pages.write(root)
        say("Executing the notebooks and rendering the pages")
        warnings, failure = _sphinx(root, out, report)
    report.troubles += troubles(warnings, root)
    if failure:
        report.troubles.append(Trouble("", failure))
    if not report.troubles:
        say("Writing the notebooks to download")
        with _kernels(pictures=True):
            notebooks.write(root, report.html / "notebooks", _repository(root))
        report.size = slim.slim(report.html)
        # As old as the start: what is edited during a build is younger than it.
        os.utime(report.html / ".nojekyll", (clock, clock))
        say("Checking the links")
        report.troubles += [
            Trouble(str(page), f"the link {link!r} leads nowhere")
            for page, link in links.broken(report.html)
        ]
    seconds = out / "seconds.json"
    if seconds.is_file():
        report.seconds_per_page = json.loads(seconds.read_text(encoding="utf-8"))
    report.seconds = time.perf_counter() - started
    return report


def _repository(root: Path) -> str:
    """Return the repository that launch links and notebooks point to; empty if unknown."""
    configured = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    stated = configured.get("sphinx", {}).get("config", {}).get("paths_abroad_repository")
    return launch.repository(root, stated or "")


def _sphinx(root: Path, out: Path, report: Report) -> tuple[str, str]:
    """Run Jupyter Book's build; return what it warned of, and how it failed if it did."""
    status, warning = io.StringIO(), io.StringIO()
    nocolor()
    with contextlib.redirect_stdout(status), contextlib.redirect_stderr(warning):
        outcome = build_sphinx(
            root,
            report.html,
            confdir=None,
            noconfig=True,
            path_config=root / "_config.yml",
            confoverrides={
                "latex_individualpages": False,
                # All failing notebooks are to be named, not only the first; each is a warning,
                # and warnings are errors.
                "nb_execution_raise_on_error": False,
            },
            doctreedir=out / "doctrees",
            freshenv=True,
            warningiserror=True,
            keep_going=True,
        )
    report.log.write_text(
        f"{status.getvalue()}\n---- warnings ----\n{warning.getvalue()}", encoding="utf-8"
    )
    if isinstance(outcome, BaseException):
        return warning.getvalue(), f"the build broke off: {type(outcome).__name__}: {outcome}"
    return warning.getvalue(), ""


@contextlib.contextmanager
def _kernels(pictures: bool) -> Iterator[None]:
    """Start kernels by forking a warm process, where the machine can; else as usual.

    Their charts come with the picture for notebooks or without: the book draws its own.
    """
    name = "JUPYTER_DEFAULT_PROVISIONER_NAME"
    known = {point.name for point in entry_points(group="jupyter_client.kernel_provisioners")}
    added = {} if pictures else {rendering.PICTURES: "no"}
    if name not in os.environ and PROVISIONER in known:
        added[name] = PROVISIONER  # it uses stock kernels where it cannot fork
    os.environ |= added
    if os.environ.get(name) == PROVISIONER:
        forked_kernels.warm_process()  # imports its libraries while pages are written
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]


def troubles(warnings: str, root: Path) -> list[Trouble]:
    """Turn Sphinx's warnings into lines that a person can act on.

    Parameters
    ----------
    warnings : str
        What Sphinx wrote to its warning stream.
    root : Path
        The repository; paths are given relative to it.
    """
    found: list[Trouble] = []
    failed: list[str] = []
    for where, what in _messages(warnings):
        place = _place(where, root)
        if what.startswith(_FAILED):
            failed.append(place)
        elif what.startswith(_REPORT):
            found.append(_failed_cell(place, Path(what.removeprefix(_REPORT)), root))
            failed = [page for page in failed if page.split(":")[0] != place.split(":")[0]]
        elif "build finished with problems" not in what:
            found.append(Trouble(place, what))
    found += [Trouble(place, "a cell of this page fails") for place in failed]
    return list(dict.fromkeys(found))


def _messages(warnings: str) -> Iterator[tuple[str, str]]:
    """Split the stream into (where, what); lines that continue a message are joined to it."""
    where, what = "", ""
    for line in warnings.splitlines():
        if line.startswith("Exception occurred:"):
            break  # the exception itself is reported by who caught it
        start = _WARNING.match(line)
        if start:
            if what:
                yield where, _KIND.sub("", what)
            where = start["where"] or ""
            what = start["what"] or start["what2"]
        elif what and line.strip():
            what += " " + line.strip()
    if what:
        yield where, _KIND.sub("", what)


def _place(where: str, root: Path) -> str:
    return where.removeprefix(f"{root}{os.sep}")


def _failed_cell(place: str, report: Path, root: Path) -> Trouble:
    """Say which cell of a notebook failed, and with what."""
    page = place.split(":")[0]
    try:
        text = _COLOUR.sub("", report.read_text(encoding="utf-8"))
        source = (root / page).read_text(encoding="utf-8").splitlines()
    except OSError:
        return Trouble(page, "a cell fails; see the log")
    error = next((line for line in reversed(text.splitlines()) if line.strip()), "an error")
    cell = _CELL.search(text)
    if not cell:
        return Trouble(page, f"a cell fails: {error}")
    first = next((line for line in cell["cell"].splitlines() if line.strip()), "")
    number = next((n for n, line in enumerate(source, 1) if line == first), None)
    where = f"{page}:{number}" if number else page
    return Trouble(where, f"the cell that starts with `{first.strip()}` fails: {error}")
