"""Periods on an axis: each stands in the middle of the time it covers, as a decimal year.

The year 2014 is 2014.5 and its third quarter 2014.625: a figure for a year is drawn over the whole
year, an event on its day. Decimal years also keep a chart free of time zones.
"""

from calendar import isleap
from datetime import date, timedelta

import pandas as pd

from paths_abroad.ledger import periods

SPANS = ("year", "half", "quarter", "fiscal_year", "fiscal_half", "fiscal_quarter")
"""Forms whose neighbours are known, so that a gap can be seen."""
_MONTHS_BACK = {"year": 12, "half": 6, "quarter": 3, "month": 1}


def decimal(day: date) -> float:
    """Turn a day into a decimal year: 2 July 2014 is about 2014.5."""
    length = 366 if isleap(day.year) else 365
    return day.year + (day.timetuple().tm_yday - 1) / length


def start(period: str) -> float:
    """Return the decimal year at which a period begins."""
    form = periods.form_of(period).removeprefix("fiscal_")
    last = periods.last_day(period)
    if form == "day":
        return decimal(last)
    if form == "span":
        return decimal(date(int(period[:4]), int(period[5:7]), 1))
    if form == "quarters":
        return decimal(date(last.year, 3 * int(period[5]) - 2, 1))
    return decimal(date(last.year, last.month - _MONTHS_BACK[form] + 1, 1))


def end(period: str) -> float:
    """Return the decimal year at which a period is over."""
    last = periods.last_day(period)
    return decimal(last if periods.form_of(period) == "day" else last + timedelta(days=1))


def middle(period: str) -> float:
    """Return the decimal year at which a period is drawn."""
    return round((start(period) + end(period)) / 2, 3)


def index(period: str) -> int | None:
    """Number periods of one form consecutively; None where a gap cannot be told."""
    form = periods.form_of(period)
    if form not in SPANS:
        return None
    last = periods.last_day(period)
    return (last.year * 12 + last.month - 1) // _MONTHS_BACK[form.removeprefix("fiscal_")]


def short(period: str) -> str:
    """Write a period as a label: ``Q3 2014``, ``H1 2014``, otherwise in words."""
    form = periods.form_of(period)
    if form in ("quarter", "half"):
        return f"{period[4:]} {period[:4]}"
    return periods.words(period)


def of_rows(rows: pd.DataFrame) -> list[float]:
    """Return the place of each row on the axis, from ``period`` or else from ``date``."""
    if "period" in rows:
        return [middle(str(period)) for period in rows["period"]]
    return [round(decimal(day.date()), 3) for day in pd.to_datetime(rows["date"])]
