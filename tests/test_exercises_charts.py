"""A chart is compared by what it says, whatever its spelling."""

import altair as alt
import pandas as pd
import pytest

from paths_abroad.exercises.answers import Spec, plain, read

ROWS = pd.DataFrame(
    {
        "date": pd.to_datetime(["2014-03-31", "2014-06-30", "2014-03-31", "2014-06-30"]),
        "value": [0.1, 0.2, 0.3, 0.4],
        "name": ["Xiaomi", "Xiaomi", "Samsung", "Samsung"],
        "note": ["", "b", "c", "d"],
    }
)
LINE = alt.Chart(ROWS).mark_line().encode(x="date:T", y="value:Q", color="name:N")


def says(chart) -> str:
    reading = read(plain(chart), Spec("chart"))
    assert reading.canonical is not None, reading.note
    return reading.canonical


TEXTS = ROWS.assign(date=ROWS["date"].dt.strftime("%Y-%m-%d"))
MORE = pd.concat([ROWS, ROWS.assign(name="vivo")])

SAME = {
    "long form": alt.Chart(ROWS)
    .mark_line()
    .encode(
        alt.Color(field="name", type="nominal"),
        alt.Y(field="value", type="quantitative"),
        alt.X(field="date", type="temporal"),
    ),
    "types inferred": alt.Chart(ROWS).mark_line().encode(x="date", y="value", color="name"),
    "rows in another order": alt.Chart(ROWS.iloc[::-1])
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N"),
    "columns that are not drawn": alt.Chart(ROWS.drop(columns="note"))
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N"),
    "dates as texts": alt.Chart(TEXTS).mark_line().encode(x="date:T", y="value:Q", color="name:N"),
    "titles, sizes, axes": LINE.encode(
        x=alt.X("date:T", title="Quarter", axis=alt.Axis(format="%Y")),
        y=alt.Y("value:Q", scale=alt.Scale(zero=False)).title("Share"),
    ).properties(title="Two vendors", width=500, height=200),
    "colours": LINE.encode(color=alt.Color("name:N", scale=alt.Scale(range=["red", "blue"]))),
    "tooltips": LINE.encode(tooltip=["name", "value"]),
    "points on the line": alt.Chart(ROWS)
    .mark_line(point=True, strokeWidth=3)
    .encode(x="date:T", y="value:Q", color="name:N"),
    "points as a layer": LINE + LINE.mark_point(),
    "labels as a layer": LINE + LINE.mark_text().encode(text="name:N"),
    "a rule as a layer": LINE + alt.Chart(pd.DataFrame({"y": [0.25]})).mark_rule().encode(y="y:Q"),
    "one layer": alt.layer(LINE),
    "shared encoding": alt.layer(alt.Chart().mark_line().encode(y="value:Q"), data=ROWS).encode(
        x="date:T", color="name:N"
    ),
    "stroke for colour": alt.Chart(ROWS)
    .mark_line()
    .encode(x="date:T", y="value:Q", stroke="name:N"),
    "ordinal for nominal": LINE.encode(color="name:O"),
    "told twice": LINE.encode(strokeDash="name:N", shape="name:N", detail="name:N"),
    "interactive": LINE.interactive(),
    "a selection": LINE.add_params(alt.selection_point(fields=["name"])),
    "a condition": LINE.encode(
        color=alt.condition(alt.selection_point(name="pick"), "name:N", alt.value("grey"))
    ).add_params(alt.selection_point(name="pick")),
    "sorted": LINE.encode(color=alt.Color("name:N", sort=["Xiaomi", "Samsung"])),
    "filtered in the chart": alt.Chart(MORE)
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N")
    .transform_filter(alt.datum.name != "vivo"),
    "filtered by a list": alt.Chart(MORE)
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N")
    .transform_filter(alt.FieldOneOfPredicate("name", ["Xiaomi", "Samsung"])),
    "a specification written out": LINE.to_dict(),
    "inline data": {
        "mark": {"type": "line"},
        "data": {"values": TEXTS.to_dict("records")},
        "encoding": {
            "x": {"field": "date", "type": "temporal"},
            "y": {"field": "value", "type": "quantitative"},
            "color": {"field": "name", "type": "nominal"},
        },
    },
    "rows without a value": alt.Chart(pd.concat([ROWS, ROWS.iloc[:1].assign(value=None)]))
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N"),
}

