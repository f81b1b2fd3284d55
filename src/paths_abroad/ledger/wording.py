"""Figures in words: ``about US$45 billion``, ``13.4%``, ``at least 38 million``.

The digits are those of the ledger: a value is never rounded further than the row states it.
"""

from decimal import Decimal

from paths_abroad.ledger import periods
from paths_abroad.ledger.records import Fact

SYMBOLS = {
    "USD": "US$",
    "CNY": "RMB\u00a0",
    "EUR": "€",
    "GBP": "£",
    "INR": "₹",
    "JPY": "¥",
    "HKD": "HK$",
    "SGD": "S$",
    "NZD": "NZ$",
    "NOK": "NOK\u00a0",
    "SEK": "SEK\u00a0",
    "KRW": "₩",
    "USD_PPP_2021": "int’l $",
}
QUALIFIERS = {
    "exact": "",
    "approx": "about ",
    "at_least": "at least ",
    "at_most": "at most ",
    "estimate": "an estimated ",
    "target": "a target of ",
    "cumulative": "a running total of ",
}
GRADES = {
    "A": "primary document",
    "B": "reputable press or analyst",
    "C": "other, to be used with care",
}
_BARE = frozenset({"count", "year", "index"})
_SCALES = (
    (Decimal(10) ** 12, "trillion"),
    (Decimal(10) ** 9, "billion"),
    (Decimal(10) ** 6, "million"),
)


def plain(number: Decimal | float | int) -> str:
    """Write a number with thousands separators and no more digits than it has."""
    exact = number if isinstance(number, Decimal) else Decimal(repr(number))
    text = f"{exact:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def brief(value: float, digits: int = 4) -> float:
    """Round a value to a few significant digits, for a card or a label.

    Parameters
    ----------
    value : float
        In any unit.
    digits : int
        Significant digits that stay.
    """
    return float(f"{value:.{digits}g}")


def number(value: float, unit: str) -> str:
    """Say a value without its currency or thing: ``45 billion``, ``13.4%``, ``168.5 million``.

    Parameters
    ----------
    value : float
        In ``unit``.
    unit : str
        As in the ledger; ``share`` becomes a percentage, ``year`` has no separator.
    """
    exact = Decimal(repr(value))
    if unit == "share":
        return f"{plain(exact * 100)}%"
    if unit == "year":
        return f"{exact:f}".removesuffix(".0")
    for size, name in _SCALES:
        if abs(exact) >= size:
            return f"{plain(exact / size)}\u00a0{name}"
    return plain(exact)


def amount(value: float, unit: str) -> str:
    """Say a value with its currency: ``US$45 billion``; other units give the bare number."""
    words = number(value, unit)
    if unit not in SYMBOLS:
        return words
    sign, words = ("−", words[1:]) if words.startswith("-") else ("", words)
    return f"{sign}{SYMBOLS[unit]}{words}"


def words(fact: Fact, style: str = "full") -> str:
    """Say a figure of the ledger.

    Parameters
    ----------
    fact : Fact
        A row of ``facts.csv``.
    style : {"full", "brief", "bare", "number"}
        ``full`` has the qualifier and the currency (``about US$45 billion``), ``brief`` the same
        with at most four significant digits, ``bare`` leaves the qualifier out, ``number`` the
        currency too.

    Raises
    ------
    ValueError
        If the style is none of these.
    """
    if style == "full":
        return QUALIFIERS[fact.qualifier] + amount(fact.value, fact.unit)
    if style == "brief":
        return QUALIFIERS[fact.qualifier] + amount(brief(fact.value), fact.unit)
    if style == "bare":
        return amount(fact.value, fact.unit)
    if style == "number":
        return number(fact.value, fact.unit)
    raise ValueError(f"unknown style {style!r}: use full, brief, bare or number")


def unit_words(unit: str) -> str:
    """Say a unit for a table or a card: ``US dollars``-like codes stay, plain counts are empty."""
    return "" if unit in _BARE else unit.replace("_", " ")


period_words = periods.words
date_words = periods.words
