"""Answers as plain data, their canonical form, and checks that never raise."""

import datetime
import decimal
import fractions
import json
import math

import altair as alt
import numpy as np
import pandas as pd
import pytest

from paths_abroad.exercises import check, exercise, keys
from paths_abroad.exercises.answers import (
    KINDS,
    Spec,
    boundary_distance,
    number_form,
    plain,
    read,
    text_form,
)


def canonical(value, kind="number", inputs=None, **spec) -> str | None:
    return read(plain(value, inputs), Spec(kind=kind, **spec)).canonical


def note(value, kind="number", **spec) -> str:
    reading = read(plain(value), Spec(kind=kind, **spec))
    assert reading.canonical is None
    return reading.note


# --- numbers ---


@pytest.mark.parametrize(
    "value",
    [
        1,
        1.0,
        np.int64(1),
        np.float32(1),
        np.float64(1),
        decimal.Decimal("1.0"),
        fractions.Fraction(2, 2),
        np.array(1),
        pd.Series([1.0]).iloc[0],
    ],
)
def test_one_is_one_in_any_type(value):
    assert canonical(value) == "1"
    assert canonical(value, tolerance=0.005) == "1.00"


def test_numbers_are_rounded_to_twice_the_tolerance():
    assert canonical(0.1340, tolerance=0.005) == "0.13"
    assert canonical(0.1301, tolerance=0.005) == "0.13"
    assert canonical(0.1451, tolerance=0.005) == "0.15"
    assert canonical(-0.001, tolerance=0.005) == "0.00"
    assert canonical(0.1 + 0.2, tolerance=0.05) == canonical(0.3, tolerance=0.05)
    assert canonical(0.1 + 0.2) == canonical(0.3)
    assert canonical(1_234_567, tolerance=50_000) == "1200000"
    assert canonical(17.31, tolerance=0.1) == "17.4"
    assert canonical(2.5e-7) == "2.5e-07"
    assert canonical(12_345_678_901) == canonical(12_345_678_901.0)


def test_rounding_is_on_the_grid_for_any_number():
    generator = np.random.default_rng(1)
    for tolerance in (0.005, 0.05, 0.5, 0.0005, 5):
        for value in generator.normal(scale=100, size=200):
            form = number_form(float(value), tolerance)
            assert abs(float(form) - value) <= tolerance * 1.000001
            assert number_form(float(form), tolerance) == form


def test_what_is_no_number_gets_a_hint():
    assert "quotation marks" in note("13.4")
    assert "quotation marks" in note("13.4 %")
    assert "True or False" in note(True)
    assert "NaN" in note(float("nan"))
    assert "NaN" in note(pd.NA)
    assert "infinite" in note(np.inf)
    assert ".item()" in note(pd.Series([1.0]))
    assert ".item()" in note([1.0])
    assert "Call it" in note(len)
    assert "length of time" in note(pd.Timedelta("2 days"))
    assert "length of time" in note(datetime.timedelta(2))
    assert note("many") == "One number is asked."


def test_boundaries_are_found():
    assert boundary_distance(0.135, 0.005) < 1e-9
    assert boundary_distance(0.13, 0.005) == pytest.approx(0.5)
    assert boundary_distance(0.1349, 0.005) == pytest.approx(0.01)


# --- blanks ---


@pytest.mark.parametrize(
    "value",
    [None, ..., NotImplemented, "", " ", "...", "___", [], [...], {}, ("...", "..."), set()],
)
@pytest.mark.parametrize("kind", KINDS)
def test_blanks_are_blank_in_every_kind(value, kind):
    assert read(plain(value), Spec(kind=kind, options=("a",))).blank


def test_unfinished_functions_are_blank():
    def unfinished(shares):
        low = high = ...
        return [low, high]

    inputs = [[{"a": 1}], [{}]]
    assert read(plain(unfinished, inputs), Spec("function")).blank
    assert read(plain(lambda shares: None, inputs), Spec("function")).blank
    assert not read(plain(lambda shares: 0, inputs), Spec("function")).blank


# --- words ---


