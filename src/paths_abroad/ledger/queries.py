"""Questions to the ledger that return a table: a series, a path, attributes of markets."""

import math
from collections.abc import Sequence

import pandas as pd

from paths_abroad.ledger import periods, tables
from paths_abroad.ledger.errors import LedgerError, unknown

_SERIES_COLUMNS = [
    "id",
    "company",
    "name",
    "metric",
    "label",
    "period",
    "date",
    "year",
    "value",
    "unit",
    "geography",
    "place",
    "qualifier",
    "grade",
    "source_id",
    "locator",
    "definition",
    "series",
    "rival_of",
    "break_before",
    "url",
    "source",
]
_PATH_COLUMNS = [
    "id",
    "company",
    "name",
    "date",
    "date_text",
    "precision",
    "type",
    "country",
    "place",
    "amount",
    "unit",
    "grade",
    "source_id",
    "locator",
    "description",
    "url",
    "source",
]


def _listed(asked: str | Sequence[str] | None) -> list[str] | None:
    if asked is None:
        return None
    return [asked] if isinstance(asked, str) else list(asked)


def _known(kind: str, asked: list[str] | None, names: pd.Series) -> None:
    known = set(names)
    for name in asked or ():
        if name not in known:
            raise unknown(kind, name, known)


def _labels(frame: pd.DataFrame, table: str, key: str, on: str, **columns: str) -> pd.DataFrame:
    # Looked up one by one: a merge of a few rows takes ten times as long.
    labels = tables.table(table)
    found = {
        new: pd.Series(
            [names.get(name, math.nan) for name in frame[on]], frame.index, labels[old].dtype
        )
        for new, old in columns.items()
        for names in [dict(zip(labels[key], labels[old], strict=True))]
    }
    return frame.assign(**found)


def series(
    metric: str | Sequence[str],
    company: str | Sequence[str] | None = None,
    geography: str | Sequence[str] | None = None,
    period: str | None = None,
    series: str | None = "main",
) -> pd.DataFrame:
    """Return figures as rows for a chart or a computation, in order of company and time.

    Parameters
    ----------
    metric, company, geography : str or sequence of str
        Names as in the ledger; None keeps all companies or geographies. A sequence also gives the
        order of the companies.
    period : str, optional
        Keep one form of period: ``year``, ``half``, ``quarter``, ``month``, ``day``,
        ``fiscal_year`` and so on.
    series : {"main", "rival", None}
        Main rows (one a point), rivals, or both.

    Returns
    -------
    pandas.DataFrame
        One row a figure: the columns of ``facts.csv`` with the labels ``name`` (company),
        ``label`` (metric), ``place``, the ``date`` (last day of the period), the ``year``, and
        ``url`` and ``source`` (publisher). ``value`` is in ``unit``.

    Raises
    ------
    LedgerError
        If a name is unknown, or no row answers the question.
    """
    wanted = {"metric": _listed(metric), "company": _listed(company), "place": _listed(geography)}
    _known("metric", wanted["metric"], tables.table("metrics")["metric"])
    _known("company", wanted["company"], tables.table("companies")["company"])
    _known("place", wanted["place"], tables.table("places")["place"])
    if period is not None and period not in periods._FORMS:
        raise unknown("form of period", period, periods._FORMS)
    rows = tables.table("facts")
    for column, names in zip(("metric", "company", "geography"), wanted.values(), strict=True):
        if names is not None:
            rows = rows[rows[column].isin(names)]
    if series is not None:
        rows = rows[rows["series"] == series]
    if period is not None:
        rows = rows[[periods.form_of(p) == period for p in rows["period"]]]
    if rows.empty:
        asked = ", ".join(
            f"{name}={value!r}"
            for name, value in {
                "metric": metric,
                "company": company,
                "geography": geography,
                "period": period,
                "series": series,
            }.items()
            if value is not None
        )
        there = tables.table("facts")
        there = there[there["metric"].isin(wanted["metric"])]
        hold = sorted(f"{c} {g}" for c, g in set(zip(there.company, there.geography, strict=True)))
        raise LedgerError(f"no rows for {asked}; the ledger holds {', '.join(hold[:12])}")
    rows = rows.assign(
        date=pd.to_datetime([periods.last_day(p) for p in rows["period"]]),
        year=[periods.last_day(p).year for p in rows["period"]],
    )
    rows = _labels(rows, "companies", "company", "company", name="name")
    rows = _labels(rows, "metrics", "metric", "metric", label="label")
    rows = _labels(rows, "places", "place", "geography", place="name")
    rows = _labels(rows, "sources", "source_id", "source_id", url="url", source="publisher")
    order = {name: i for i, name in enumerate(wanted["company"] or sorted(set(rows["company"])))}
    rows = rows.assign(_order=rows["company"].map(order))
    rows = rows.sort_values(["_order", "metric", "date", "id"], kind="stable")
    return rows[_SERIES_COLUMNS].reset_index(drop=True)


def path(company: str | Sequence[str]) -> pd.DataFrame:
    """Return the events of a company's path, in order of time.

    Parameters
    ----------
    company : str or sequence of str
        Names as in the ledger.

    Returns
    -------
    pandas.DataFrame
        One row an event. ``date`` is the first day of the stated year, month or day;
        ``precision`` says which of them was stated, ``date_text`` says it in words.

    Raises
    ------
    LedgerError
        If a company is unknown or has no events.
    """
    names = _listed(company) or []
    _known("company", names, tables.table("companies")["company"])
    rows = tables.table("events")
    rows = rows[rows["company"].isin(names)]
    if rows.empty:
        raise LedgerError(f"no events for {', '.join(names)}")
    rows = rows.assign(
        date_text=[periods.words(d) for d in rows["date"]],
        precision=[periods.form_of(d) for d in rows["date"]],
        date=pd.to_datetime([periods.first_day(d) for d in rows["date"]]),
    )
    rows = _labels(rows, "companies", "company", "company", name="name")
    rows = _labels(rows, "places", "place", "country", place="name")
    rows = _labels(rows, "sources", "source_id", "source_id", url="url", source="publisher")
    rows = rows.sort_values(["date", "id"], kind="stable")
    return rows[_PATH_COLUMNS].reset_index(drop=True)


def markets(indicators: Sequence[str], year: int) -> pd.DataFrame:
    """Return attributes of countries side by side.

    Parameters
    ----------
    indicators : sequence of str
        Metrics of the table ``markets``; they become the columns.
    year : int
        The year of all of them.

    Returns
    -------
    pandas.DataFrame
        Indexed by country, with a ``place`` column (the country's name) and one column an
        indicator, in the unit of the ledger; ``NaN`` where a country has no figure.

    Raises
    ------
    LedgerError
        If an indicator is unknown or has no figure for the year.
    """
    rows = tables.table("markets")
    _known("indicator", list(indicators), rows["indicator"])
    rows = rows[rows["indicator"].isin(indicators) & (rows["year"] == year)]
    missing = [i for i in indicators if i not in set(rows["indicator"])]
    if missing:
        raise LedgerError(f"no figures for {', '.join(missing)} in {year}")
    wide = rows.pivot(index="country", columns="indicator", values="value")[list(indicators)]
    names = tables.table("places").set_index("place")["name"]
    wide.insert(0, "place", names.reindex(wide.index))
    wide.columns.name = None
    return wide
