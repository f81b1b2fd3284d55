"""The measures of the course: known answers by hand, and refusals."""

import pandas as pd
import pytest

from paths_abroad import ledger, measures


def test_overseas_share_of_numbers_and_series():
    assert measures.overseas_share(9.17, 68.43) == pytest.approx(0.134, abs=0.0005)
    shares = measures.overseas_share(pd.Series([1.0, 2.0]), pd.Series([4.0, 4.0]))
    assert shares.tolist() == [0.25, 0.5]


@pytest.mark.parametrize(("abroad", "total"), [(1.0, 0.0), (5.0, 4.0)])
def test_overseas_share_refuses_nonsense(abroad, total):
    with pytest.raises(ValueError):
        measures.overseas_share(abroad, total)


def test_years_to_counts_days():
    assert measures.years_to("2010-04-06", "2014-04-06") == pytest.approx(4.0)
    assert measures.years_to("2014", "2010") < 0


def test_annual_growth_doubles_in_one_year():
    assert measures.annual_growth(100, 400, 2) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="positive"):
        measures.annual_growth(0, 400, 2)


def test_index_to_sets_the_base_to_100_and_leaves_out_who_lacks_it():
    table = pd.DataFrame(
        {"a": [50.0, 100.0, 75.0], "b": [None, 4.0, 8.0]}, index=[2007, 2009, 2010]
    )
    index = measures.index_to(table, 2007)
    assert index["a"].tolist() == [100, 200, 150]
    assert index["b"].isna().all()
    assert measures.index_to(table["b"], 2009, level=1).tolist()[1:] == [1, 2]


def test_index_to_refuses_a_base_that_is_not_there_or_nought():
    with pytest.raises(ValueError, match="1999"):
        measures.index_to(pd.Series([1.0], index=[2000]), 1999)
    with pytest.raises(ValueError, match="positive"):
        measures.index_to(pd.Series([0.0, 2.0], index=[2000, 2001]), 2000)


def test_concentration_of_equals_and_monopoly():
    assert measures.concentration([0.25] * 4) == pytest.approx(0.25)
    assert measures.concentration(pd.Series([1.0])) == 1
    with pytest.raises(ValueError, match="fractions"):
        measures.concentration([29, 26, 17])


def synthetic_markets() -> pd.DataFrame:
    rows = {"HOME": (10, 1.0), "NEAR": (11, 1.1), "FAR": (30, 9.0), "GAP": (10, None)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["age", "income"])


def test_similarity_ranks_the_near_market_first_and_leaves_out_gaps():
    distance = measures.similarity(synthetic_markets(), "HOME")
    assert distance.index.tolist() == ["NEAR", "FAR"]
    assert (distance > 0).all()


def test_similarity_follows_the_weights():
    table = pd.DataFrame(
        {"age": [10, 10, 30], "income": [1.0, 9.0, 1.0]}, index=["HOME", "SAME_AGE", "SAME_INCOME"]
    )
    by_age = measures.similarity(table, "HOME", {"age": 1, "income": 0})
    by_income = measures.similarity(table, "HOME", {"income": 1})
    assert by_age.index[0] == "SAME_AGE"
    assert by_income.index[0] == "SAME_INCOME"


@pytest.mark.parametrize(
    ("to", "weights"),
    [("NOWHERE", None), ("HOME", {"height": 1}), ("HOME", {"age": 0}), ("GAP", None)],
)
def test_similarity_refuses(to, weights):
    with pytest.raises(ValueError):
        measures.similarity(synthetic_markets(), to, weights)


def test_dollars_by_the_rate_of_the_year():
    fact = ledger.fact("xiaomi-revenue-2018")
    rate = measures.dollar_rate(fact)
    assert (rate.unit, rate.period) == ("CNY_per_USD", "2018")
    assert measures.in_dollars(fact) == pytest.approx(fact.value / rate.value)
    dollars = ledger.fact("xiaomi-valuation-2014-12")
    assert measures.in_dollars(dollars) == dollars.value


def test_a_currency_without_rate_is_refused():
    with pytest.raises(ledger.LedgerError, match="no exchange rate for HKD"):
        measures.in_dollars(ledger.fact("xiaomi-ipo-price-2018"))


def test_steps_count_from_either_start_and_may_be_negative():
    founding = measures.steps(["toyota", "nio"]).set_index("company")
    product = measures.steps(["toyota", "nio"], start="first_product_year").set_index("company")
    assert founding["value"].to_dict() == {"toyota": -1, "nio": 7}
    assert product["value"].to_dict() == {"toyota": 1, "nio": 3}


def test_steps_keep_what_is_uncertain_and_leave_out_what_is_not_known():
    plants = measures.steps(["huawei", "kia"], step="first_overseas_plant_year")
    assert plants["company"].tolist() == ["kia"]
    assert plants["qualifier"].tolist() == ["at_most"]
    assert ledger.fact(plants["to_id"].iloc[0]).value == plants["to"].iloc[0]


def test_depth_takes_the_nearest_share_or_none():
    shares = pd.Series({2009: 0.2, 2011: 0.4, 2020: 0.9})
    assert measures.depth(shares, 2000, after=11) == 0.4
    assert measures.depth(shares, 2000, after=10) == 0.2
    assert measures.depth(shares, 2000, after=15) is None
    assert measures.depth(shares.iloc[:0], 2000) is None
