"""Charts as documents: renderer, pictures, small screens, colours, descriptions."""

import json
import re
import subprocess
import sys
from itertools import combinations

import altair as alt
import pandas as pd
import pytest

from paths_abroad import charts
from paths_abroad.charts import theme
from test_charts_forms import WORDS, events, series, vendors

MIME = "application/vnd.vegalite.v6+json"


FORMS = {
    "line": lambda: charts.line(series([0.061, 0.134, 0.28]), **WORDS),
    "broken": lambda: charts.line(
        series([0.1, 0.2]).assign(break_before=[None, "Counted anew"]),
        rules=pd.DataFrame({"date": ["2015-05-01"], "label": ["A law"]}),
        **WORDS,
    ),
    "shares": lambda: charts.shares(vendors(), **WORDS),
    "path": lambda: charts.path(events(), **WORDS),
    "bars": lambda: charts.bars(vendors().query("period == '2020Q4'"), **WORDS),
    "dumbbell": lambda: charts.dumbbell(vendors(), start="2019Q1", end="2020Q4", **WORDS),
    "linked_shares": lambda: charts.linked_shares(vendors(), **WORDS),
}


def by_hand():
    rows = series([0.1, 0.2, 0.3])
    chart = (
        alt.Chart(rows[["period", "value", "source_id"]]).mark_bar().encode(x="period", y="value")
    )
    return charts.finish(chart, **WORDS)


ALL = [*FORMS, "by hand"]


def make(name):
    return by_hand() if name == "by hand" else FORMS[name]()


@pytest.fixture(params=ALL)
def spec(request):
    return charts.stable(make(request.param).to_dict())


def test_importing_the_room_enables_renderer_and_theme():
    code = (
        "import altair as alt; from paths_abroad import charts;"
        "print(alt.renderers.active, alt.theme.active)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["paths-abroad", "paths-abroad"]


def test_the_room_imports_nothing_of_sphinx():
    code = (
        "import sys; from paths_abroad import charts;"
        "print([m for m in sys.modules if m.startswith(('sphinx', 'myst', 'paths_abroad.book'))])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_a_bundle_has_specification_picture_and_words(spec):
    bundle = charts.mimebundle(spec)
    assert set(bundle) == {MIME, "text/html", "text/plain"}
    assert bundle[MIME] == spec
    assert bundle["text/plain"] == "What it shows."
    assert 'role="img"' in bundle["text/html"]
    assert 'aria-label="What it shows."' in bundle["text/html"]
    assert "A finding" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]


def test_altair_shows_charts_through_the_renderer():
    alt.renderers.enable("paths-abroad")
    bundle = make("line")._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert bundle["text/plain"] == "What it shows."
    assert MIME in bundle


@pytest.mark.parametrize("name", ALL)
def test_a_chart_is_the_same_drawn_first_or_last(name):
    first = charts.mimebundle(make(name).to_dict())
    for other in ALL:
        charts.mimebundle(make(other).to_dict())
    for _ in range(3):  # whatever Altair counts in a session
        dot = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")
        dot.add_params(alt.selection_point(), alt.param(value=1)).to_dict()
    again = charts.mimebundle(make(name).to_dict())
    assert json.dumps(first) == json.dumps(again)


def test_numbered_parameters_of_a_students_chart_are_stable():
    def once():
        pick = alt.selection_point()
        rows = pd.DataFrame({"a": [1, 2], "words": ["param_7", "view_3"]})
        chart = alt.Chart(rows).mark_point().encode(x="a:Q").add_params(pick)
        return charts.mimebundle(chart.transform_filter(pick).to_dict())[MIME]

    one, two = once(), once()
    assert one == two
    assert one["params"][0]["name"] == one["transform"][0]["filter"]["param"]
    assert "param_7" in json.dumps(one["datasets"])  # data are not renamed


def test_a_chart_without_words_still_shows_and_says_what_it_lacks():
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q")
    bundle = charts.mimebundle(chart.to_dict())
    assert "a description" in bundle["text/plain"]
    assert "sources" in bundle["text/plain"]
    assert "<svg" in bundle["text/html"]


def test_a_chart_that_cannot_be_drawn_still_gives_its_specification():
    chart = alt.Chart(pd.DataFrame({"a": [1]})).mark_point().encode(x="a:Q").to_dict()
    chart["mark"] = "no such mark"
    bundle = charts.mimebundle(chart)
    assert MIME in bundle
    assert "cannot be drawn" in bundle["text/plain"]


def test_missing_names_what_a_chart_lacks(spec):
    assert charts.missing(spec) == []
    assert charts.missing({**spec, "description": ""}) == ["a description"]
    bare = {"mark": "point", "data": {"values": [{"a": 1}]}}
    assert charts.missing(bare) == ["a description", "sources", "a title"]


def test_no_output_names_a_foreign_address(spec):
    bundle = charts.mimebundle(spec)
    text = json.dumps({k: v for k, v in bundle[MIME].items() if k != "$schema"})
    text += bundle["text/html"] + charts.svg(spec) + charts.svg(charts.narrow(spec))
    hosts = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+", text))
    assert hosts <= {"http://www.w3.org"}
    assert "xlink" not in charts.svg(spec)


def test_a_picture_scales_and_is_silent(spec):
    drawn = charts.svg(spec)
    head = drawn[: drawn.index(">")]
    assert head.startswith("<svg ")
    assert "viewBox=" in head
    assert " width=" not in head
    assert 'aria-hidden="true"' in head
    assert "aria-label" not in drawn
    assert " role=" not in drawn
    assert "A finding" not in drawn  # the page says the title as text
    assert "<script" not in drawn


def test_a_picture_is_as_wide_as_its_place(spec):
    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', charts.svg(spec)).group(1))
    narrow = float(re.search(r'viewBox="0 0 ([\d.]+)', charts.svg(charts.narrow(spec))).group(1))
    assert wide <= 660
    assert 280 <= narrow <= 340


def test_type_is_large_enough_to_read(spec):
    for narrow, least in ((False, 12), (True, 11)):
        drawn = charts.svg(charts.narrow(spec) if narrow else spec)
        sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)px"', drawn)]
        assert sizes
        assert min(sizes) >= least