def test_texts_are_compared_without_what_does_not_matter():
    same = [
        "Strategy Analytics",
        " strategy  analytics. ",
        "STRATEGY-ANALYTICS",
        "StrategyAnalytics",
        "Strategy_Analytics",
    ]
    assert {canonical(text, "text") for text in same} == {"strategyanalytics"}
    assert canonical("小米", "text") == "小米"
    assert text_form("Ｘiaomi") == "xiaomi"
    assert canonical(["IDC"], "text") == "idc"
    assert canonical("IDC", "text") != canonical("IDG", "text")


def test_choices_must_be_among_the_options():
    assert canonical("B", "choice", options=("a", "b")) == "b"
    assert "a, b" in note("c", "choice", options=("a", "b"))
    assert "a, b" in note(3.5, "choice", options=("a", "b"))


def test_rankings_keep_their_order_and_sets_do_not():
    assert canonical(["b", "a"], "ranking") != canonical(["a", "b"], "ranking")
    assert canonical(("b", "a"), "set") == canonical({"a", "b"}, "set") == "a, b"
    series = pd.Series(["b", "a"])
    assert canonical(series, "ranking") == canonical(np.array(["b", "a"]), "ranking") == "b > a"
    assert canonical(pd.Index(["b", "a"]), "ranking") == "b > a"
    assert "no order" in note({"a", "b"}, "ranking")
    assert "twice" in note(["a", "a"], "ranking")
    assert "Not among the names" in note(["a", "z"], "ranking", options=("a", "b"))
    assert canonical(["a", "a"], "set") == "a"


def test_judgements_are_a_row_and_a_reason():
    options = ("a", "b")
    assert canonical(("Row-1", "A"), "judgement", options=options) == "row-1, because a"
    assert "still blank" in note(("row-1", "..."), "judgement", options=options)
    assert "one of a, b" in note(("row-1", "c"), "judgement", options=options)
    assert "Give the row" in note("row-1", "judgement", options=options)
    # Ids differ in their hyphens: they are not read as words.
    assert canonical(("row-1-1", "a"), "judgement", options=options) != canonical(
        ("row-11", "a"), "judgement", options=options
    )


# --- tables ---


def test_tables_are_compared_by_column_whatever_their_order():
    frame = pd.DataFrame({"company": ["b", "a"], "share": [0.251, 0.5], "rank": [2.0, 1]})
    spec = {"kind": "table", "tolerance": 0.005, "columns": ("company", "share", "rank")}
    expected = canonical(frame, **spec)
    assert expected == "company, share, rank\na; 0.50; 1\nb; 0.25; 2"
    assert canonical(frame[["rank", "share", "company"]].iloc[::-1], **spec) == expected
    assert canonical(frame.set_index("company"), **spec) == expected
    assert canonical(frame.rename(columns=str.upper), **spec) == expected
    assert canonical(frame.assign(extra=1), **spec) == expected
    assert canonical(frame.astype({"rank": "int64"}), **spec) == expected
    assert canonical(frame.convert_dtypes(), **spec) == expected
    assert canonical(frame.astype({"rank": str}), **spec) == expected
    assert canonical(frame.assign(share=frame["share"] * 100), **spec) != expected
    assert canonical(frame.iloc[:1], **spec) != expected
    assert canonical(frame, ordered=True, **spec) != expected


def test_tables_say_what_is_missing():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    assert "'share'" in note(frame, "table", columns=("share",))
    assert "DataFrame" in note([1, 2], "table")
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert "same name" in note(twice, "table")


def test_missing_cells_are_missing_in_any_spelling():
    frames = [
        pd.DataFrame({"a": ["x", "y"], "v": [1.0, gap]}) for gap in (None, np.nan, pd.NA, math.nan)
    ]
    assert len({canonical(frame, "table") for frame in frames}) == 1


def test_dates_are_dates_in_any_spelling():
    spellings = [
        pd.Timestamp("2014-12-31"),
        np.datetime64("2014-12-31"),
        datetime.date(2014, 12, 31),
        datetime.datetime(2014, 12, 31),
        "2014-12-31",
    ]
    assert {plain(value) for value in spellings} == {"2014-12-31"}


# --- functions ---


