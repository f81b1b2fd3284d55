"""The index pair: the base is a choice, and the ranking follows it."""

import re

import pandas as pd
import pytest

from paths_abroad import charts

WORDS = {"title": "A finding", "description": "What it shows."}


def makers() -> pd.DataFrame:
    sold = {
        "Fell": {2007: 200, 2008: 150, 2009: 100, 2010: 150, 2011: 220},
        "Steady": {2007: 100, 2008: 110, 2009: 120, 2010: 130, 2011: 150},
        "Closed": {2007: 50, 2008: 40, 2009: 10},
    }
    rows = [
        {
            "company": name.lower(),
            "name": name,
            "metric": "sales",
            "label": "Sales",
            "period": str(year),
            "value": float(value),
            "unit": "vehicles",
            "qualifier": "exact",
            "grade": "A",
            "source_id": f"source-{name.lower()}",
        }
        for name, years in sold.items()
        for year, value in years.items()
    ]
    return pd.DataFrame(rows)


def names_of_bars(base: str) -> list[str]:
    spec = charts.rebased(makers(), base=base, end="2011", **WORDS).to_dict()
    drawn = re.findall(r">(Fell|Steady|Closed|\d+)</text>", charts.svg(spec))
    return [word for word in drawn if not word.isdigit()]


def test_the_ranking_follows_the_base():
    # From 2007 the steady maker grew more; from its own worst year the other did.
    assert names_of_bars("2007")[-2:] == ["Steady", "Fell"]
    assert names_of_bars("2009")[-2:] == ["Fell", "Steady"]


def test_the_line_of_a_closed_maker_is_named():
    assert "Closed" in names_of_bars("2007")


def test_the_base_is_chosen_from_a_list():
    spec = charts.rebased(makers(), base="2009", end="2011", bases=["2007"], **WORDS).to_dict()
    (choice,) = spec["params"]
    assert choice["value"] == "2009"
    assert choice["bind"]["options"] == ["2007", "2009"]


def test_a_phone_gets_the_pair_one_below_the_other():
    spec = charts.rebased(makers(), base="2007", end="2011", **WORDS).to_dict()
    assert "vconcat" in charts.narrow(spec)
    assert charts.sources_of(spec) == ["source-fell", "source-steady", "source-closed"]


@pytest.mark.parametrize("wrong", [{"base": "1999"}, {"end": "2030"}, {"bases": ["2001"]}])
def test_a_period_that_is_not_there_is_refused(wrong):
    with pytest.raises(charts.ChartError, match="2007 to 2011"):
        charts.rebased(makers(), **({"base": "2007", "end": "2011"} | wrong), **WORDS)
