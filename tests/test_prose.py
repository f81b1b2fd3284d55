"""Typed digits in prose: what is found, what is free, and that the build says so."""

import pytest

from paths_abroad.book import prose
from synthetic_book import Book, write_ledger

FREE = [
    "On 29 December 2014, in December 2014, and on 14 and 15 July 2014.",
    "On July 14, 2014, at 12:00 or 8 pm.",
    "In 2014Q3, Q3 2014, H1 of 2015, FY2014, the 2010s, 2013–2015, 2014-15 and mid-2014.",
    "With 4G and 5G, Mi 4, Redmi 1S, Redmi Note 3, iOS 8, MIUI 7, Web 2.0, iPhone 6 and P20.",
    "See Chapter 3, Section 4.1, Figures 2 and 3, pages 12 to 14.",
    "Three of twelve firms, a third of them, half, twice, one or two.",
    "Code `45 billion`, a role {fact}`x`, {glue:text}`y:.1f`, a [link](https://example.org/45).",
    "An address <https://example.org/45>.",
    "In the 19th century; *Fortune* Global 500.",
    "```{code-cell} python\nx = 45\n```",
    "```\nplain code 45\n```",
    "% a comment with 45 billion",
    ":::{discussion} Was it slow?\n:minutes: 15\n:evidence: chart-45\nAll fine.\n:::",
    ":::{figure} picture-45.png\n:width: 450px\nA caption.\n:::",
    "---\nnumber: 45\n---\nText.",
    "(label-45)=\n## Title",
]
TYPED = {
    "He sold 95,000 phones.": "95,000",
    "It grew by 13.4 percent.": "13.4 percent",
    "It grew by 13.4%.": "13.4%",
    "Worth US$45 billion.": "45 billion",
    "Worth RMB45 billion.": "45 billion",
    "Worth forty-five billion.": "forty-five billion",
    "Worth two and a half billion.": "two and a half billion",
    "In ten percent of cases.": "ten percent",
    "In twenty-four languages.": "twenty-four",
    "In 24 languages.": "24",
    "About 2,014 phones.": "2,014",
    "Worth US$2014.": "2014",
    "Worth 2014 million.": "2014 million",
    "May 45 people come?": "45",
    "On the 3rd place.": "3",
    "# The 46 billion": "46 billion",
    "- a list of 7": "7",
    "> quoted 49": "49",
    "**50** firms": "50",
    "[52](x) firms": "52",
    "| a |\n| --- |\n| 12 |": "12",
    "<p>53 firms</p>": "53",
    ":::{note}\nInner 47 things.\n:::": "47",
    ":::{next} Then 48\nText.\n:::": "48",
    "::::{note}\n:::{tip}\nDeep 49.\n:::\n::::": "49",
    ":::{discussion} T\n:roles: a buyer of 50 phones; b\nText.\n:::": "50",
    ":::{figure} p.png\nCaption with 51.\n:::": "51",
    ":::{list-table}\n* - 54\n:::": "54",
}


@pytest.mark.parametrize("text", FREE)
def test_free(text: str) -> None:
    assert prose.in_text(text, "page.md") == []


@pytest.mark.parametrize(("text", "digits"), TYPED.items())
def test_typed(text: str, digits: str) -> None:
    (problem,) = prose.in_text(text, "page.md")
    assert problem.text == digits


def test_line_and_remedy(tmp_path) -> None:
    page = tmp_path / "page.md"
    page.write_text("---\na: 1\n---\n\nFirst line\nsecond {fact}`x`\nthird with 45 phones\n")
    (problem,) = prose.typed_digits(page)
    assert str(problem).startswith(f"{page}:7: '45'")
    assert "{fact}`id`" in str(problem)


def test_lines_inside_directives() -> None:
    text = (
        "Text.\n\n::::{note} Title\n:class: tip\n\nFine\n\n:::{tip}\nbad 45\n:::\n::::\n\nbad 46\n"
    )
    assert [p.line for p in prose.in_text(text, "p")] == [9, 13]


def test_the_build_reports_it(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(write_ledger(tmp_path / "data")))
    book = Book(tmp_path)
    book.page("index", "# Book\n\n```{toctree}\nchapters/one\nnotes/two\n```\n")
    book.page("chapters/one", "# One\n\nSold 45 phones.\n")
    book.page("notes/two", "# Two\n\nSold 46 phones: no chapter.\n")
    warnings = book.build()
    assert "chapters/one.md:3: WARNING: '45' is typed into the prose" in warnings
    assert "'46'" not in warnings  # the folder's own name may hold the digits
