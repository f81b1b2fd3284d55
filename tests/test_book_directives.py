"""The directives of the chapters: what they show, what they check, how they complain."""

import re

import pytest

from paths_abroad.book import pages
from synthetic_book import HEAD, Book, write_ledger

INDEX = """# Book

```{toctree}
:glob:
chapters/*
_generated/*
_generated/sources/*
_generated/companies/*
_generated/claims/*
```
"""
CHAPTER = """# One

:::{company-card} synthetic
:::

:::{objectives}
:reading: 40
:exercises: 60
- tell {fact}`synthetic-revenue-2014` from a guess
:::

(the-cell)=
```{code-cell} python
1 + 1
```

:::{claims} all
:only: synthetic-claim-1
:::

:::{discussion} Was it *slow*?
:minutes: 15
:roles: a buyer; a seller
:evidence: the-cell, synthetic-valuation-2014-12, synthetic-entry
The prompt.
:::

:::{next}
The story.
:::

:::{launch} one
:::

:::{launch} one
:what: chapter
:::

:::{seed-note} synthetic-seed
:::

## Sources

:::{chapter-sources}
:::
"""


@pytest.fixture
def book(tmp_path, monkeypatch) -> Book:
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(write_ledger(tmp_path / "data")))
    made = Book(tmp_path)
    made.page("index", INDEX)
    pages.write(made.source)
    return made


def text_of(html: str) -> str:
    """Return the text of a piece of HTML, spaces collapsed."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


def part(html: str, start: str, end: str) -> str:
    """Return what stands between two markers."""
    return html.split(start, 1)[1].split(end, 1)[0]


@pytest.fixture
def html(book: Book) -> str:
    book.page("chapters/one", HEAD + CHAPTER)
    warnings = [w for w in book.build("html").splitlines() if "lexer" not in w]
    assert warnings == []
    return book.read("chapters/one.html")


def test_a_whole_chapter(html: str) -> None:
    card = part(html, '<div class="pa-company">', "</div>")
    assert '<span lang="zh-Hans">合成</span>' in card
    assert '<span lang="zh-Latn-pinyin">Héchéng</span>' in card
    said = text_of(card)
    for words in ("Founded April 2001", "Home mainland China", "Revenue, 2014 US$12.34 billion"):
        assert words in said
    assert "Overseas share of revenue, 2014 13.4%" in said

    objectives = text_of(part(html, '<div class="pa-objectives">', "</div>"))
    assert "40 minutes to read, 60 minutes for the exercises" in objectives

    claims = part(html, '<details class="pa-claim" id="claim-synthetic-claim-1">', "</details>")
    assert '<span class="pa-badge pa-badge-contradicted">contradicted</span></summary>' in claims
    assert "The round was smaller." in claims
    assert "Synthetic, valuation, December 2014: about US$45 billion" in text_of(claims)
    assert "1 claim: 1 contradicted." in text_of(html)

    prompt = part(html, '<div class="pa-discussion">', "</section>")
    assert "Was it <em>slow</em>?" in prompt
    assert "15 minutes" in prompt
    assert '<a class="reference internal" href="#the-cell">' in prompt
    assert 'data-card="fact-synthetic-valuation-2014-12"' in prompt
    assert 'data-card="event-synthetic-entry"' in prompt

    folded = part(html, '<details class="pa-next">', "</details>")
    assert "What happened next</summary>" in folded
    assert "open" not in part(html, "<details", ">")


def test_launch_links(html: str) -> None:
    for address in (
        "https://mybinder.org/v2/gh/example/synthetic/main?urlpath=lab%2Ftree%2Fnotebooks%2Fone.ipynb",
        "https://colab.research.google.com/github/example/synthetic/blob/gh-pages/notebooks/one.ipynb",
        "../notebooks/one.ipynb",
        "../notebooks/chapters/one.ipynb",
    ):
        assert f'href="{address}"' in html


def test_chapter_sources(html: str) -> None:
    listed = part(html, '<div class="pa-sources">', "</div>")
    said = text_of(listed)
    assert "Annual reports and results Example_Works [Ltd]: Annual report" in said
    assert "2 figures quoted" in said, "revenue and overseas share, each once"
    assert "1 figure quoted, 1 date quoted" in said
    assert "Weekly Example: A founding document" in said, "the seed of a claim is cited too"
    assert 'href="../_generated/sources/press.html#source-synthetic-press"' in listed


REFUSED = {
    ":::{company-card} synthetik\n:::": "unknown company 'synthetik': did you mean 'synthetic'",
    ":::{company-card} synthetic\n:figures: synthetic-revenue-2013\n:::": "unknown fact",
    ":::{claims} synthetic\n:seed: synthetic-sead\n:::": "unknown source 'synthetic-sead'",
    ":::{claims} synthetic\n:only: synthetic-claim-9\n:::": "no claim 'synthetic-claim-9'",
    ":::{seed-note} synthetic-press\n:::": "'synthetic-press' is not one of the founding documents",
    ":::{discussion} T\n:roles: a; b\n:evidence: synthetic-entry\nX\n:::": "say the minutes",
    ":::{discussion} T\n:minutes: 5\n:roles: a; b\nX\n:::": "say the evidence",
    ":::{discussion} T\n:minutes: 5\n:evidence: synthetic-entry\nX\n:::": "either :roles: or",
    ":::{discussion} T\n:minutes: 5\n:roles: a\n:evidence: synthetic-entry\nX\n:::": "at least two",
    ":::{discussion} T\n:minutes: 5\n:roles: a; b\n:evidence: nowhere\nX\n:::": "evidence "
    "'nowhere' is neither a label on this page nor a row of the ledger",
    ":::{discussion} T\n:minutes: ten\n:roles: a; b\n:evidence: synthetic-entry\nX\n:::": "'ten'",
    ":::{exercise-list} nothing\n:::": "there is no exercises/nothing.md",
}


@pytest.mark.parametrize(("directive", "message"), REFUSED.items())
def test_refused_with_file_and_line(book: Book, directive: str, message: str) -> None:
    book.page("chapters/one", f"# One\n\nText.\n\n{directive}\n")
    warnings = book.build()
    assert "chapters/one.md:5: WARNING: " in warnings
    assert message in warnings


def test_exercise_list(book: Book) -> None:
    from paths_abroad.exercises import source

    real = pages.Path(__file__).parents[1] / "exercises" / "xiaomi.md"
    (book.source / "exercises").mkdir()
    (book.source / "exercises" / "xiaomi.md").write_text(real.read_text(encoding="utf-8"))
    book.page("chapters/one", "# One\n\n:::{exercise-list} xiaomi\n:::\n")
    warnings = book.build("html").splitlines()
    assert [w for w in warnings if "exercises/xiaomi" not in w] == []
    held = source.load(real)
    said = text_of(book.read("chapters/one.html"))
    assert f"{len(held.questions)} questions" in said
    for question in held.questions:
        assert question.title in said
    assert "notebooks/xiaomi.ipynb" in book.read("chapters/one.html")
