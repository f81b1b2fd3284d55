"""Periods as the ledger writes them: years, halves, quarters, months, days, fiscal years.

A period is text (``2014``, ``2014H1``, ``2014Q3``, ``2014-12``, ``2014-12-29``, ``FY2014``,
``FY2014Q1``, ``2014Q1-Q3``, ``2014-03/2014-09``). Charts need a date: the last day of the period.
Fiscal periods end where the company's year ends; the ledger does not store that, so they are placed
at the end of the calendar year they are named after, and a chart must say "fiscal year".
"""

import re
from calendar import monthrange
from datetime import date

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
QUARTERS = ("first", "second", "third", "fourth")

_FORMS = {
    "year": r"(?P<y>\d{4})",
    "half": r"(?P<y>\d{4})H(?P<h>[12])",
    "quarter": r"(?P<y>\d{4})Q(?P<q>[1-4])",
    "quarters": r"(?P<y>\d{4})Q(?P<q0>[1-4])-Q(?P<q>[1-4])",
    "month": r"(?P<y>\d{4})-(?P<m>\d{2})",
    "day": r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})",
    "span": r"(?P<y0>\d{4})-(?P<m0>\d{2})/(?P<y>\d{4})-(?P<m>\d{2})",
    "fiscal_year": r"FY(?P<y>\d{4})",
    "fiscal_half": r"FY(?P<y>\d{4})H(?P<h>[12])",
    "fiscal_quarter": r"FY(?P<y>\d{4})Q(?P<q>[1-4])",
}
_PATTERNS = {form: re.compile(pattern) for form, pattern in _FORMS.items()}


def _match(period: str) -> tuple[str, dict[str, str]]:
    for form, pattern in _PATTERNS.items():
        found = pattern.fullmatch(period)
        if found:
            return form, found.groupdict()
    raise ValueError(
        f"{period!r} is not a period: write 2014, 2014H1, 2014Q3, 2014-12, 2014-12-29 or FY2014"
    )


def form_of(period: str) -> str:
    """Return the form of a period: ``year``, ``quarter``, ``month``, ``fiscal_year`` and so on.

    Raises
    ------
    ValueError
        If the text is not a period.
    """
    return _match(period)[0]


def last_day(period: str) -> date:
    """Return the last day of a period (``2014Q1`` ends on 31 March 2014).

    Raises
    ------
    ValueError
        If the text is not a period, or names a day that does not exist.
    """
    form, part = _match(period)
    year = int(part["y"])
    if form == "day":
        return date(year, int(part["m"]), int(part["d"]))
    if part.get("m"):
        month = int(part["m"])
    elif part.get("q"):
        month = 3 * int(part["q"])
    elif part.get("h"):
        month = 6 * int(part["h"])
    else:
        month = 12
    if not 1 <= month <= 12:
        raise ValueError(f"{period!r} names month {month}")
    return date(year, month, monthrange(year, month)[1])


def start(period: str) -> date:
    """Return the first day of a period (``2014Q3`` begins on 1 July 2014).

    Raises
    ------
    ValueError
        If the text is not a period, or names a day that does not exist.
    """
    form, part = _match(period)
    end = last_day(period)
    if form == "day":
        return end
    if form == "span":
        return date(int(part["y0"]), int(part["m0"]), 1)
    if part.get("q0"):
        return date(end.year, 3 * int(part["q0"]) - 2, 1)
    months = 1 if part.get("m") else 3 if part.get("q") else 6 if part.get("h") else 12
    return date(end.year, end.month - months + 1, 1)


def first_day(text: str) -> date:
    """Return the first day of a date of an event (``2014`` begins on 1 January 2014)."""
    form, part = _match(text)
    if form not in ("year", "month", "day"):
        raise ValueError(f"{text!r} is not a date: write 2014, 2014-12 or 2014-12-29")
    return date(int(part["y"]), int(part.get("m") or 1), int(part.get("d") or 1))


def words(period: str) -> str:
    """Say a period in English: ``third quarter of 2014``, ``29 December 2014``.

    Raises
    ------
    ValueError
        If the text is not a period.
    """
    form, part = _match(period)
    year = part["y"]
    if form == "year":
        return year
    if form == "month":
        return f"{MONTHS[int(part['m']) - 1]} {year}"
    if form == "day":
        return f"{int(part['d'])} {MONTHS[int(part['m']) - 1]} {year}"
    if form == "span":
        start = f"{MONTHS[int(part['m0']) - 1]} {part['y0']}"
        return f"{start} to {MONTHS[int(part['m']) - 1]} {year}"
    name = f"fiscal year {year}" if form.startswith("fiscal") else year
    if form == "fiscal_year":
        return name
    if form in ("half", "fiscal_half"):
        return f"{QUARTERS[int(part['h']) - 1]} half of {name}"
    if form == "quarters":
        start = QUARTERS[int(part["q0"]) - 1]
        return f"{start} to {QUARTERS[int(part['q']) - 1]} quarter of {name}"
    return f"{QUARTERS[int(part['q']) - 1]} quarter of {name}"
