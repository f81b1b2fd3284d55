"""Reading the ledger: types, questions, words, and errors that say what to ask instead."""

import shutil

import pandas as pd
import pytest

from paths_abroad import ledger
from paths_abroad.ledger import periods, wording


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """Return a copy of the ledger that ``ledger`` reads from for this test."""
    folder = tmp_path / "data"
    shutil.copytree(ledger.data_dir(), folder)
    monkeypatch.setenv("PATHS_ABROAD_DATA", str(folder))
    return folder


def test_tables_are_typed():
    facts = ledger.facts()
    assert facts["value"].dtype == float
    assert set(facts["series"]) <= {"main", "rival"}
    assert facts["rival_of"].map(type).eq(str).all()
    assert ledger.sources()["seed"].dtype == bool
    assert ledger.events()["amount"].dtype == float


def test_a_caller_cannot_spoil_the_table():
    mine = ledger.facts()
    mine["value"] = 0
    assert ledger.value("xiaomi-revenue-2016") == 68434000000


def test_an_edit_shows_at_once(own_data):
    assert ledger.value("xiaomi-revenue-2016") == 68434000000
    file = own_data / "facts.csv"
    file.write_text(file.read_text("utf-8").replace("68434000000", "68434000001"), "utf-8")
    assert ledger.value("xiaomi-revenue-2016") == 68434000001


def test_series_has_labels_and_the_order_asked_for():
    rows = ledger.series(
        "shipments_smartphone_idc", ["samsung", "xiaomi"], geography="WLD", period="year"
    )
    assert rows["company"].drop_duplicates().tolist() == ["samsung", "xiaomi"]
    assert rows.groupby("company")["date"].apply(lambda d: d.is_monotonic_increasing).all()
    assert rows["name"].drop_duplicates().tolist() == ["Samsung", "Xiaomi"]
    assert (rows["series"] == "main").all()
    assert rows.loc[0, "date"] == pd.Timestamp(rows.loc[0, "year"], 12, 31)


def test_a_gap_in_the_sources_stays_a_gap():
    rows = ledger.series("shipments_smartphone_idc", "xiaomi", geography="WLD", period="year")
    assert 2016 not in set(rows["year"])


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"metric": "revenu"}, "did you mean 'revenue'"),
        ({"metric": "revenue", "company": "xiomi"}, "did you mean 'xiaomi'"),
        ({"metric": "revenue", "company": "apple"}, "the ledger holds"),
        ({"metric": "revenue", "period": "yearly"}, "year"),
    ],
)
def test_a_question_without_answer_says_what_to_ask(question, words):
    with pytest.raises(ledger.LedgerError, match=words):
        ledger.series(**question)


def test_an_unknown_fact_names_near_misses():
    with pytest.raises(ledger.LedgerError, match="did you mean 'xiaomi-valuation-2014-12'"):
        ledger.fact("xiaomi-valuaton-2014-12")


def test_a_fact_knows_its_rivals_and_they_know_it():
    rival = ledger.facts().query("series == 'rival'").iloc[0]
    main = ledger.fact(rival["rival_of"])
    assert rival["id"] in [r.id for r in main.rivals]
    assert ledger.fact(rival["id"]).main == main
    assert main.source.publisher


def test_path_is_in_order_and_says_its_dates():
    path = ledger.path("xiaomi")
    assert path["date"].is_monotonic_increasing
    assert "24 November 2014" in set(path["date_text"])
    assert set(path["precision"]) <= {"year", "month", "day"}


def test_markets_stand_side_by_side():
    table = ledger.markets(["median_age", "internet_users_share"], 2014)
    assert table.loc["IND", "place"] == "India"
    assert list(table.columns) == ["place", "median_age", "internet_users_share"]
    with pytest.raises(ledger.LedgerError, match="no figures"):
        ledger.markets(["median_age"], 1804)


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.134, "share", "13.4%"),
        (0.29, "share", "29%"),
        (-0.092, "share", "-9.2%"),
        (45000000000.0, "USD", "US$45 billion"),
        (68434000000.0, "CNY", "RMB 68.434 billion"),
        (-43900000000.0, "CNY", "−RMB 43.9 billion"),
        (57700000.0, "devices", "57.7 million"),
        (136854.0, "vehicles", "136,854"),
        (2010.0, "year", "2010"),
        (4.2, "seconds", "4.2"),
    ],
)
def test_values_in_words(value, unit, expected):
    assert wording.amount(value, unit).replace("\u00a0", " ") == expected


def test_a_figure_in_words_keeps_its_qualifier():
    fact = ledger.fact("xiaomi-valuation-2014-12")
    assert wording.words(fact).replace("\u00a0", " ") == "about US$45 billion"
    assert wording.words(fact, "bare").replace("\u00a0", " ") == "US$45 billion"
    assert wording.words(fact, "number").replace("\u00a0", " ") == "45 billion"
    with pytest.raises(ValueError, match="unknown style"):
        wording.words(fact, "loud")


@pytest.mark.parametrize(
    ("period", "form", "last", "words"),
    [
        ("2014", "year", "2014-12-31", "2014"),
        ("2014H1", "half", "2014-06-30", "first half of 2014"),
        ("2014Q3", "quarter", "2014-09-30", "third quarter of 2014"),
        ("2014-02", "month", "2014-02-28", "February 2014"),
        ("2014-12-29", "day", "2014-12-29", "29 December 2014"),
        ("FY2014", "fiscal_year", "2014-12-31", "fiscal year 2014"),
        ("2014Q1-Q3", "quarters", "2014-09-30", "first to third quarter of 2014"),
        ("2014-03/2014-09", "span", "2014-09-30", "March 2014 to September 2014"),
    ],
)
def test_periods(period, form, last, words):
    assert periods.form_of(period) == form
    assert str(periods.last_day(period)) == last
    assert periods.words(period) == words


@pytest.mark.parametrize("text", ["2014Q5", "14", "2014-13", "2014-02-30", "Q3 2014", ""])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(ValueError):
        periods.last_day(text)


def test_the_csv_reads_without_our_code():
    plain = pd.read_csv(ledger.data_dir() / "facts.csv", keep_default_na=False)
    assert plain["id"].is_unique
    assert plain["id"].is_monotonic_increasing
    assert len(plain) == len(ledger.facts())
