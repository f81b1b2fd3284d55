"""The roles {fact} and {event}: wording, links, cards, and what they refuse."""

import re
from html.parser import HTMLParser

import pytest

from paths_abroad.book import digits, pages
from synthetic_book import HEAD, Book, fact, write_ledger

CHAPTER = """# One

It was worth {fact}`synthetic-valuation-2014-12`, that is {fact}`synthetic-valuation-2014-12|bare`,
or {fact}`synthetic-valuation-2014-12|number` in {fact}`synthetic-valuation-2014-12|period`:
{fact}`some US$45 billion <synthetic-valuation-2014-12>`,
{fact}`13 percent <synthetic-overseas-share-2014>`.
It came on {event}`synthetic-entry`, {event}`in the summer of 2014 <synthetic-entry>`.

| a | b |
| --- | --- |
| {fact}`synthetic-revenue-2014\\|bare` | x |

:::{note}
In a directive: {fact}`synthetic-revenue-2014`.
:::

:::{figure} x.png
A caption with {fact}`synthetic-overseas-share-2014`.
:::
"""
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


@pytest.fixture
def book(tmp_path, monkeypatch) -> Book:
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(write_ledger(tmp_path / "data")))
    made = Book(tmp_path)
    made.page("index", INDEX)
    (made.source / "chapters" / "x.png").write_bytes(b"")
    return made


class Page(HTMLParser):
    """Collects ids, and the figures of a page as (text, address, card)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.figures: list[list[str]] = []
        self.cards: list[str] = []
        self._in = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a" and values.get("class") == "pa-fact":
            self.figures.append(["", values["href"], values["data-card"]])
            self._in = True
        if tag == "div" and "data-card" in values:
            self.cards.append(values["data-card"])

    def handle_endtag(self, tag):
        self._in = self._in and tag != "a"

    def handle_data(self, data):
        if self._in:
            self.figures[-1][0] += data


def test_words_links_and_cards(book: Book) -> None:
    book.page("chapters/one", HEAD + CHAPTER)
    pages.write(book.source)
    assert book.build("html") == ""
    page = Page(book.read("chapters/one.html"))
    texts = [text.replace("\u00a0", " ") for text, *_ in page.figures]
    assert texts == [
        "about US$45 billion",
        "US$45 billion",
        "45 billion",
        "December 2014",
        "some US$45 billion",
        "13 percent",
        "15 July 2014",
        "in the summer of 2014",
        "US$12.345 billion",
        "US$12.345 billion",
        "13.4%",
    ]
    for _, address, card in page.figures:
        file, _, anchor = address.partition("#")
        target = Page((book.out / "chapters" / file).resolve().read_text(encoding="utf-8"))
        assert anchor in target.ids, "the link works without scripts"
        assert card == anchor
    assert sorted(page.cards) == sorted(set(page.cards)), "a card stands once on a page"
    assert set(page.cards) == {card for *_, card in page.figures}


def test_what_a_card_says(book: Book) -> None:
    book.page("chapters/one", "# One\n\n{fact}`synthetic-valuation-2014-12`\n")
    pages.write(book.source)
    book.build("html")
    html = book.read("chapters/one.html")
    template = re.search(r'<template id="pa-cards">(.*?)</template>', html, re.DOTALL)[1]
    text = re.sub(r"<[^>]+>", " ", template).replace("\u00a0", " ")
    for said in (
        "about US$45 billion",
        "Valuation in a private round.",
        "December 2014",
        "Daily Example",
        "paragraph 3",
        "B, reputable press or analyst",
        "at least US$46 billion",
        "(Weekly Example)",
    ):
        assert said in text
    assert 'href="https://example.org/press"' in template


def test_other_builders_get_plain_text(book: Book) -> None:
    book.page("chapters/one", CHAPTER.replace(":::{figure} x.png", ":::{note}"))
    pages.write(book.source)
    assert book.build("text") == ""
    text = book.read("chapters/one.txt").replace("\u00a0", " ")
    assert "It was worth about US$45 billion, that is US$45 billion" in text
    assert "pa-" not in text
    assert "synthetic-valuation" not in text


REFUSED = {
    "{fact}`synthetic-valuaton-2014-12`": "unknown fact 'synthetic-valuaton-2014-12': did you mean "
    "'synthetic-valuation-2014-12'",
    "{event}`synthetic-entri`": "unknown event 'synthetic-entri': did you mean 'synthetic-entry'",
    "{fact}`synthetic-entry`": "'synthetic-entry' is no fact: write {event}`synthetic-entry`",
    "{event}`synthetic-revenue-2014`": "is no event: write {fact}",
    "{fact}`synthetic-revenue-2014|short`": "unknown style 'short'",
    "{fact}`some US$46 billion <synthetic-valuation-2014-12>`": "'46 billion' in "
    "'some US$46 billion' is not the value of synthetic-valuation-2014-12: the ledger has about",
    "{fact}`US$12 million <synthetic-revenue-2014>`": "'12 million'",
    "{fact}`14% <synthetic-overseas-share-2014>`": "'14%'",
    "{fact}`thirteen billion <synthetic-revenue-2014>`": "'thirteen billion'",
    "{fact}`the round of 2015 <synthetic-valuation-2014-12>`": "names 2015",
    "{event}`in 2013 <synthetic-entry>`": "names 2013",
}


@pytest.mark.parametrize(("role", "message"), REFUSED.items())
def test_refused_with_file_and_line(book: Book, role: str, message: str) -> None:
    # The role stands on the third line of its paragraph: the message names that line.
    book.page("chapters/one", f"{HEAD}# One\n\nText\nmore text\nand {role} here.\n")
    pages.write(book.source)
    warnings = book.build().replace("\u00a0", " ")
    line = HEAD.count("\n") + 5
    assert f"chapters/one.md:{line}: WARNING: " in warnings
    assert message in warnings
    assert len(warnings.strip().splitlines()) == 1


def test_an_edited_row_is_read_again(book: Book, tmp_path) -> None:
    book.page("chapters/one", "# One\n\n{fact}`synthetic-valuation-2014-12`\n")
    pages.write(book.source)
    book.build("html")
    assert "US$45" in book.read("chapters/one.html")
    write_ledger(tmp_path / "data", facts=[fact("synthetic-valuation-2014-12", value="47e9")])
    book.build("html")
    assert "US$47" in book.read("chapters/one.html")


@pytest.mark.parametrize(
    ("text", "value", "unit", "right"),
    [
        ("US$45 billion", 45e9, "USD", True),
        ("US$45,000 million", 45e9, "USD", True),
        ("US$45.0 billion", 45.2e9, "USD", False),
        ("US$45 billion", 45.2e9, "USD", True),
        ("forty-five billion", 45e9, "USD", True),
        ("45", 45e9, "USD", False),
        ("13 percent", 0.134, "share", True),
        ("13.4%", 0.134, "share", True),
        ("0.13", 0.134, "share", True),
        ("13%", 13, "count", False),
        ("168 million", 168.5e6, "devices", False),
        ("over 168 million", 168.5e6, "devices", True),
        ("more than 160 million", 168.5e6, "devices", True),
        ("160 million", 168.5e6, "devices", False),
        ("over 180 million", 168.5e6, "devices", False),
    ],
)
def test_agreement(text: str, value: float, unit: str, right: bool) -> None:
    (found,) = (*digits.typed(text), *digits.spelled(text))
    assert digits.agrees(found, value, unit) is right
