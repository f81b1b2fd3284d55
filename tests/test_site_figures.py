"""The figure that a chart becomes on a page."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import altair as alt
import pandas as pd
import pytest

from paths_abroad import charts, ledger
from paths_abroad.book import figures


@pytest.fixture(scope="module")
def sources() -> list[str]:
    return list(ledger.sources()["source_id"][:3])


@pytest.fixture
def rows(sources) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": ["Synthetic <A>", "Synthetic <A>", "B & C"],
            "period": ["2014", "2015", "2015"],
            "value": [0.125, 1234567.5, 3.0],
            "source_id": sources,
        }
    )


@pytest.fixture
def spec(rows) -> dict:
    drawn = alt.Chart(rows).mark_line().encode(x="period:N", y="value:Q", color="name:N")
    return charts.finish(
        drawn,
        title='A "finding" & more',
        description='What "the" picture <shows>, in words.',
        caption="Small print.",
    ).to_dict()


@pytest.fixture
def html(spec, sources) -> str:
    chart = figures.read(spec)
    return figures.figure(
        chart,
        figures.forms_of(chart),
        slug="chapters-x-fig",
        name="fig",
        root="../_static",
        links={source: f"../_generated/sources.html#{source}" for source in sources},
    )


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags(html: str) -> list[tuple[str, dict]]:
    reader = _Tags()
    reader.feed(html)
    return reader.tags


def test_words_of_the_chart_are_read(spec, sources):
    chart = figures.read(spec)
    assert chart.title == 'A "finding" & more'
    assert chart.caption == "Small print."
    assert chart.sources == sources
    assert "title" not in chart.spec, "the page writes the title, the picture does not repeat it"
    assert [row["value"] for row in chart.rows] == [0.125, 1234567.5, 3.0]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda spec: spec.pop("description"), "no description: pass description="),
        (lambda spec: spec.update(description="  "), "no description"),
        (lambda spec: spec["usermeta"]["paths_abroad"].update(title=""), "no title"),
        (lambda spec: spec["usermeta"]["paths_abroad"].update(sources=["nobody"]), "'nobody'"),
    ],
)
def test_an_incomplete_chart_is_refused_and_told_how_to_mend(spec, spoil, says):
    spoil(spec)
    if says == "no title":
        spec.pop("title")
    with pytest.raises(figures.Incomplete, match=re.escape(says)):
        figures.read(spec)


def test_a_chart_whose_rows_name_no_source_is_refused(rows):
    drawn = alt.Chart(rows.drop(columns="source_id")).mark_line().encode(x="period:N", y="value:Q")
    spec = charts.finish(drawn, title="A", description="B").to_dict()
    with pytest.raises(figures.Incomplete, match="no sources: keep the column source_id"):
        figures.read(spec)


def test_two_pictures_have_the_description_as_their_name(html):
    pictures = [attrs for tag, attrs in tags(html) if attrs.get("role") == "img"]
    assert [p["data-form"] for p in pictures] == ["wide", "narrow"]
    assert {p["aria-label"] for p in pictures} == {'What "the" picture <shows>, in words.'}
    assert all(re.match(r"aspect-ratio:[\d.]+/[\d.]+", p["style"]) for p in pictures)
    assert sum(tag == "svg" for tag, _ in tags(html)) == 2


def test_ids_are_unique_and_colours_follow_the_theme(html):
    ids = [attrs["id"] for _, attrs in tags(html) if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert "var(--pa-" in html


def test_figure_without_an_anchor_of_its_own(spec, sources):
    links = dict.fromkeys(sources, "x.html")
    chart = figures.read(spec)
    forms = figures.forms_of(chart)
    text = figures.figure(
        chart, forms, slug="s", name="fig", root="_static", links=links, anchor=False
    )
    assert tags(text)[0] == (
        "figure",
        {"class": "pa-chart", "data-chart": "s", "data-rows": tags(text)[0][1]["data-rows"]},
    )


def test_table_says_everything_and_escapes(html, sources):
    assert html.count('<th scope="row"') == 3
    assert "Synthetic &lt;A&gt;" in html and "<A>" not in html
    assert "1,234,567.5" in html
    for source in sources:
        assert f'<a href="../_generated/sources.html#{source}">{source}</a>' in html
    (box,) = [attrs for _, attrs in tags(html) if attrs.get("role") == "region"]
    assert box["tabindex"] == "0" and box["aria-label"]


def test_csv_holds_the_rows_unrounded(spec):
    held = list(csv.DictReader(io.StringIO(figures.as_csv(figures.read(spec).rows))))
    assert [row["value"] for row in held] == ["0.125", "1234567.5", "3.0"]
    assert held[0]["name"] == "Synthetic <A>"


def test_script_hands_over_both_forms_and_the_rows_once(spec):
    text = figures.script(figures.forms_of(figures.read(spec)), "slug")
    start = 'pathsAbroad.charts["slug"]='
    assert text.startswith(start) and text.endswith(";\n")
    held = json.loads(text.removeprefix(start).removesuffix(";\n"))
    assert set(held) == {"datasets", "wide", "narrow"}
    assert len(held["datasets"]) == 1
    assert "usermeta" not in held["wide"]


def test_source_line_names_each_publisher_once():
    known = ledger.sources()
    twice = known[known.duplicated("publisher", keep=False)]
    publisher = twice["publisher"].iloc[0]
    ids = list(twice[twice["publisher"] == publisher]["source_id"][:2])
    line = figures.source_line(ids, dict.fromkeys(ids, "x.html"))
    assert line.count(figures.escape(publisher) + " (") == 1
    assert line.count("<a ") == 2
    names = re.findall(r'aria-label="([^"]+)"', line)
    assert len(set(names)) == 2, "two links must not sound alike"


def test_many_sources_are_folded_and_none_is_left_out():
    ids = list(ledger.sources()["source_id"][: figures.FOLDED_FROM + 1])
    line = figures.source_line(ids, {source: f"x.html#{source}" for source in ids})
    assert line.startswith("<details") and f"Sources: {len(ids)} documents" in line
    assert all(f'href="x.html#{source}"' in line for source in ids)


@pytest.mark.parametrize(
    ("spec", "number"),
    [
        ({}, 0),
        ({"params": [{"name": "a"}]}, 0),
        ({"params": [{"name": "a", "bind": "scales"}]}, 0),
        ({"params": [{"name": "a", "bind": {"input": "select", "options": [1]}}]}, 1),
        ({"params": [{"bind": {"x": {"input": "range"}, "y": {"input": "range"}}}]}, 2),
        ({"hconcat": [{"params": [{"bind": {"input": "range"}}]}, {}]}, 1),
        ({"layer": [{"layer": [{"params": [{"bind": {"input": "range"}}]}]}]}, 1),
    ],
)
def test_bound_inputs_are_counted_wherever_they_stand(spec, number):
    assert figures.bound_inputs(spec) == number