def test_pictures_on_one_page_share_no_id():
    specs = [make(name).to_dict() for name in ALL]
    pictures = [charts.svg(spec) for spec in (*specs, *map(charts.narrow, specs))]
    clipped = alt.Chart(series([0.1, 0.2])).mark_line(clip=True).encode(x="period", y="value")
    other = clipped.encode(y="at:Q")
    pictures += [charts.svg(one.to_dict()) for one in (clipped, other)]
    ids = [re.findall(r'\bid="([^"]+)"', picture) for picture in pictures]
    assert ids[-1], "a clipped chart has an id, or this test shows nothing"
    assert ids[-2]
    for one, two in combinations(ids, 2):
        assert not set(one) & set(two)
    for picture, own in zip(pictures, ids, strict=True):
        assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= set(own)


def test_every_colour_of_a_picture_is_a_variable(spec):
    for narrow in (False, True):
        drawn = charts.svg(charts.narrow(spec) if narrow else spec)
        outside = re.sub(r"var\(--pa-[a-z0-9-]+, #[0-9a-f]{6}\)", "", drawn)
        allowed = {"none", "transparent"}
        found = set(re.findall(r'(?:fill|stroke)="([^"]*)"', outside)) - {""}
        found = {one for one in found if not one.startswith("url(")}
        assert found <= allowed, found
        assert not re.findall(r"#[0-9a-f]{3,8}\b", re.sub(r"url\(#[^)]*\)", "", outside))


def test_every_colour_of_a_form_is_one_of_the_theme(spec):
    text = json.dumps({k: v for k, v in spec.items() if k != "datasets"})
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", text)) <= set(theme.CSS_VARIABLES)


def test_without_variables_a_picture_has_the_light_colours(spec):
    assert "var(" not in charts.svg(spec, css_variables=False)


@pytest.mark.parametrize("name", FORMS)
def test_narrow_draws_the_form_anew_and_keeps_its_words(name):
    spec = charts.stable(FORMS[name]().to_dict())
    made = charts.narrow(spec)
    assert made["usermeta"] == spec["usermeta"]
    assert made["description"] == spec["description"]
    assert charts.rows_of(made) == charts.rows_of(spec)
    assert charts.sources_of(made) == charts.sources_of(spec)
    assert "hconcat" not in made
    assert made["config"]["legend"]["layout"]["bottom"]["direction"] == "vertical"
    assert made.get("width", 0) in (0, theme.NARROW)
    assert charts.narrow(made) == made


