"""Each form by its specification: what is drawn, what is refused."""

import json
import re
from itertools import pairwise

import pandas as pd
import pytest

from paths_abroad import charts
from paths_abroad.charts import labels, theme, times, units
from paths_abroad.charts.labels import spread

WORDS = {"title": "A finding", "description": "What it shows."}


def series(values, company="Xiaomi", unit="share", form="{}", start=2015, **more):
    """Rows as the ledger gives them: one a year from ``start``, None for a missing one."""
    rows = [
        {
            "id": f"{company}-{start + n}",
            "company": company.lower(),
            "name": company,
            "metric": "market_share",
            "label": "Share",
            "period": form.format(start + n),
            "value": value,
            "unit": unit,
            "place": "India",
            "qualifier": "exact",
            "grade": "A",
            "source_id": f"source-{company.lower()}",
            "break_before": None,
        }
        | more
        for n, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows)


def vendors():
    quarters = [f"{year}Q{q}" for year in (2019, 2020) for q in (1, 2, 3, 4)]
    frames = []
    for k, name in enumerate(("Xiaomi", "Samsung", "vivo", "Others")):
        frame = series([0.3 - 0.06 * k + 0.005 * n for n in range(8)], name, qualifier="estimate")
        frames.append(frame.assign(period=quarters, grade="B"))
    return pd.concat(frames, ignore_index=True)


def events():
    kinds = [
        ("founded", "CHN", "2010-04-01", "month"),
        ("market_entry", "IND", "2014-07-15", "day"),
        ("market_entry", "BRA", "2015-01-01", "year"),
        ("milestone", "WLD", "2014-07-15", "day"),
        ("ban", "IND", "2014-12-08", "day"),
        ("listing", "HKG", "2018-07-09", "day"),
    ]
    return pd.DataFrame(
        [
            {
                "id": f"event-{n}",
                "name": "Xiaomi",
                "date": pd.Timestamp(day),
                "date_text": day,
                "precision": precision,
                "type": kind,
                "place": place,
                "description": f"It happened in {place}.",
                "grade": "ABC"[n % 3],
                "source_id": f"source-{n}",
            }
            for n, (kind, place, day, precision) in enumerate(kinds)
        ]
    )


def layers(spec):
    return spec.get("layer") or [one for part in spec["hconcat"] for one in part["layer"]]


def marks_of(spec, kind):
    return [one for one in layers(spec) if one["mark"].get("type", one["mark"]) == kind]


def main_rows(spec):
    return max(spec["datasets"].values(), key=len)


def texts(spec):
    return {
        row["text"]
        for table in [*spec["datasets"].values(), *charts.finishing.datasets(spec)]
        for row in table
        if "text" in row
    }


def legend_words(spec):
    return [
        one["encoding"][channel]["scale"]["domain"]
        for one in layers(spec)
        for channel in ("shape", "strokeDash")
        if one["encoding"].get(channel, {}).get("legend")
    ]


def test_line_draws_value_over_time_in_the_middle_of_each_year():
    spec = charts.line(series([0.06, 0.13, 0.28]), **WORDS).to_dict()
    drawn = marks_of(spec, "line")[0]
    assert drawn["encoding"]["x"]["field"] == "at"
    assert drawn["encoding"]["y"]["field"] == "value"
    assert [row["at"] for row in main_rows(spec)] == [2015.5, 2016.5, 2017.5]
    assert drawn["encoding"]["y"]["axis"]["title"] == "Share, %"
    assert drawn["encoding"]["y"]["scale"]["domain"][0] == 0


def test_line_gets_its_rows_in_order_of_time():
    rows = series([0.1, 0.2, 0.3]).iloc[::-1]
    spec = charts.line(rows, **WORDS).to_dict()
    assert [row["period"] for row in main_rows(spec)] == ["2015", "2016", "2017"]


def test_a_missing_year_interrupts_the_line():
    whole = charts.line(series([0.1, 0.2, 0.3, 0.4]), **WORDS).to_dict()
    assert {run for row in main_rows(whole) for run in row["runs"]} == {"1 solid"}
    gap = charts.line(series([0.1, 0.2, None, 0.4, 0.5]), **WORDS).to_dict()
    assert [row["runs"] for row in main_rows(gap)] == [["1 solid"]] * 2 + [["2 solid"]] * 2