def test_functions_are_compared_by_their_results():
    inputs = [[2], [3]]
    spec = {"kind": "function", "inputs": inputs, "tolerance": 0.005}
    assert canonical(lambda x: x**2, **spec) == canonical(lambda x: x * float(x), **spec)
    assert canonical(lambda x: np.float64(x**2), **spec) == "4\n9"
    assert canonical(lambda x: 2 * x, **spec) != canonical(lambda x: x**2, **spec)


def test_functions_cannot_change_the_next_input():
    def greedy(items):
        items.clear()
        return len(items)

    inputs = [[[1, 2]]]
    assert plain(greedy, inputs) == {"results": [0]}
    assert inputs == [[[1, 2]]]


def test_functions_that_fail_say_so():
    def fails(x):
        raise ZeroDivisionError("division by zero")

    reading = read(plain(fails, [[1]]), Spec("function"))
    assert "ZeroDivisionError: division by zero" in reading.note

    def leaves(x):
        raise SystemExit

    assert "SystemExit" in read(plain(leaves, [[1]]), Spec("function")).note
    half = read(plain(lambda x: 1 / x, [[0], [1]]), Spec("function"))
    assert "error ZeroDivisionError" in half.canonical
    assert "define it with def" in read(plain(3.5), Spec("function")).note


# --- anything at all ---


class Nasty:
    """Raises wherever Python lets it."""

    def __getattribute__(self, name):
        raise RuntimeError("no attribute for you")

    def __repr__(self):
        raise RuntimeError("no words for you")

    __str__ = __len__ = __bool__ = __iter__ = __eq__ = __hash__ = __repr__


class Liar:
    """Says it is a number."""

    __class__ = float

    def __float__(self):
        raise RuntimeError


class Endless(list):
    def __iter__(self):
        while True:
            yield 1


class Crafty(float):
    def __float__(self):
        return 42.0

    def __eq__(self, other):
        return True

    __hash__ = float.__hash__


class Broken(BaseException):
    def __str__(self):
        raise RuntimeError


class Dict(dict):
    def items(self):
        raise RuntimeError


def nasty_objects() -> list:
    loop: list = []
    loop.append(loop)
    ring: dict = {}
    ring["ring"] = ring
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    odd = pd.DataFrame({"a": [Nasty.__new__(Nasty), 1]}, dtype=object)
    return [
        Nasty(),
        Nasty,
        Liar(),
        Endless([1]),
        Crafty(1.5),
        Dict(a=1),
        loop,
        ring,
        deep,
        odd,
        [Nasty()],
        {"a": Nasty()},
        object(),
        type,
        int,
        len,
        lambda: 1,
        iter([1]),
        (x for x in "abc"),
        range(10),
        range(10**12),
        b"bytes",
        bytearray(3),
        memoryview(b"abc"),
        "\ud800",
        "x" * 10**6,
        10**400,
        -(10**400),
        1e308,
        1j,
        np.array([[1, 2], [3, 4]]),
        np.array([object()]),
        np.zeros(10**6),
        np.float64("nan"),
        np.datetime64("NaT"),
        pd.NaT,
        pd.DataFrame(),
        pd.DataFrame({("a", "b"): [1]}),
        pd.DataFrame(np.zeros((1000, 100))),
        pd.Series(dtype=float),
        pd.MultiIndex.from_tuples([(1, 2)]),
        pd.Categorical(["a"]),
        pd.Period("2014Q1"),
        pd.Interval(0, 1),
        alt.Chart(),
        alt.Chart().mark_line(),
        alt.Chart("https://example.org/data.csv").mark_bar().encode(x="a:Q"),
        alt.Chart(pd.DataFrame({"a": [1]})).mark_line().encode(x="nowhere"),
        alt.value("red"),
        datetime.timedelta(1),
        datetime.time(1),
        Exception("x"),
        ...,
    ]


@pytest.mark.parametrize("position", range(len(nasty_objects())))
def test_any_object_becomes_plain_json_and_can_be_read_as_any_kind(position):
    value = nasty_objects()[position]
    answer = plain(value)
    assert len(json.dumps(answer, allow_nan=False)) < 5_000_000
    for kind in KINDS:
        read(answer, Spec(kind=kind, options=("a",), columns=("a",), tolerance=0.005))
    assert json.dumps(plain(value, [[1]]), allow_nan=False)


