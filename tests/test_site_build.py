"""The build says what is wrong in a line each, and the same inputs give the same bytes."""

import shutil
from pathlib import Path

import pytest

from built_book import ROOT, build
from paths_abroad.book.build import Trouble, troubles
from paths_abroad.book.links import broken
from paths_abroad.book.slim import slim

HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page

"""
CELL = "```{code-cell} python\n%s\n```\n"
UNSOURCED = """import altair as alt, pandas as pd
from paths_abroad import charts
rows = pd.DataFrame({"x": [1, 2], "y": [1, 2]})
charts.finish(alt.Chart(rows).mark_line().encode(x="x:Q", y="y:Q"), title="A", description="B")"""
UNDESCRIBED = """import altair as alt, pandas as pd
import paths_abroad.charts
alt.Chart(pd.DataFrame({"x": [1, 2]})).mark_tick().encode(x="x:Q")"""


@pytest.fixture(scope="module")
def broken_book(tmp_path_factory):
    """A book with one fault on each page, and what the build said of it."""
    root = tmp_path_factory.mktemp("book")
    shutil.copy(ROOT / "_config.yml", root)
    (root / "index.md").write_text("# Front\n\nText without a fault.\n", encoding="utf-8")
    pages = {
        "unknown": "# A page\n\nValued at {fact}`xiaomi-valuaton-2014-12`.\n",
        "typed": "# A page\n\nValued at 45 billion.\n",
        "failing": HEAD + CELL % "fine = 1\nfine" + "\nText.\n\n" + CELL % "total = 1 / 0",
        "failing_too": HEAD + CELL % "raise ValueError('no such company')",
        "unsourced": HEAD + CELL % UNSOURCED,
        "undescribed": HEAD + CELL % UNDESCRIBED,
        "astray": "# A page\n\n[nowhere](nowhere.md)\n",
    }
    (root / "chapters").mkdir()
    toc = "format: jb-book\nroot: index\nchapters:\n"
    for name, text in pages.items():
        (root / "chapters" / f"{name}.md").write_text(text, encoding="utf-8")
        toc += f"  - file: chapters/{name}\n"
    (root / "_toc.yml").write_text(toc, encoding="utf-8")
    return build("--root", str(root))


@pytest.mark.parametrize(
    "line",
    [
        "chapters/unknown.md:3: unknown fact 'xiaomi-valuaton-2014-12': did you mean",
        "chapters/typed.md:3: '45 billion' is typed into the prose",
        "chapters/failing.md:22: the cell that starts with `total = 1 / 0` fails: ZeroDivision",
        "chapters/failing_too.md:15: the cell that starts with",
        "ValueError: no such company",
        "chapters/unsourced.md:16: the chart has no sources: keep the column source_id",
        "chapters/undescribed.md:16: the chart has no description: pass description=",
        "chapters/astray.md:3: ",
    ],
)
def test_each_fault_is_named_with_its_place_and_its_remedy(broken_book, line):
    assert line in broken_book.stdout


def test_a_faulty_book_is_not_built_and_nobody_gets_a_traceback(broken_book):
    assert broken_book.returncode == 1
    assert "The book is not built: 7 things to mend" in broken_book.stdout
    assert "Traceback" not in broken_book.stdout + broken_book.stderr
    assert len(broken_book.stdout.splitlines()) < 30


def test_warnings_become_lines(tmp_path):
    said = (
        f"{tmp_path}/chapters/a.md:7: WARNING: something is wrong\n"
        "  and goes on [myst.xref]\n"
        "WARNING: without a place\n"
        f"{tmp_path}/chapters/b.md: ERROR: worse\n"
    )
    assert troubles(said, tmp_path) == [
        Trouble("chapters/a.md:7", "something is wrong and goes on"),
        Trouble("", "without a place"),
        Trouble("chapters/b.md", "worse"),
    ]


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#there">1</a><a href="b.html#gone">2</a><a href="c.html">3</a>'
        '<a href="https://example.org/x">4</a><a href="#own">5</a><p id="own"></p>'
        '<a href="../outside.html">6</a>',
        encoding="utf-8",
    )
    (tmp_path / "b.html").write_text('<p id="there"></p>', encoding="utf-8")
    (tmp_path.parent / "outside.html").write_text("", encoding="utf-8")
    found = [link for _, link in broken(tmp_path)]
    assert found == ["b.html#gone", "c.html", "../outside.html"]


def test_what_no_page_asks_for_goes(tmp_path):
    static = tmp_path / "_static"
    for name in ("used.js", "unused.js", "deep/unused.css", "paths_abroad/charts/x.csv"):
        (static / name).parent.mkdir(parents=True, exist_ok=True)
        (static / name).write_text("x", encoding="utf-8")
    (tmp_path / "_sources").mkdir()
    (tmp_path / "index.html").write_text('<script src="_static/used.js?v=1">', encoding="utf-8")
    slim(tmp_path)
    left = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert left == {
        ".nojekyll",
        "index.html",
        "_static/used.js",
        "_static/paths_abroad/charts/x.csv",
    }


def contents(html: Path) -> dict[str, bytes]:
    files = (p for p in html.rglob("*") if p.is_file())
    return {p.relative_to(html).as_posix(): p.read_bytes() for p in files}


def test_two_builds_are_equal_to_the_byte(built_site, tmp_path):
    # Another seed for Python's hashes, or an order that happens to hold would pass unseen.
    result = build("--out", str(tmp_path), PYTHONHASHSEED="77")
    assert result.returncode == 0, result.stdout
    one, other = contents(built_site), contents(tmp_path / "html")
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name]] == []


def test_no_file_of_the_site_names_this_machine(built_site):
    named = [
        name
        for name, data in contents(built_site).items()
        if str(ROOT).encode() in data or str(Path.home()).encode() + b"/" in data
    ]
    assert not named