def test_a_missing_quarter_interrupts_a_share():
    rows = vendors()
    rows = rows[~((rows["name"] == "vivo") & (rows["period"] == "2019Q3"))]
    drawn = main_rows(charts.shares(rows, **WORDS).to_dict())
    runs = [row["runs"] for row in drawn if row["name"] == "vivo"]
    assert len({run for held in runs for run in held}) == 2


def test_a_lonely_point_is_drawn_even_in_grey():
    rows = pd.concat([vendors(), series([0.01], "Huawei").assign(period="2019Q2")])
    drawn = main_rows(charts.shares(rows, **WORDS).to_dict())
    assert [row["dot"] for row in drawn if row["name"] == "Huawei"] == [1]
    assert {row["dot"] for row in drawn if row["name"] == "Samsung"} == {0}


def test_a_break_ends_the_line_and_stands_as_a_labelled_dashed_rule():
    rows = series([0.1, 0.2, 0.3, 0.4])
    rows.loc[2, "break_before"] = "Counted anew"
    spec = charts.line(rows, **WORDS).to_dict()
    runs = [row["runs"] for row in main_rows(spec)]
    assert not set(runs[1]) & set(runs[2])
    dashed = [one for one in marks_of(spec, "rule") if one["mark"].get("strokeDash") == [4, 3]]
    assert len(dashed) == 1
    assert any("Counted anew" in words for words in texts(spec))


def test_a_line_is_dashed_next_to_an_estimate_and_dotted_next_to_a_target():
    rows = series([0.1, 0.2, 0.3, 0.4])
    rows.loc[2, "qualifier"] = "estimate"
    rows.loc[3, "qualifier"] = "target"
    spec = charts.line(rows, **WORDS).to_dict()
    runs = [row["runs"] for row in main_rows(spec)]
    assert runs == [["1 solid"], ["1 solid", "2 dashed"], ["2 dashed", "3 dotted"], ["3 dotted"]]
    dash = marks_of(spec, "line")[0]["encoding"]["strokeDash"]
    assert len(dash["condition"]) == 2


def test_the_legend_shows_what_occurs_and_no_more():
    plain = charts.line(series([0.1, 0.2]), **WORDS).to_dict()
    assert legend_words(plain) == [["primary document"]]
    mixed = series([0.1, 0.2, 0.3])
    mixed["grade"] = ["A", "B", "C"]
    mixed["qualifier"] = ["exact", "exact", "estimate"]
    spec = charts.line(mixed, **WORDS).to_dict()
    assert legend_words(spec) == [
        ["primary document", "press or analyst", "other source"],
        ["reported", "estimate"],
    ]


def test_points_are_hollow_unless_primary():
    spec = charts.line(series([0.1, 0.2]), **WORDS).to_dict()
    fill = next(
        one["encoding"]["fill"] for one in marks_of(spec, "point") if "tooltip" in one["encoding"]
    )
    assert fill["condition"]["test"] == "datum.grade === 'A'"
    assert fill["value"] == theme.PAPER


def test_rules_are_drawn_and_their_sources_travel():
    rules = pd.DataFrame({"date": ["2016-03-01"], "label": ["Law"], "source_id": ["the-law"]})
    spec = charts.line(series([0.1, 0.2, 0.3]), rules=rules, **WORDS).to_dict()
    assert "Law" in texts(spec)
    assert charts.sources_of(spec) == ["source-xiaomi", "the-law"]
    assert len(charts.rows_of(spec)) == 3


def test_shares_highlight_the_first_vendor_and_label_all():
    spec = charts.shares(vendors(), **WORDS).to_dict()
    scale = marks_of(spec, "line")[0]["encoding"]["stroke"]["scale"]
    assert scale["domain"] == ["Xiaomi", "Samsung", "vivo", "Others"]
    assert scale["range"] == [theme.EMPHASIS] + [theme.OTHER] * 3
    assert {words.split()[0] for words in texts(spec)} >= {"Xiaomi", "Samsung", "vivo", "Others"}


def test_a_company_may_be_highlighted_by_its_slug():
    spec = charts.shares(vendors(), highlight="samsung", **WORDS).to_dict()
    scale = marks_of(spec, "line")[0]["encoding"]["stroke"]["scale"]
    assert scale["range"][1] == theme.EMPHASIS