OTHER = {
    "another mark": LINE.mark_bar(),
    "points only": LINE.mark_point(),
    "no colour": alt.Chart(ROWS).mark_line().encode(x="date:T", y="value:Q"),
    "axes exchanged": alt.Chart(ROWS).mark_line().encode(y="date:T", x="value:Q", color="name:N"),
    "a name across": LINE.encode(x="name:N"),
    "dates as names": LINE.encode(x="date:O"),
    "a mean": LINE.encode(y="mean(value):Q"),
    "a year": LINE.encode(x="year(date):T"),
    "log": LINE.encode(y=alt.Y("value:Q", scale=alt.Scale(type="log"))),
    "more rows": alt.Chart(MORE).mark_line().encode(x="date:T", y="value:Q", color="name:N"),
    "fewer rows": alt.Chart(ROWS[1:]).mark_line().encode(x="date:T", y="value:Q", color="name:N"),
    "other values": alt.Chart(ROWS.assign(value=ROWS["value"] * 100))
    .mark_line()
    .encode(x="date:T", y="value:Q", color="name:N"),
    "facets": LINE.encode(row="name:N"),
    "a transform": LINE.transform_window(rank="rank()"),
    "another layer": LINE + LINE.mark_area(),
    "two charts": LINE | LINE.mark_bar(),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_chart_in_another_spelling(name):
    assert says(SAME[name]) == says(LINE)


@pytest.mark.parametrize("name", OTHER)
def test_another_chart(name):
    assert says(OTHER[name]) != says(LINE)


def test_synonyms_of_aggregates_counts_and_facets():
    bars = alt.Chart(ROWS).mark_bar()
    assert says(bars.encode(x="mean(value):Q", y="name:N")) == says(
        bars.encode(x="average(value):Q", y="name:N")
    )
    assert says(bars.encode(x="count()", y="name:N")) == says(
        bars.encode(x=alt.X(aggregate="count", type="quantitative"), y="name:N")
    )
    assert says(LINE.facet("name:N")) == says(LINE.encode(facet="name:N"))
    assert says(LINE.facet(row="name:N")) == says(LINE.encode(row="name:N"))


def test_stacking_counts_for_bars():
    bars = alt.Chart(ROWS).mark_bar().encode(x="date:T", color="name:N")
    assert says(bars.encode(y="value:Q")) != says(
        bars.encode(y=alt.Y("value:Q", stack="normalize"))
    )
    assert says(bars.encode(y="value:Q")) == says(bars.encode(y=alt.Y("value:Q", stack="zero")))


def test_bars_coloured_by_their_own_names_are_the_same_bars():
    bars = alt.Chart(ROWS).mark_bar().encode(x="value:Q", y="name:N")
    assert says(bars.encode(color="name:N")) == says(bars)
    assert says(bars.encode(fill="name:O")) == says(bars)
    assert says(bars.encode(color="note:N")) != says(bars)
    # A line is taken to pieces by a colour for each place on its axis.
    line = alt.Chart(ROWS).mark_line().encode(x="name:N", y="value:Q")
    assert says(line.encode(color="name:N")) != says(line)


def test_more_than_five_thousand_rows_are_read():
    many = pd.DataFrame({"x": range(6000), "y": range(6000)})
    assert says(alt.Chart(many).mark_point().encode(x="x", y="y"))


def test_the_line_that_is_printed():
    shown = read(plain(LINE), Spec("chart")).shown
    assert shown.startswith(
        "line chart; x: date (temporal); y: value (quantitative); color: name (discrete); 4 rows"
    )


def test_charts_that_cannot_be_read_say_why():
    assert "no mark" in read(plain({"layer": []}), Spec("chart")).note
    url = alt.Chart("data.csv").mark_line().encode(x="a:Q")
    assert "DataFrame" in read(plain(url), Spec("chart")).note
    empty = alt.Chart().mark_line().encode(x="a:Q")
    assert "no data" in read(plain(empty), Spec("chart")).note
    typo = LINE.encode(y="valeu:Q")
    assert "no column 'valeu'" in read(plain(typo), Spec("chart")).note
    assert "An Altair chart is asked" in read(plain(3), Spec("chart")).note
