"""Bars that answer to a switch, by their specification: choices, ranks, gaps, refusals."""

import pandas as pd
import pytest

from paths_abroad import charts

WORDS = {"title": "A finding", "description": "What it shows."}
VALUES = {
    ("founding", "Toyota"): -1,
    ("founding", "Kia"): 31,
    ("founding", "NIO"): 7,
    ("product", "Toyota"): 1,
    ("product", "NIO"): 3,
}


def rows(**more):
    return pd.DataFrame(
        [
            {
                "company": name.lower(),
                "name": name,
                "clock": clock,
                "value": value,
                "unit": "years",
                "qualifier": "at_most" if name == "Kia" else "exact",
                "grade": "B",
                "source_id": f"source-{name.lower()}",
            }
            | more
            for (clock, name), value in VALUES.items()
        ]
    )


def drawn(**options):
    return charts.switched_bars(rows(), by="clock", sort="value", **WORDS, **options).to_dict()


def table(spec):
    data = max(spec["datasets"].values(), key=len)
    return {(row["clock"], row["name"]): row for row in data}


def layers(spec, kind):
    return [one for one in spec["layer"] if one["mark"]["type"] == kind]


def test_the_switch_is_a_list_with_a_name_that_a_keyboard_reaches():
    (switch,) = drawn()["params"]
    assert switch["bind"]["input"] == "select"
    assert switch["bind"]["options"] == ["founding", "product"]
    assert switch["bind"]["name"].strip() == "Clock"
    assert switch["value"] == "founding"


def test_the_default_and_the_words_of_the_switch_can_be_chosen():
    (switch,) = drawn(default="product", choice_title="Counted from")["params"]
    assert (switch["value"], switch["bind"]["name"].strip()) == ("product", "Counted from")


def test_every_choice_has_its_own_order_and_a_gap_comes_last_and_says_so():
    held = table(drawn())
    assert [held["founding", name]["rank"] for name in ("Toyota", "NIO", "Kia")] == [1, 2, 3]
    assert [held["product", name]["rank"] for name in ("Toyota", "NIO", "Kia")] == [1, 2, 3]
    gap = held["product", "Kia"]
    assert gap["value"] is None
    assert gap["brief"] == "not found"
    largest = charts.switched_bars(rows(), by="clock", **WORDS).to_dict()
    assert table(largest)["founding", "Kia"]["rank"] == 1
    assert table(largest)["product", "Kia"]["rank"] == 3


def test_bars_are_filtered_by_the_switch_and_sorted_by_rank():
    bar = layers(drawn(), "bar")[0]
    assert bar["transform"] == [{"filter": "datum['clock'] === switch_1"}]
    assert bar["encoding"]["y"]["sort"] == {"field": "rank", "op": "min", "order": "ascending"}


def test_the_axis_is_the_same_for_every_choice():
    low, high = layers(drawn(), "bar")[0]["encoding"]["x"]["scale"]["domain"]
    assert low == -1
    assert high > 31


def test_an_upper_bound_is_said_beside_the_bar():
    held = table(drawn())
    assert held["founding", "Kia"]["brief"] == "at most 31"
    assert held["founding", "NIO"]["brief"] == "7"


def test_two_columns_make_two_switches():
    double = pd.concat([rows().assign(step="sale"), rows().assign(step="plant")])
    spec = charts.switched_bars(double, by=["step", "clock"], **WORDS).to_dict()
    assert [one["bind"]["name"].strip() for one in spec["params"]] == ["Step", "Clock"]
    assert len(layers(spec, "bar")[0]["transform"]) == 2
    assert len(max(spec["datasets"].values(), key=len)) == 2 * 2 * 3


def test_the_narrow_picture_keeps_the_switch():
    spec = drawn(rule=(3, "3 years"))
    small = charts.narrow(spec)
    assert small["width"] < spec["width"]
    assert small["params"] == spec["params"]
    assert "not found" in {row["brief"] for row in max(small["datasets"].values(), key=len)}


def test_the_still_picture_shows_the_default_alone():
    first, second = (charts.svg(drawn(default=one)) for one in ("founding", "product"))
    assert ">at most 31<" in first
    assert ">not found<" not in first
    assert ">not found<" in second


def test_the_sources_of_all_choices_are_kept():
    assert charts.sources_of(drawn()) == ["source-toyota", "source-kia", "source-nio"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"by": "colour"}, "no column 'colour'"),
        ({"by": "clock", "default": "birth"}, "is no choice"),
        ({"by": "clock", "sort": "rows"}, "'-value' and 'value'"),
        ({"by": "clock", "highlight": "Honda"}, "nothing to highlight"),
        ({"by": "unit"}, "values for"),
    ],
)
def test_refusals_name_what_is_wrong(options, words):
    with pytest.raises(charts.ChartError, match=words):
        charts.switched_bars(rows(), **options, **WORDS)


def test_one_choice_is_no_switch():
    one = rows()[lambda held: held["clock"] == "founding"]
    with pytest.raises(charts.ChartError, match="nothing to choose"):
        charts.switched_bars(one, by="clock", **WORDS)