def test_labels_at_the_ends_keep_apart():
    rows = pd.concat([series([0.2, 0.200 + k / 1000], f"Firm {k}") for k in range(5)])
    spec = charts.line(rows, **WORDS).to_dict()
    held = next(t for t in charts.finishing.datasets(spec) if "level" in t[0])
    domain = marks_of(spec, "line")[0]["encoding"]["y"]["scale"]["domain"]
    pixels = sorted((row["level"] - domain[0]) / (domain[1] - domain[0]) * 320 for row in held)
    assert min(b - a for a, b in pairwise(pixels)) >= 14.9


@pytest.mark.parametrize("wish", [[10, 10, 10], [0, 1, 50, 51], [99, 100, 98], [5, 60, 20]])
def test_spreading_keeps_order_distance_and_range(wish):
    placed = spread(wish, 12, 0, 100)
    ordered = sorted(placed)
    assert all(b - a >= 12 - 1e-9 for a, b in pairwise(ordered))
    assert min(placed) >= 0
    assert max(placed) <= 100
    assert sorted(range(len(wish)), key=lambda i: (wish[i], i)) == sorted(
        range(len(wish)), key=lambda i: placed[i]
    )


def test_spreading_leaves_what_fits_alone():
    assert spread([10, 50, 90], 12, 0, 100) == [10, 50, 90]


def test_path_has_a_lane_a_point_and_a_table_row_for_every_event():
    spec = charts.path(events(), **WORDS).to_dict()
    drawn = main_rows(spec)
    assert len(drawn) == 6
    assert {row["lane"] for row in drawn} == {
        "Company and products",
        "Markets",
        "Capital",
        "States and courts",
        "Decisions and milestones",
    }
    assert list(charts.rows_of(spec)[0]) == [
        "name",
        "date_text",
        "type",
        "place",
        "description",
        "grade",
        "source_id",
    ]
    assert "Ban: IND" in texts(spec)


def test_every_type_of_event_of_the_ledger_has_a_lane():
    from paths_abroad.ledger import tables

    fields = tables.resource("events")["schema"]["fields"]
    kinds = next(f for f in fields if f["name"] == "type")["constraints"]["enum"]
    on_lanes = [kind for lane in charts.forms.timeline.LANES.values() for kind in lane]
    assert sorted(on_lanes) == sorted(kinds)


def test_path_piles_up_events_of_one_day():
    twice = pd.concat([events().iloc[[1]], events().iloc[[1]].assign(id="again")])
    drawn = main_rows(charts.path(twice, **WORDS).to_dict())
    assert drawn[0]["at"] == drawn[1]["at"]
    assert abs(drawn[0]["y"] - drawn[1]["y"]) >= 9


def test_path_takes_words_for_chosen_events():
    spec = charts.path(events(), labels={"event-3": "A milestone indeed"}, **WORDS).to_dict()
    assert {"A milestone indeed"} == texts(spec)


def test_bars_are_ranked_and_carry_their_values():
    rows = vendors()
    rows = rows[rows["period"] == "2020Q4"]
    spec = charts.bars(rows.iloc[::-1], highlight="Xiaomi", **WORDS).to_dict()
    drawn = marks_of(spec, "bar")[0]
    assert drawn["encoding"]["y"]["sort"] == ["Xiaomi", "Samsung", "vivo", "Others"]
    assert drawn["encoding"]["x"]["field"] == "value"
    assert drawn["encoding"]["x"]["scale"]["domain"][0] == 0
    assert [row["brief"] for row in main_rows(spec)] == ["33.5%", "27.5%", "21.5%", "15.5%"]
    assert legend_words(spec)[1] == ["estimate"]


def test_bars_can_stand_in_order_of_the_rows():
    spec = charts.bars(series([3, 1, 2], unit="count"), category="period", sort="rows", **WORDS)
    assert marks_of(spec.to_dict(), "bar")[0]["encoding"]["y"]["sort"] == ["2015", "2016", "2017"]


