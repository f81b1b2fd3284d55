"""Generated pages: every row has its place, nothing breaks out of the text, the size holds."""

import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from paths_abroad import ledger
from paths_abroad.book import launch, pages
from paths_abroad.ledger import tables
from synthetic_book import SOURCES, Book, fact, write_ledger

INDEX = """# Book

```{toctree}
:glob:
_generated/*
_generated/sources/*
_generated/companies/*
_generated/claims/*
```
"""
HOSTILE = "<script>alert(1)</script> *a* `b` [c](d) {fact}`e` $f$ | g # h & :::{note} www.x.org"


@pytest.fixture
def book(tmp_path, monkeypatch) -> Book:
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(write_ledger(tmp_path / "data")))
    made = Book(tmp_path)
    made.page("index", INDEX)
    return made


class Ids(HTMLParser):
    """Collects the ids of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]


def test_every_row_has_one_place(book: Book) -> None:
    pages.write(book.source)
    assert book.build("html") == ""
    rows = [("fact", i) for i in ledger.facts()["id"]] + [
        ("event", i) for i in ledger.events()["id"]
    ]
    rows += [("source", i) for i in ledger.sources()["source_id"]]
    for table, row_id in rows:
        docname, anchor = pages.target(table, row_id)
        assert Ids(book.read(f"{docname}.html")).ids.count(anchor) == 1


def test_the_search_finds_a_fact(book: Book) -> None:
    pages.write(book.source)
    book.build("html")
    index = book.read("searchindex.js")
    for word in ("privat", "345", "exist"):  # stems of words that stand only in rows
        assert word in index


def test_small_yardsticks_share_a_page(tmp_path, monkeypatch) -> None:
    row = {"name_zh": "", "pinyin": "", "founded": "", "home": "", "industry": "", "one_line": "A."}
    companies = [
        {"company": name, "name": name.title(), "path": path, **row}
        for name, path in (
            ("traveller", "digital"),
            ("giant", "comparator"),
            ("dwarf", "comparator"),
            ("others", "aggregate"),
        )
    ]
    facts = [fact(f"giant-{n}", company="giant", period=str(2000 + n)) for n in range(12)]
    facts += [fact(f"{name}-1", company=name) for name in ("traveller", "dwarf", "others")]
    facts.sort(key=lambda row: row["id"])
    data = write_ledger(tmp_path / "data", companies=companies, facts=facts, events=[], claims=[])
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(data))
    folder = f"{pages.FOLDER}/companies"
    assert {name: pages.target("company", name) for name in ("traveller", "giant")} == {
        "traveller": (f"{folder}/traveller", ""),
        "giant": (f"{folder}/giant", ""),
    }
    assert pages.target("company", "dwarf") == (f"{folder}/more-yardsticks", "company-dwarf")
    assert pages.target("company", "others") == (f"{folder}/more-groups", "company-others")
    book = Book(tmp_path)
    book.page("index", INDEX.replace("_generated/claims/*\n", ""))
    pages.write(book.source)
    assert book.build("html") == ""
    shared = book.read(f"{folder}/more-yardsticks.html")
    assert Ids(shared).ids.count("company-dwarf") == 1
    assert "Valuation" in shared
    index = book.read(f"{pages.FOLDER}/companies.html").split("<article")[1]
    assert index.index("Traveller") < index.index("Giant") < index.index("Others")


class Scripts(HTMLParser):
    """Collects the text of the scripts of one type."""

    def __init__(self, html: str, kind: str) -> None:
        super().__init__()
        self.kind, self.inside, self.texts = kind, False, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script" and dict(attrs).get("type") == self.kind

    def handle_data(self, data):
        if self.inside:
            self.texts.append(data)

    def handle_endtag(self, tag):
        self.inside = False


def test_the_data_page_offers_everything_and_says_so_to_machines(book: Book) -> None:
    pages.write(book.source)
    assert book.build("html") == ""
    html = book.read("_generated/data.html")
    (text,) = Scripts(html, "application/ld+json").texts
    described = json.loads(text)
    assert described["@type"] == "Dataset"
    assert described["@context"] == "https://schema.org/"
    for key in ("name", "description", "version", "temporalCoverage"):
        assert described[key]
    assert described["license"].startswith("https://")
    assert described["creator"]["name"]
    page = book.out / "_generated" / "data.html"
    offered = [d["contentUrl"] for d in described["distribution"]]
    package = tables.descriptor()
    assert len(offered) == len(set(offered)) == len(package["resources"]) + 2
    for address in offered:
        assert (page.parent / address).resolve().is_file(), address
        assert f'href="{address}"' in html
    facts = (page.parent / "../data/facts.csv").resolve()
    assert facts.read_bytes() == (tables.data_dir() / "facts.csv").read_bytes()


def test_text_of_the_ledger_is_only_text(tmp_path, monkeypatch) -> None:
    sources = [
        SOURCES[0] | {"publisher": HOSTILE, "title": HOSTILE, "note": HOSTILE},
        *SOURCES[1:],
    ]
    rows = [
        fact(
            "synthetic-valuation-2014-12",
            definition=HOSTILE,
            locator=HOSTILE,
            source_id="synthetic-report",
        )
    ]
    data = write_ledger(tmp_path / "data", sources=sources, facts=rows, claims=[])
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(data))
    book = Book(tmp_path)
    book.page("index", INDEX.replace("_generated/claims/*\n", ""))
    pages.write(book.source)
    assert book.build("html") == ""
    html = book.read("_generated/sources/annual-report.html")
    assert "<script>alert" not in html
    heading = re.search(r"<h2>(.*?)<a class=\"headerlink", html)[1]
    assert unescape(heading) == HOSTILE
    assert unescape(html).count(HOSTILE) >= 4


def test_only_changed_pages_are_written(book: Book, tmp_path) -> None:
    first = {f: (f.stat().st_mtime_ns, f.read_text()) for f in pages.write(book.source)}
    assert pages.write(book.source) == list(first)
    assert all(f.stat().st_mtime_ns == when for f, (when, _) in first.items())
    stale = book.source / "_generated" / "sources" / "gone.md"
    stale.write_text("# Gone\n")
    write_ledger(tmp_path / "data", sources=[*SOURCES, SOURCES[1] | {"source_id": "synthetic-new"}])
    pages.write(book.source)
    assert not stale.exists()
    changed = {f.stem for f, (when, _) in first.items() if f.stat().st_mtime_ns != when}
    assert changed == {"press"}


def test_pages_of_a_large_ledger(tmp_path, monkeypatch) -> None:
    """1,600 sources and 5,000 facts: no page above the budget, no source on two pages."""
    sources = [
        SOURCES[1]
        | {
            "source_id": f"s-{n}",
            "publisher": f"{chr(65 + n % 26)} publisher {n % 90}",
            "kind": ("press", "analyst", "annual_report", "statistics")[min(n % 8, 3)],
        }
        for n in range(1600)
    ]
    # One source holds a thousand rows, as a big dataset does.
    facts = [
        fact(f"f-{n}", period=str(1900 + n % 120), source_id="s-7" if n < 400 else f"s-{n % 1600}")
        for n in range(5000)
    ]
    monkeypatch.setenv(
        "PATHS_ABROAD_DATA",
        str(write_ledger(tmp_path / "d", sources=sources, facts=facts, events=[], claims=[])),
    )
    plan = pages.plan()
    names = [page.docname for page in plan.sources]
    assert len(names) == len(set(names))
    placed = [s for page in plan.sources for _, ids in page.publishers for s in ids]
    assert sorted(placed) == sorted(s["source_id"] for s in sources)
    count = ledger.facts()["source_id"].value_counts()
    for page in plan.sources:
        ids = [s for _, held in page.publishers for s in held]
        weight = sum(520 + count.get(s, 0) * 500 for s in ids)
        assert weight < 300_000 or len(ids) == 1
    assert 15 < len(names) < 60


def test_pages_older_than_the_ledger_are_noticed(book: Book, tmp_path) -> None:
    book.page("index", INDEX + "\n{fact}`synthetic-valuation-2014-12`\n")
    pages.write(book.source)
    assert book.build("html") == ""
    moved = [SOURCES[0], SOURCES[1] | {"kind": "analyst"}, SOURCES[2]]
    write_ledger(tmp_path / "data", sources=moved)
    warnings = book.build("html")
    assert "generated pages are older than the ledger: _generated/sources/analyst" in warnings


def test_a_book_without_generated_pages_links_to_the_documents(book: Book) -> None:
    book.page("index", "# Book\n\n{fact}`synthetic-valuation-2014-12`\n")
    assert book.build("html") == ""
    assert 'class="pa-fact" href="https://example.org/press"' in book.read("index.html")


@pytest.mark.parametrize(
    ("remote", "environment", "override", "expected"),
    [
        ("https://github.com/a/b.git", "", "", "a/b"),
        ("git@github.com:a/b.git", "", "", "a/b"),
        ("ssh://git@github.com/a/b.c", "", "", "a/b.c"),
        ("https://example.org/a/b.git", "", "", ""),
        ("https://github.com/a/b", "fork/b", "", "fork/b"),
        ("https://github.com/a/b", "fork/b", "mine/c", "mine/c"),
        ("", "", "", ""),
    ],
)
def test_repository(tmp_path, monkeypatch, remote, environment, override, expected) -> None:
    import subprocess

    monkeypatch.setenv("GITHUB_REPOSITORY", environment)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    if remote:
        subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", remote], check=True)
    assert launch.repository(tmp_path, override) == expected


def test_a_wrong_override_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="write owner/name"):
        launch.repository(tmp_path, "https://github.com/a/b")


def test_without_a_repository_there_is_still_the_file() -> None:
    (link,) = launch.links("one", "exercises", "")
    assert link.local
    assert link.address == "notebooks/one.ipynb"
