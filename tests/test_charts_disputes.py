"""Rivals beside a line, and a value to measure bars by."""

import pytest

from paths_abroad import charts, ledger

WORDS = {"title": "A finding", "description": "What is seen."}


def shares(series: str):
    return ledger.series("revenue_overseas_share", "xiaomi", period="year", series=series)


def drawn(spec) -> list[dict]:
    """Return the rows that the marks are drawn from."""
    return max(spec["datasets"].values(), key=len)


def test_rivals_are_crosses_that_no_line_touches():
    main, rivals = shares("main"), shares("rival")
    spec = charts.line(main, rivals=rivals, **WORDS).to_dict()
    beside = [row for row in drawn(spec) if row.get("rival") == 1]
    assert [row["value"] for row in beside] == rivals["value"].tolist()
    assert all(row["runs"] == [] for row in beside)
    marks = [layer["mark"] for layer in spec["layer"]]
    assert any(mark.get("shape") == "cross" for mark in marks)
    assert set(rivals["source_id"]) <= set(charts.sources_of(spec))


def test_rivals_leave_the_label_of_the_line_alone():
    main, rivals = shares("main"), shares("rival")
    plain = charts.line(main, **WORDS).to_dict()
    disputed = charts.line(main, rivals=rivals, **WORDS).to_dict()

    def words(spec):
        values = [layer.get("data", {}).get("values", []) for layer in spec["layer"]]
        return [one["text"] for many in values for one in many if "text" in one]

    assert words(plain) == words(disputed)


def test_rivals_in_another_unit_are_refused():
    with pytest.raises(charts.ChartError, match="rivals must be in 'share'"):
        charts.line(shares("main"), rivals=shares("rival").assign(unit="CNY"), **WORDS)


def test_a_rule_lies_inside_the_axis_and_says_its_name():
    gaps = ledger.series("days_since_previous_major_version", "apple")
    spec = charts.bars(gaps, category="id", sort="rows", rule=(1000, "a limit"), **WORDS).to_dict()
    rule = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rule")
    assert rule["data"]["values"] == [{"value": 1000, "text": "a limit"}]
    domain = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert domain[0] == 0
    assert domain[1] > 1000


def test_a_small_screen_keeps_rivals_and_rule():
    line = charts.line(shares("main"), rivals=shares("rival"), **WORDS).to_dict()
    assert any(row.get("rival") == 1 for row in drawn(charts.narrow(line)))
    gaps = ledger.series("days_since_previous_major_version", "apple")
    bars = charts.bars(gaps, category="id", sort="rows", rule=(1000, "a limit"), **WORDS).to_dict()
    assert "a limit" in str(charts.narrow(bars))