def test_dumbbell_joins_two_values():
    rows = pd.concat([series([1, 5], "A", "count"), series([4, 3], "B", "count")])
    spec = charts.dumbbell(rows, start="2015", end="2016", **WORDS).to_dict()
    assert marks_of(spec, "line")[0]["encoding"]["detail"]["field"] == "name"
    assert marks_of(spec, "point")[0]["encoding"]["y"]["sort"] == ["A", "B"]
    drawn = {(row["name"], row["side"]): row for row in main_rows(spec)}
    assert drawn["A", "end"]["value"] == 5
    assert drawn["B", "end"]["left"] == 1
    assert texts(spec) == {"2015", "2016"}


def test_linked_shares_link_the_lines_to_the_bars():
    spec = charts.linked_shares(vendors(), default="2019Q2", **WORDS).to_dict()
    (choice,) = spec["params"]
    assert choice["select"]["fields"] == ["period"]
    assert choice["value"] == [{"period": "2019Q2"}]
    assert choice["bind"]["input"] == "select"
    assert choice["bind"]["name"].strip() == "Quarter"
    assert choice["bind"]["options"][0] == "2019Q1"
    assert choice["bind"]["labels"][0] == "Q1 2019"
    assert spec["hconcat"][1]["transform"] == [
        {"filter": {"param": choice["name"], "empty": False}}
    ]


def test_two_half_years_are_named_on_the_axis():
    halves = vendors().query("period in ('2019Q1', '2020Q1')")
    halves = halves.assign(period=halves["period"].str.replace("Q1", "H1"))
    spec = charts.linked_shares(halves, **WORDS).to_dict()
    axes = [
        layer["encoding"]["x"]["axis"]
        for layer in layers(spec["hconcat"][0])
        if layer.get("encoding", {}).get("x", {}).get("axis", {})
    ]
    assert any("['H1', '2019']" in axis.get("labelExpr", "") for axis in axes)


def test_linked_shares_show_the_default_in_the_still_picture():
    one = charts.svg(charts.linked_shares(vendors(), default="2019Q2", **WORDS).to_dict())
    two = charts.svg(charts.linked_shares(vendors(), **WORDS).to_dict())
    assert "Q2 2019" in one
    assert "Q4 2020" in two


@pytest.mark.parametrize("narrow", [False, True])
def test_the_heads_of_a_dumbbell_stay_in_the_picture_and_apart(narrow):
    """The greatest pair stands at the right edge, where a long head has no room."""
    early, late = "as printed on the day", "by the audited note"
    rows = pd.concat([vendors().iloc[[0, 1]], vendors().iloc[[0, 1]]], ignore_index=True)
    rows["name"] = ["Ours", "Theirs"] * 2
    rows["value"] = [0.53, 0.1, 0.59, 0.12]
    rows["told"] = [early] * 2 + [late] * 2
    spec = charts.dumbbell(rows, by="told", start=early, end=late, **WORDS).to_dict()
    drawn = charts.svg(charts.narrow(spec) if narrow else spec)
    width = float(re.search(r'viewBox="0 0 ([0-9.]+)', drawn)[1])
    left = float(re.search(r"translate\(([0-9.]+),", drawn)[1])  # where the plot begins
    spots = []
    for words in (early, late):
        tag = drawn[: drawn.index(words)].rpartition("<text ")[2]
        anchor, x, y = re.search(
            r'anchor="(\w+)".*translate\(([0-9.-]+),([0-9.-]+)\)', tag
        ).groups()
        length = labels.width(words, 11 if narrow else 12)
        start = left + float(x) - (length if anchor == "end" else 0)
        spots.append((start, start + length, float(y)))
    (a, b, y), (c, d, z) = spots
    assert min(a, c) >= 0
    assert max(b, d) <= width
    assert b <= c or d <= a or abs(y - z) >= 11, "the heads overlap"


