"""The ideas of the course as functions: overseas share, speed, depth, growth and more.

Each takes plain numbers or pandas objects and returns the same, so that a student can read it, run
it and take it apart.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from paths_abroad import ledger


def in_dollars(fact: ledger.Fact) -> float:
    """Return an amount in US dollars at the average exchange rate of its year.

    The rate is a row of the ledger (metric ``exchange_rate_usd``: units of the currency for one
    dollar, annual average of daily market rates, Federal Reserve G.5A), so a converted figure can
    always say by which rate. Averages suit flows such as revenue; for a stock on one day they are
    an approximation.

    Parameters
    ----------
    fact : Fact
        A row of the ledger whose unit is a currency.

    Returns
    -------
    float
        US dollars.

    Raises
    ------
    LedgerError
        If the ledger has no rate for the currency and year.
    """
    return fact.value if fact.unit == "USD" else fact.value / dollar_rate(fact).value


def dollar_rate(fact: ledger.Fact) -> ledger.Fact:
    """Return the exchange rate by which :func:`in_dollars` converts a row, itself a row.

    Raises
    ------
    LedgerError
        If the ledger has no rate for the currency and year.
    """
    year = ledger.periods.last_day(fact.period).year
    rates = ledger.facts()
    found = rates[
        (rates["metric"] == "exchange_rate_usd")
        & (rates["unit"] == f"{fact.unit}_per_USD")
        & (rates["period"] == str(year))
    ]
    if found.empty:
        raise ledger.LedgerError(f"no exchange rate for {fact.unit} in {year}")
    return ledger.fact(found.iloc[0]["id"])


def overseas_share(abroad: float | pd.Series, total: float | pd.Series) -> float | pd.Series:
    """Return sales abroad as a share of all sales.

    The share of foreign sales in total sales (FSTS) is the oldest measure of how far a firm has
    gone abroad; see Sullivan, "Measuring the Degree of Internationalization of a Firm", Journal of
    International Business Studies, 1994. It says nothing about why: the share also rises when sales
    at home fall.

    Parameters
    ----------
    abroad, total : float or pandas.Series
        Sales outside the home market and all sales, in the same currency and period.

    Returns
    -------
    float or pandas.Series
        A fraction: 0.134 for 13.4%.

    Raises
    ------
    ValueError
        If a total is not positive, or sales abroad exceed it.
    """
    if np.any(np.asarray(total) <= 0):
        raise ValueError("total sales must be positive")
    share = abroad / total
    if np.any(np.asarray(share) > 1):
        raise ValueError("sales abroad exceed total sales: check units and scope")
    return share


def years_to(start: str | pd.Timestamp, end: str | pd.Timestamp) -> float:
    """Return the years from one date to another.

    The time from founding to the first sale abroad separates "born globals" from others; see
    Oviatt and McDougall, "Toward a Theory of International New Ventures", Journal of International
    Business Studies, 1994. Much hangs on the choice of ``start``.

    Parameters
    ----------
    start, end : str or pandas.Timestamp
        Dates; ``"2010-04"`` is its first day.

    Returns
    -------
    float
        Years of 365.25 days; negative if ``end`` comes first.
    """
    return (pd.Timestamp(end) - pd.Timestamp(start)).days / 365.25


def steps(
    companies: Sequence[str],
    start: str = "founding_year",
    step: str = "first_foreign_sale_year",
) -> pd.DataFrame:
    """Return how many years each company took from one first to another, with both rows behind it.

    The chain of firsts abroad (export, own office, own plant) is what Johanson and Vahlne saw when
    they described internationalisation as learning by doing: "The Internationalization Process of
    the Firm", Journal of International Business Studies, 1977. The years are differences of
    calendar years, so that two events eleven months apart may count as one year or as none.

    Parameters
    ----------
    companies : sequence of str
        Slugs. One for which either row is missing is left out.
    start, step : str
        Metrics of the ledger whose values are years, e.g. ``first_product_year``.

    Returns
    -------
    pandas.DataFrame
        One row a company, in the order asked for: ``company``, ``name``, ``value`` (years; negative
        if the step came first), ``unit``, ``qualifier`` (that of the step, unless the start is the
        less certain), ``grade`` (the weaker of the two), ``source_id`` (of the step) and
        ``from_source_id`` (of the start), ``from`` and ``to`` (the two years), ``from_id`` and
        ``to_id`` (the two rows).
    """
    facts = ledger.facts()
    facts = facts[(facts["series"] == "main") & facts["metric"].isin([start, step])]
    names = ledger.companies().set_index("company")["name"]
    first = facts[facts["metric"] == start].set_index("company")
    then = facts[facts["metric"] == step].set_index("company")
    made = []
    for company in companies:
        if company not in first.index or company not in then.index:
            continue
        one, two = first.loc[company], then.loc[company]
        made.append(
            {
                "company": company,
                "name": names[company],
                "value": two["value"] - one["value"],
                "unit": "years",
                "qualifier": two["qualifier"] if two["qualifier"] != "exact" else one["qualifier"],
                "grade": max(one["grade"], two["grade"]),
                "source_id": two["source_id"],
                "from_source_id": one["source_id"],
                "from": int(one["value"]),
                "to": int(two["value"]),
                "from_id": one["id"],
                "to_id": two["id"],
            }
        )
    return pd.DataFrame(made)


def depth(shares: pd.Series, first_step: int, after: int = 10, within: int = 1) -> float | None:
    """Return the overseas share of a firm so many years after its first step abroad.

    Speed asks how soon a firm goes abroad, depth how much of it is there; a firm may be quick and
    shallow. Studies of speed divide what has been reached by the years it took: Vermeulen and
    Barkema, "Pace, Rhythm, and Scope", Strategic Management Journal, 2002; Johanson and Kalinic,
    "Acceleration and Deceleration in the Internationalization Process of the Firm", Management
    International Review, 2016. To compare firms of different age, the share is read at the same
    age abroad.

    Parameters
    ----------
    shares : pandas.Series
        Overseas shares as fractions, indexed by year.
    first_step : int
        Year of the first step abroad.
    after : int
        Years after it.
    within : int
        How many years the figure may be off; the nearest counts, the earlier of two.

    Returns
    -------
    float or None
        A fraction; None where no figure lies near enough.
    """
    held = shares.dropna().sort_index()
    off = pd.Series(abs(held.index - (first_step + after)), index=held.index)
    if off.empty or off.min() > within:
        return None
    return float(held[off.idxmin()])


def annual_growth(first: float, last: float, years: float) -> float:
    """Return the constant yearly growth that leads from one value to another (CAGR).

    Parameters
    ----------
    first, last : float
        Two positive values in the same unit.
    years : float
        The time between them, in years.

    Returns
    -------
    float
        A fraction a year: 0.25 for 25% a year.

    Raises
    ------
    ValueError
        If a value or the time is not positive.
    """
    if first <= 0 or last <= 0 or years <= 0:
        raise ValueError("growth needs two positive values and a positive time")
    return (last / first) ** (1 / years) - 1


def index_to(
    values: pd.Series | pd.DataFrame, base: object, level: float = 100
) -> pd.Series | pd.DataFrame:
    """Return values as an index: the value at the base becomes 100, the others follow.

    An index lets things of different size share a chart. What it shows depends on the base: a line
    that begins in its own worst year looks like a success. Draw at least two bases. That those who
    are treated have often just had a bad time is known as Ashenfelter's dip; see Heckman and Smith,
    "The Pre-programme Earnings Dip and the Determinants of Participation in a Social Programme",
    Economic Journal, 1999.

    Parameters
    ----------
    values : pandas.Series or pandas.DataFrame
        Figures by period; in a table, one column a thing.
    base : label
        A label of the index, such as ``2009``.
    level : float
        What the base is set to.

    Returns
    -------
    pandas.Series or pandas.DataFrame
        In the shape of ``values``; a column without a value at the base is empty.

    Raises
    ------
    ValueError
        If the base is no label of the index, or a value at the base is not positive.
    """
    if base not in values.index:
        raise ValueError(f"no value for {base!r}; there are {list(values.index)}")
    at_base = values.loc[base]
    if np.any(np.asarray(at_base) <= 0):
        raise ValueError(f"the value at the base {base!r} must be positive")
    return values / at_base * level


def concentration(shares: pd.Series | list[float]) -> float:
    """Return the concentration of a market: the Herfindahl-Hirschman index of its shares.

    The sum of the squared shares: 1 for a monopoly, 1/n for n equal firms. See Hirschman, "The
    Paternity of an Index", American Economic Review, 1964. A row "others" is no firm: leave it out
    and the index is a lower bound.

    Parameters
    ----------
    shares : pandas.Series or list of float
        Fractions of one market.

    Returns
    -------
    float
        Between 0 and 1.

    Raises
    ------
    ValueError
        If a share is negative, or they sum to more than 1.05 (rounded shares may exceed 1).
    """
    values = np.asarray(shares, dtype=float)
    if np.any(values < 0) or values.sum() > 1.05:
        raise ValueError("shares are fractions of one market: none negative, at most 1 in all")
    return float((values**2).sum())


def similarity(
    table: pd.DataFrame, to: str, weights: Mapping[str, float] | None = None
) -> pd.Series:
    """Return how unlike a reference each market is, over several features.

    Each feature is put on one scale (z-score over the markets of the table); the distance is the
    weighted root mean square of the differences. A different choice of features, weights or markets
    gives another ranking: that is the lesson.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a market, one numeric column a feature; other columns are ignored.
    to : str
        The reference: a row label of ``table``.
    weights : mapping of str to float, optional
        Weight of each feature; by default 1 for each numeric column.

    Returns
    -------
    pandas.Series
        Distance in standard deviations, smallest first, without the reference; a market that lacks
        a feature is left out.

    Raises
    ------
    ValueError
        If the reference or a weighted feature is not in the table, or no weight is positive.
    """
    features = table.select_dtypes("number")
    weights = dict(weights) if weights is not None else dict.fromkeys(features.columns, 1.0)
    unknown = [name for name in weights if name not in features.columns]
    if unknown:
        raise ValueError(f"no such feature: {', '.join(unknown)}; there are {list(features)}")
    if to not in table.index:
        raise ValueError(f"{to!r} is not a row of the table")
    scale = pd.Series({name: weight for name, weight in weights.items() if weight > 0}, dtype=float)
    if scale.empty:
        raise ValueError("at least one weight must be positive")
    known = features[scale.index].dropna()
    if to not in known.index:
        raise ValueError(f"{to!r} lacks one of the features {list(scale.index)}")
    z = (known - known.mean()) / known.std(ddof=0)
    squares = (z - z.loc[to]) ** 2
    distance = np.sqrt((squares * scale).sum(axis=1) / scale.sum())
    return distance.drop(to).sort_values(kind="stable").rename("distance")
