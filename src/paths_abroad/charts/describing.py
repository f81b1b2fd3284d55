"""Does a description say what the chart shows? Every number in it must follow from the rows."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from paths_abroad.charts.finishing import meta_of, rows_of
from paths_abroad.ledger import periods

_SCALES = {
    "thousand": 1e3,
    "million": 1e6,
    "m": 1e6,
    "mn": 1e6,
    "billion": 1e9,
    "bn": 1e9,
    "trillion": 1e12,
}
_CURRENCIES = {
    "US$": "USD",
    "$": "USD",
    "USD": "USD",
    "RMB": "CNY",
    "CNY": "CNY",
    "€": "EUR",
    "EUR": "EUR",
    "₹": "INR",
    "Rs": "INR",
    "HK$": "HKD",
    "S$": "SGD",
    "£": "GBP",
    "¥": "JPY",
}
_AFTER = {"yuan": "CNY", "renminbi": "CNY", "dollars": "USD", "rupees": "INR", "euros": "EUR"}
_SMALL = (
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate(_SMALL, start=2)}
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_WORDS |= {
    f"{tens}-{unit}": 10 * n + k
    for n, tens in enumerate(_TENS, start=2)
    for k, unit in enumerate(["one", *_SMALL[:8]], start=1)
}
_TIMES = ("year", "quarter", "month", "half", "halves", "period", "point", "date")

_MONTH = "(?:" + "|".join(periods.MONTHS) + ")"
_DATES = [
    rf"\b\d{{1,2}} {_MONTH}(?: \d{{4}})?\b",
    rf"\b{_MONTH} \d{{1,2}},? \d{{4}}\b",
    rf"\b{_MONTH} \d{{4}}\b",
    r"\b\d{4}-\d{2}(?:-\d{2})?\b",
    r"\b(?:FY ?)?(?:19|20)\d{2} ?[QH][1-4]\b",
    r"\b[QH][1-4](?: of)?(?: (?:FY ?)?(?:19|20)\d{2})?\b",
    r"\bFY ?(?:19|20)?\d{2}\b",
    r"\b(?:19|20)\d{2}[–/-]\d{2}\b(?!\d|%)",
]
# A year: four digits alone, not followed by what would make it a quantity.
_YEAR = re.compile(
    r"(?<![\d.,$€₹£¥])(?:19|20)\d{2}"
    r"(?![\d%]|[.,]\d| ?(?:per ?cent|thousand|million|billion|trillion|bn|mn|m)\b)"
)
_NUMBER = re.compile(
    r"(?P<before>(?:US|HK|S)?\$|€|₹|£|¥|\b(?:RMB|CNY|USD|EUR|Rs)\b)?[\s\u00a0]?"
    r"(?P<sign>[−-](?=\d))?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?P<percent>[\s\u00a0]?%|[\s\u00a0-]per ?cent(?:age)?\b)?"
    r"(?:[\s\u00a0]?(?P<scale>thousand|million|billion|trillion|bn|mn|m)\b)?"
    r"(?P<ordinal>st|nd|rd|th)?"
)
_ORDINAL_DENOMINATOR = re.compile(
    r"\W+(?:quarters of\b|(?:third|fifth|sixth|seventh|eighth|ninth|tenth)s\b)"
)


@dataclass
class _Known:
    """What the rows say: values by unit, how many of what, words with digits in them."""

    values: list[tuple[float, str]]
    counts: set[int]
    spans: set[int]
    words: str
    computed: list[float] = field(default_factory=list)


def numbers_in_description(spec: Mapping) -> list[str]:
    """Find numbers in the description that do not follow from the rows.

    A number follows if it is the value of a row, rounded to the digits written (a share also as a
    percentage; with thousand, million, billion; a currency must be that of the row), a count (of
    rows, lines, places, periods, or years from first to last) or a figure stored by
    ``finish(..., computed=...)``. Years, dates, quarters, ordinals and names with digits that stand
    in the rows ("Mi 4") are left alone.

    Parameters
    ----------
    spec : dict
        A finished specification.

    Returns
    -------
    list of str
        One line per problem; empty if the description is right.
    """
    description = str(spec.get("description") or "")
    known = _known(spec)
    text = description
    for pattern in _DATES:
        text = re.sub(pattern, _blank, text)
    text = _YEAR.sub(_blank, text)
    problems = []
    for found in _NUMBER.finditer(text):
        problem = _judge(text, found, known)
        if problem:
            problems.append(problem)
    problems += _in_words(text, known)
    return problems


def _blank(match: re.Match) -> str:
    return "·" * len(match.group(0))


def _known(spec: Mapping) -> _Known:
    rows = rows_of(spec)
    values = [
        (float(row["value"]), str(row.get("unit") or ""))
        for row in rows
        if isinstance(row.get("value"), int | float) and not isinstance(row.get("value"), bool)
    ]
    if not values:  # a table without a column of that name: any number in it counts
        values = [
            (float(cell), "")
            for row in rows
            for cell in row.values()
            if isinstance(cell, int | float) and not isinstance(cell, bool)
        ]
    counts = {len(rows)}
    spans: set[int] = set()
    for column in ("name", "label", "place", "source_id", "type", "grade", "qualifier"):
        held = [str(row[column]) for row in rows if row.get(column)]
        counts |= {len(set(held))} | set(Counter(held).values())
    lines: dict[str, list[str]] = {}
    for row in rows:
        if row.get("period"):
            lines.setdefault(str(row.get("name", "")), []).append(str(row["period"]))
    for held in [*lines.values(), [p for line in lines.values() for p in line]]:
        spans |= {len(set(held))} | _years(held)
    spans |= counts if not lines else {len(rows)}
    spans |= _years([str(row["date_text"])[-4:] for row in rows if row.get("date_text")])
    words = " ".join(str(cell) for row in rows for cell in row.values() if isinstance(cell, str))
    computed = [float(one) for one in meta_of(spec).get("computed", {}).values()]
    return _Known(values, counts - {0}, spans - {0}, words, computed)


def _years(held: Iterable[str]) -> set[int]:
    """Years from the first to the last period, counted both ways: 2015 to 2023 is 8, or 9."""
    years = [int(found.group(0)) for p in held if (found := re.search(r"\d{4}", p))]
    return {max(years) - min(years), max(years) - min(years) + 1} if years else set()


def _judge(text: str, found: re.Match, known: _Known) -> str | None:
    start, stop = found.start("digits"), found.end()
    before, after = text[:start], text[stop:]
    if found["ordinal"] or re.search(r"[A-Za-z]$", before) or re.match(r"[A-Za-z]", after):
        return None  # 3rd; Q3, 5G, iOS8
    name = re.search(r"([A-Z][\w’']*|i[A-Z]\w*) $", before)
    if name and not found["before"] and f"{name.group(1)} {found['digits']}" in known.words:
        return None  # a product: Mi 4, Redmi 2
    digits = found["digits"].replace(",", "")
    number = float(digits) * (-1 if found["sign"] else 1)
    decimals = len(digits.partition(".")[2])
    scale = _SCALES.get(found["scale"] or "", 1.0)
    currency = _CURRENCIES.get(found["before"] or "")
    word = re.match(r"[\s\u00a0-]+([A-Za-z]+)", after)
    noun = word.group(1).lower() if word else ""
    currency = currency or _AFTER.get(noun)
    if found["percent"] or noun in ("percentage", "points", "point"):
        fits = _fits_any(number, decimals, 0.01, known, units=("share", "percent", ""))
    elif found["scale"] or currency:
        fits = _fits_any(number, decimals, scale, known, currency=currency)
    else:
        borrowed = _borrowed(after)
        counted = known.spans if noun.startswith(_TIMES) else known.counts
        fits = (
            (decimals == 0 and number in counted)
            or _fits_any(number, decimals, 1.0, known)
            or _fits_any(number, decimals, 0.01, known, units=("share", "percent"))
            or (borrowed is not None and _fits_any(number, decimals, borrowed, known))
        )
    if fits:
        return None
    said = found.group(0).strip()
    return f"the description says {said!r}, which is no value, count or computed figure"


def _borrowed(after: str) -> float | None:
    """The scale of a range stands at its end: ``6 to 45 billion``, ``6–45%``."""
    match = re.match(r"\s*(?:to|and|or|–|-)\s*" + _NUMBER.pattern, after)
    if not match:
        return None
    return 0.01 if match["percent"] else _SCALES.get(match["scale"] or "")


def _fits_any(
    number: float,
    decimals: int,
    scale: float,
    known: _Known,
    units: tuple[str, ...] | None = None,
    currency: str | None = None,
) -> bool:
    half = 0.5 * 10**-decimals * scale * (1 + 1e-9)
    said = number * scale
    if any(abs(said - one) <= half or abs(number - one) <= half / scale for one in known.computed):
        return True
    for value, unit in known.values:
        if units is not None and unit not in units:
            continue
        if currency and unit not in (currency, ""):
            continue
        if abs(abs(value) - abs(said)) <= half:
            return True
    return False


def _in_words(text: str, known: _Known) -> list[str]:
    problems = []
    for match in re.finditer(r"\b[a-z]+(?:-[a-z]+)?\b", text, flags=re.IGNORECASE):
        number = _WORDS.get(match.group(0).lower())
        after = text[match.end() :]
        if number is None or _ORDINAL_DENOMINATOR.match(after):
            continue
        word = re.match(r"\s+([a-z]+)", after, flags=re.IGNORECASE)
        noun = word.group(1).lower() if word else ""
        if noun in _SCALES:
            fits = _fits_any(number, 0, _SCALES[noun], known)
        elif noun in ("percent", "per"):
            fits = _fits_any(number, 0, 0.01, known, units=("share", "percent", ""))
        else:
            counted = known.spans if noun.startswith(_TIMES) else known.counts
            fits = number in counted or _fits_any(number, 0, 1.0, known)
        if not fits:
            problems.append(
                f"the description says {match.group(0)!r}, which is no value, count or "
                "computed figure"
            )
    return problems