@pytest.mark.parametrize(
    ("form", "make", "says"),
    [
        ("line", lambda r: r.drop(columns="value"), "no column 'value'"),
        ("line", lambda r: r.drop(columns="period"), "no column 'period'"),
        ("line", lambda r: r.iloc[:0], "no rows"),
        ("line", lambda r: r.assign(unit=["share", "share", "USD"]), "'unit' holds USD and share"),
        ("line", lambda r: r.assign(metric=["a", "a", "b"]), "'metric' holds a and b"),
        ("shares", lambda r: r.assign(metric=["a", "a", "b"]), "'metric' holds a and b"),
        ("bars", lambda r: r.assign(metric=["a", "a", "b"]), "'metric' holds a and b"),
        ("bars", lambda r: r.assign(unit=["share", "share", "USD"]), "'unit' holds USD and share"),
        ("bars", lambda r: r, "3 values for Xiaomi"),
        ("line", lambda r: r.assign(period=["2015", "2016", "2016Q1"]), "quarter and year"),
        ("line", lambda r: r.assign(period=["2015", "2016", "soon"]), "not a period"),
        ("line", lambda r: r.assign(period=["2015", "2016", "2016"]), "2 values for Xiaomi, 2016"),
        ("line", lambda r: r.assign(value=["a", "b", "c"]), "must hold numbers"),
        ("line", lambda r: r.assign(value=[0.1, None, 0.2]), "empty in 1 of 3"),
        ("shares", lambda r: r.assign(unit="USD"), "must be 'share'"),
        ("linked_shares", lambda r: r.assign(unit="USD"), "must be 'share'"),
    ],
)
def test_forms_refuse_in_one_line(form, make, says):
    with pytest.raises(charts.ChartError) as refused:
        getattr(charts, form)(make(series([0.1, 0.2, 0.3])), **WORDS)
    message = str(refused.value)
    assert message.startswith(f"{form}: ")
    assert says in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: charts.line(series([0.1, 0.0]), log=True, **WORDS), "positive"),
        (lambda: charts.shares(vendors(), highlight="Nokia", **WORDS), "Nokia"),
        (lambda: charts.linked_shares(vendors(), default="1999Q1", **WORDS), "2019Q1 to 2020Q4"),
        (lambda: charts.path(events(), labels=["nothing"], **WORDS), "'nothing'"),
        (lambda: charts.path(events().assign(type="party"), **WORDS), "'party'"),
        (
            lambda: charts.dumbbell(series([1, 2]), start="2015", end="2030", **WORDS),
            "no row has period '2030'",
        ),
        (
            lambda: charts.bars(vendors().iloc[[0]], sort=["Nokia"], **WORDS),
            "allowed are '-value'",
        ),
        (lambda: charts.line(series([0.1, 0.2]), title=" ", description="x"), "title is empty"),
        (lambda: charts.line(series([0.1, 0.2]), title="x", description=""), "description"),
    ],
)
def test_forms_refuse_options_that_make_no_sense(call, says):
    with pytest.raises(charts.ChartError, match=r"^[^\n]*$") as refused:
        call()
    assert says in str(refused.value)


def test_a_stated_reason_lets_two_metrics_share_an_axis_and_is_told_to_the_reader():
    rows = series([0.1, 0.2, 0.3]).assign(metric=["a", "a", "b"])
    spec = charts.line(rows, mixed="Both count phones.", caption="A caption.", **WORDS).to_dict()
    assert spec["usermeta"]["paths_abroad"]["caption"] == "A caption. Both count phones."


def test_only_drawn_and_tabled_columns_travel():
    rows = series([0.1, 0.2]).assign(definition="long words", locator="page 7", url="x")
    assert "long words" not in json.dumps(charts.line(rows, **WORDS).to_dict())


def test_times_stand_in_the_middle_of_what_they_cover():
    assert times.middle("2014") == 2014.5
    assert times.middle("2014Q1") == pytest.approx(2014.123, abs=0.002)
    assert times.middle("2014H2") == pytest.approx(2014.75, abs=0.003)
    assert times.start("2014Q3") == pytest.approx(times.end("2014Q2"))
    assert times.index("2015Q1") - times.index("2014Q4") == 1
    assert times.index("2014-12-29") is None


@pytest.mark.parametrize("values", [[0.061, 0.498], [45e9, 1e9], [3, 4], [-2.0, 5.0], [7, 7]])
@pytest.mark.parametrize("log", [False, True])
def test_an_axis_holds_its_values_and_a_handful_of_ticks(values, log):
    if log and min(values) <= 0:
        return
    axis = units.axis(values, "count", log=log, headroom=0.2)
    assert axis.low <= min(values) <= max(values) < axis.high
    assert 2 <= len(axis.ticks) <= 9
    assert axis.at_pixel(axis.pixel(max(values), 300), 300) == pytest.approx(max(values))
    assert 0 <= axis.pixel(max(values), 300) <= 300