@pytest.mark.parametrize("kind", [*KINDS, "unheard-of"])
def test_check_never_raises(kind, capsys):
    for value in nasty_objects():
        check("xiaomi-1", value, kind=kind, options=["a"], columns=["a"], examples=[1])
        assert "xiaomi-1" in capsys.readouterr().out


def test_a_function_that_raises_anything_does_not_stop_a_check(capsys):
    def fails(x):
        raise Broken

    check("xiaomi-1", fails, kind="function", examples=[1])
    assert "xiaomi-1" in capsys.readouterr().out


def test_what_an_object_says_of_itself_does_not_count():
    assert plain(Crafty(1.5)) == 1.5
    assert "unreadable" in plain(Liar())
    assert plain(Endless([1])) == [1]
    assert plain(Dict(a=1)) == {"dict": [["a", 1]]}


@pytest.mark.parametrize(
    "forged",
    [
        {"table": 5},
        {"table": {"columns": ["a"], "rows": [5]}},
        {"results": 7},
        {"chart": []},
        {"chart": {"mark": 3, "encoding": 4, "data": {"values": [{"x": 10**400}]}}},
        {"dict": [1]},
        {"set": None},
        10**400,
        float("nan"),
        {"number": []},
        {"error": None},
        [[[{"table": {}}]]],
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_forged_json_is_one_unreadable_answer(forged, kind):
    reading = read(forged, Spec(kind=kind, options=("a",), columns=("a",), tolerance=0.005))
    assert reading.canonical is None or isinstance(reading.canonical, str)


def test_too_much_is_said_to_be_too_much():
    assert "nested" in plain(nasty_objects()[8])["unreadable"]
    assert "more than" in plain(list(range(10**6)))["unreadable"]
    assert "longer than" in plain("x" * 10**6)["unreadable"]


# --- keys ---


def test_keys_open_only_what_they_should():
    made = keys.lock("x", "public", b"12345678", {"x-1": (["0.13"], [("13.40", "A percentage.")])})
    back = keys.load(made.text())
    assert back == made
    assert back.verdict("x-1", "0.13") == keys.Verdict(True)
    assert back.verdict("x-1", "13.40") == keys.Verdict(False, "A percentage.")
    assert back.verdict("x-1", "0.14") == keys.Verdict(False)
    assert back.verdict("x-2", "0.13") is None
    assert "percentage" not in made.text()


def test_salts_make_equal_answers_look_different():
    one, two = (keys.lock("x", "a", salt, {"x-1": (["b"], [])}) for salt in (b"1" * 8, b"2" * 8))
    assert one.questions["x-1"]["right"] != two.questions["x-1"]["right"]
    with pytest.raises(ValueError, match="eight bytes"):
        keys.lock("x", "a", b"short", {})


@pytest.mark.parametrize("text", ["", "nonsense", "e30=", "W10=", "!!!", "AAAA" * 9])
def test_damaged_keys_are_said_to_be_damaged(text, capsys):
    with pytest.raises(keys.BadKeys):
        keys.load(text)
    exercise("x", keys=text or " ")
    assert "how each answer is read" in capsys.readouterr().out


def test_check_says_right_wrong_and_why(capsys):
    made = keys.lock("x", "a", b"12345678", {"x-1": (["0.13"], [("13.40", "A percentage.")])})
    exercise("x", keys=made.text())
    try:
        for value, said in [
            (0.1340, "Right."),
            (13.40, "Not right yet. A percentage."),
            (0.2, "Not right yet."),
            (..., "still blank"),
            ("0.13", "quotation marks"),
        ]:
            capsys.readouterr()
            check("x-1", value, points=2, tolerance=0.005)
            assert said in capsys.readouterr().out
    finally:
        exercise("x")
    capsys.readouterr()
    check("x-1", 0.134, tolerance=0.005)
    out = capsys.readouterr().out
    assert "0.13" in out and "Right" not in out