def test_narrow_puts_any_charts_below_each_other():
    dots = alt.Chart(series([0.1, 0.2])).mark_point().encode(x="period", y="value")
    spec = charts.finish(dots | dots, **WORDS).to_dict()
    made = charts.narrow(spec)
    assert "hconcat" not in made
    assert made["config"]["legend"]["layout"]["bottom"]["direction"] == "vertical"
    assert len(made["vconcat"]) == 2
    assert all(view["width"] <= 300 for view in made["vconcat"])
    assert made["config"]["legend"]["orient"] == "bottom"
    assert "hconcat" in spec  # the given one is left alone


def test_page_spec_has_no_title_and_the_rest(spec):
    page = charts.page_spec(spec)
    assert "title" not in page
    assert charts.title_of(page) == "A finding"
    assert set(spec) - set(page) == {"title"}


def test_rows_are_those_of_the_drawn_data_or_the_stated_ones():
    rows = series([0.1, 0.2])
    drawn = charts.line(rows, **WORDS).to_dict()
    assert charts.rows_of(drawn)[1] == {
        "name": "Xiaomi",
        "label": "Share",
        "place": "India",
        "period": "2016",
        "value": 0.2,
        "unit": "share",
        "qualifier": "exact",
        "grade": "A",
        "source_id": "source-xiaomi",
    }
    mean = alt.Chart(pd.DataFrame({"mean": [0.15]})).mark_bar().encode(x="mean:Q")
    spec = charts.finish(mean, rows=rows, columns=["period", "value"], **WORDS).to_dict()
    assert charts.rows_of(spec) == [
        {"period": "2015", "value": 0.1},
        {"period": "2016", "value": 0.2},
    ]
    assert charts.sources_of(spec) == ["source-xiaomi"]


def test_finish_names_a_column_that_is_not_there():
    with pytest.raises(charts.ChartError, match="no column 'nothing'; the rows have period"):
        dots = alt.Chart(series([0.1])[["period", "value"]]).mark_point().encode(x="value")
        charts.finish(dots, columns=["nothing"], **WORDS)


def test_finish_leaves_the_given_chart_alone():
    dots = alt.Chart(series([0.1])).mark_point().encode(x="value")
    charts.finish(dots, **WORDS)
    assert dots.title is alt.Undefined


PAPERS = [
    (theme.LIGHT, ["#ffffff", theme.LIGHT["--pa-paper"]]),
    (theme.DARK, [theme.DARK["--pa-paper"], "#121212", "#1a1d24"]),
]


@pytest.mark.parametrize(("values", "papers"), PAPERS)
def test_contrast_of_text_and_marks(values, papers):
    text = ["--pa-ink", "--pa-muted", *[name for name in values if "hue" in name]]
    for paper in papers:
        for name in text:
            assert theme.contrast(values[name], paper) >= 4.5, name
        assert theme.contrast(values["--pa-other"], paper) >= 3


def test_contrast_is_that_of_the_definition():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


# Severity 1.0 of Machado, Oliveira and Fernandes (2009), in linear RGB.
VISIONS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def oklab(colour, vision):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    r, g, b = (
        min(1, max(0, sum(k * c for k, c in zip(row, linear, strict=True))))
        for row in VISIONS[vision]
    )
    cone = [
        (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3),
        (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3),
        (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3),
    ]
    rows = (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
    return [sum(k * c for k, c in zip(row, cone, strict=True)) for row in rows]


@pytest.mark.parametrize("values", [theme.LIGHT, theme.DARK])
@pytest.mark.parametrize("vision", VISIONS)
def test_the_first_four_hues_stay_apart_for_every_eye(values, vision):
    hues = [values[f"--pa-hue-{n}"] for n in (1, 2, 3, 4)]
    for one, two in combinations(hues, 2):
        a, b = oklab(one, vision), oklab(two, vision)
        assert sum((p - q) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5 > 0.08, (one, two)


@pytest.mark.parametrize("values", [theme.LIGHT, theme.DARK])
def test_the_first_four_hues_stay_apart_in_grey(values):
    hues = [values[f"--pa-hue-{n}"] for n in (1, 2, 3, 4)]
    for one, two in combinations(hues, 2):
        assert theme.contrast(one, two) >= 1.15, (one, two)


def test_light_and_dark_declare_the_same_variables():
    assert list(theme.LIGHT) == list(theme.DARK)
    assert set(theme.CSS_VARIABLES.values()) == set(theme.LIGHT)
    assert len(set(theme.LIGHT.values())) == len(theme.LIGHT)  # a sentinel names one variable
    sheet = theme.style_sheet()
    assert all(f"{name}: {value};" in sheet for name, value in theme.DARK.items())


def described(description, computed=None):
    rows = pd.concat(
        [
            series([0.061, 0.134, 0.28, None, 0.498], "Xiaomi", grade="B"),
            series([0.5, 0.25], "Samsung"),
        ]
    )
    chart = charts.line(rows, title="A finding", description=description, computed=computed)
    return charts.numbers_in_description(chart.to_dict())


RIGHT = [
    "From 6.1% in 2015 to 49.8 percent in 2019.",
    "It went from 6 to 50%, about 13.4 per cent on the way.",
    "Six rows for two firms, one of them with four points.",
    "The share was 13.4% in Q2 2016, 2016Q2, on 3 May 2016, in May 2016 and on 2016-05-03.",
    "Third place, the 2nd in a row, over five years (2015–19).",
    "Between 6.1 and 49.8% in FY2016; 5G and H1 2017 did not matter.",
    "It began at one half, and two thirds of it went.",
]
WRONG = {
    "From 6.2% to 49.8%.": "6.2%",
    "From 16.1% to 49.8%.": "16.1%",
    "From 6.1% to 48 percent.": "48 percent",
    "It was 13.5 in 2016.": "13.5",
    "Seven rows are drawn.": "Seven",
    "There are 29 quarters.": "29",
    "Three firms are drawn.": "Three",
    "It rose to 45 billion.": "45 billion",
    "US$0.28 were paid.": "US$0.28",
    "A share of 61%.": "61%",
    "It had 2015 billion.": "2015 billion",
    "It fell by 22 percentage points.": "22",
}


@pytest.mark.parametrize("words", RIGHT)
def test_a_right_description_passes(words):
    assert described(words) == []


@pytest.mark.parametrize(("words", "said"), WRONG.items())
def test_a_wrong_number_is_caught(words, said):
    problems = described(words)
    assert len(problems) == 1
    assert repr(said)[1:-1] in problems[0]


def test_a_computed_figure_must_be_the_one_stored():
    words = "It rose by 36.4 percentage points, 3.7-fold."
    assert len(described(words)) == 2
    stored = {"points gained": 0.498 - 0.134, "ratio": 0.498 / 0.134}
    assert described(words, computed=stored) == []
    assert len(described(words, computed={**stored, "ratio": 3.9})) == 1


MONEY = [
    ("Valued at US$45 billion in December 2014.", 0),
    ("Valued at 45 billion dollars.", 0),
    ("Valued at US$46 billion.", 1),
    ("Valued at RMB 45 billion.", 1),
    ("Valued at 45 million.", 1),
    ("It went from 10 to 45 billion dollars.", 0),
    ("It went from 11 to 45 billion dollars.", 1),
    ("It was worth $45,000,000,000.", 0),
    ("It was worth $45,000,000.", 1),
    ("It was worth ten billion.", 0),
    ("It was worth eleven billion.", 1),
]


@pytest.mark.parametrize(("words", "wrong"), MONEY)
def test_money_is_checked_with_its_scale_and_currency(words, wrong):
    rows = series([10e9, 45e9], unit="USD")
    chart = charts.line(rows, title="A finding", description=words)
    assert len(charts.numbers_in_description(chart.to_dict())) == wrong


def test_quarters_are_counted():
    chart = charts.shares(vendors(), title="x", description="Four vendors over eight quarters.")
    assert charts.numbers_in_description(chart.to_dict()) == []
    chart = charts.shares(vendors(), title="x", description="Four vendors over nine quarters.")
    assert len(charts.numbers_in_description(chart.to_dict())) == 1


def test_every_value_of_a_description_changed_by_one_digit_is_caught():
    good = "It went from 6.1% to 13.4%, then 28% and 49.8%."
    assert described(good) == []
    caught = 0
    places = [m.start() for m in re.finditer(r"\d", good)]
    for place in places:
        digit = (int(good[place]) + 4) % 10
        caught += bool(described(good[:place] + str(digit) + good[place + 1 :]))
    assert caught == len(places)
