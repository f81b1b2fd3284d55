"""Figures inside a piece of English text: find them, and compare one with a row's value.

Two modules need this: :mod:`paths_abroad.book.prose` (typed digits are an error) and
:mod:`paths_abroad.book.fact_role` (an author's own wording must agree with the row it quotes).
"""

import re
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)

NAMES = (
    "Mi",
    "Mi Max",
    "Mi Mix",
    "Mi Note",
    "Mi Pad",
    "Redmi",
    "Redmi Note",
    "Poco",
    "iOS",
    "MIUI",
    "HyperOS",
    "Android",
    "Galaxy",
    "Galaxy S",
    "Galaxy Note",
    "iPhone",
    "iPad",
    "Nexus",
    "Snapdragon",
    "Windows",
    "Web",
    "Industry",
    "Fortune",
    "Fortune Global",
    "Global",
    "Group of",
    "CES",
    "Article",
    "Model",
    "Boeing",
    "CC BY",
    "Airbus",
)
"""Products, standards and lists whose name ends in a number; add one when a chapter needs it."""

_REFERENCES = (
    "(?:chapter|section|figure|table|part|exercise|question|prompt|step|appendix|note|box|session|"
    "week|page|paragraph)s?|pp?\\.|nos?\\.|§"
)
_YEAR = r"(?:1[5-9]\d\d|20\d\d)"
_DAY = r"(?:3[01]|[12]?\d)"
_SCALE_WORDS = "thousand|million|billion|trillion"
_PERCENT_WORDS = "%|per ?cent|percentage points?"
_NOT_AN_AMOUNT = (
    rf"(?!\s*(?:%|(?:{_SCALE_WORDS}|per ?cent|percent)\b))(?![.,]\d)(?<![$€£¥₹₩]\d\d\d\d)"
)
_CURRENCIES = "RMB|CNY|USD|EUR|GBP|INR|JPY|HKD|SGD|NOK|SEK|KRW|NZD|Rs"

DATE_PATTERNS = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        # 14 to 16 July 2014; 29 December 2014; 29 December; July 14, 2014; July 14
        rf"\b(?:{_DAY}\s*(?:to|and|or|[–-])\s*)?{_DAY}(?:st|nd|rd|th)?\s+(?:of\s+)?"
        rf"(?:{MONTHS})\b(?:\s+{_YEAR}\b)?",
        rf"\b(?:{MONTHS})\s+{_DAY}(?:st|nd|rd|th)?\b"
        rf"(?!\s*(?:{_SCALE_WORDS}|%|percent|per cent))(?:,?\s+{_YEAR}\b)?",
        r"\b\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?\b",
        # 2014Q3, FY2014, FY2014H1, Q3 2014, H1 of 2015, Q3, 3Q 2014
        r"\b(?:FY ?)?(?:19|20)\d\d(?:[QH][1-4](?:-Q[1-4])?)\b|\bFY ?(?:19|20)\d\d\b",
        rf"\b[QH][1-4]\b(?:\s+(?:of\s+)?(?:FY ?)?{_YEAR}\b)?|\b[1-4][QH]\b(?: ?{_YEAR}\b)?",
        # 2013-14, 2013–2015, 2010s, 2014
        rf"(?<![$€£¥₹₩.,\d]){_YEAR}\s?[–/-]\s?(?:\d\d){{1,2}}\b{_NOT_AN_AMOUNT}",
        r"\b(?:1[5-9]|20)\d0s\b",
        rf"(?<![$€£¥₹₩.,\d])(?<!\d)(?<!RMB\s){_YEAR}\b{_NOT_AN_AMOUNT}",
        r"\b\d{1,2}(?:st|nd|rd|th)[ -]century\b",
        # 12:00, 8.30 pm, 8 pm
        r"\b\d{1,2}:\d\d(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?",
    )
)
_names = "|".join(re.escape(name) for name in sorted(NAMES, key=len, reverse=True))
NAME_PATTERNS = (
    re.compile(rf"\b(?:{_names})\s\d{{1,4}}(?:\.\d)?[A-Za-z]{{0,3}}\b{_NOT_AN_AMOUNT}"),
    # 4G; iPhone6, P20, SU7, COVID-19, but not RMB45
    re.compile(r"\b[2-6](?:\.5)?G\b|\b[23]D\b"),
    re.compile(rf"\b(?!(?:{_CURRENCIES})\d)[A-Za-z]+-?\d{{1,4}}[A-Za-z+]{{0,3}}\b(?![.,]\d)"),
    re.compile(
        rf"(?:\b|(?=§))(?:{_REFERENCES})\s?\d+(?:\.\d+)*"
        rf"(?:(?:,\s|\s?(?:to|and|or|–|-)\s?)\d+(?:\.\d+)*)*\b{_NOT_AN_AMOUNT}",
        re.IGNORECASE,
    ),
)

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen"""
_UNITS = {word: number for number, word in enumerate(_SMALL.split())}
_ROUND = """twenty thirty forty fifty sixty seventy eighty ninety"""
_TENS = {word: 10 * number for number, word in enumerate(_ROUND.split(), 2)}
_SCALES = {
    "hundred": Decimal(10) ** 2,
    "thousand": Decimal(10) ** 3,
    "million": Decimal(10) ** 6,
    "billion": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
}
_word = "|".join([*_UNITS, *_TENS, "hundred", "a", "an", "half", "point"])
_SPELLED = re.compile(
    rf"\b(?:(?:{_word})(?:-|\s+and\s+|\s+))*(?:{_word})(?:[\s-]+(?P<scale>{_SCALE_WORDS}|hundred))?"
    rf"(?:[\s-]*(?P<percent>percent|per ?cent|percentage points?))?\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    rf"(?P<number>\d[\d,]*(?:\.\d+)?|\.\d+)"
    rf"(?:[\s-]*(?P<scale>{_SCALE_WORDS}|bn|m|tn)\b)?(?:\s*(?P<percent>{_PERCENT_WORDS}))?",
    re.IGNORECASE,
)
_ABBREVIATED = {"bn": "billion", "m": "million", "tn": "trillion"}
_HEDGE = re.compile(
    r"\b(?:about|some|nearly|almost|over|under|around|roughly|(?:more|less|fewer) than|close to|"
    r"at least|at most|up to|well over|just (?:over|under))\s+\S*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Found:
    """A figure found in a text.

    ``text`` as written, ``start`` its offset, ``value`` the number meant (13.4 for ``13.4%``),
    ``step`` the size of its last written digit, ``percent`` whether it says so, ``hedged`` whether
    a word like *about* or *over* stands before it.
    """

    text: str
    start: int
    value: Decimal
    step: Decimal
    percent: bool
    hedged: bool


def mask(text: str) -> str:
    """Blank out what may be typed (dates, times, names, references), keeping every offset.

    Parameters
    ----------
    text : str
        Plain text of one paragraph.

    Returns
    -------
    str
        Of the same length, with the permitted parts replaced by ``·``.
    """
    for pattern in (*DATE_PATTERNS, *NAME_PATTERNS):
        text = pattern.sub(lambda m: re.sub(r"[^\n]", "·", m.group()), text)
    return text


def dates_in(text: str) -> str:
    """Return only the dates of a text, one after the other."""
    return " ".join(m.group() for pattern in DATE_PATTERNS for m in pattern.finditer(text))


def years(text: str) -> set[int]:
    """Return the years that a text names."""
    return {int(y) for y in re.findall(rf"(?<!\d){_YEAR}(?!\d)", text)}


def typed(text: str) -> list[Found]:
    """Return the figures written with digits, dates and names excepted."""
    masked, found = mask(text), []
    for match in _DIGITS.finditer(masked):
        digits = match["number"].rstrip(",")
        number = Decimal(digits.replace(",", ""))
        scale = (match["scale"] or "").lower()
        size = _SCALES.get(_ABBREVIATED.get(scale, scale), Decimal(1))
        decimals = len(digits.partition(".")[2])
        found.append(
            Found(
                text=match.group().strip().rstrip(","),
                start=match.start(),
                value=number * size,
                step=size * Decimal(10) ** -decimals,
                percent=bool(match["percent"]),
                hedged=bool(_HEDGE.search(text[: match.start()])),
            )
        )
    return found


def spelled(text: str) -> list[Found]:
    """Return the amounts written in words: above twelve, or with a scale or a percentage."""
    found = []
    for match in _SPELLED.finditer(text):
        words = re.split(r"[\s-]+", match.group().lower())
        number = _number(words)
        large = match["scale"] or match["percent"] or (number is not None and number > 12)
        if number is None or not large:
            continue
        scale = _SCALES.get((match["scale"] or "").lower(), Decimal(1))
        found.append(
            Found(
                text=match.group(),
                start=match.start(),
                value=number,
                step=scale,
                percent=bool(match["percent"]),
                hedged=bool(_HEDGE.search(text[: match.start()])),
            )
        )
    return found


def _number(words: list[str]) -> Decimal | None:
    """Read number words; None where the words hold no number (``a``, ``point``)."""
    total, current, seen, decimals = Decimal(0), Decimal(0), False, None
    for word in words:
        if word in ("a", "an"):
            current, seen = current or Decimal(1), seen
        elif word == "half":
            current, seen = (current if seen else 0) + Decimal("0.5"), True
        elif word == "point":
            decimals = Decimal(1)
        elif word in _UNITS or word in _TENS:
            digit = Decimal(_UNITS.get(word, _TENS.get(word, 0)))
            if decimals is not None:
                decimals /= 10
                current += digit * decimals
            else:
                current += digit
            seen = True
        elif word == "hundred":
            current, seen = (current or 1) * _SCALES["hundred"], True
        elif word in _SCALES:
            total, current, seen = total + (current or 1) * _SCALES[word], Decimal(0), True
            decimals = None
    return total + current if seen else None


def agrees(found: Found, value: float, unit: str) -> bool:
    """Say whether a written figure is a row's value, rounded to the digits that were written.

    Parameters
    ----------
    found : Found
        From :func:`typed` or :func:`spelled`.
    value : float
        The row's value, in ``unit``.
    unit : str
        As in the ledger; a ``share`` may be written as a percentage or as it is.

    Returns
    -------
    bool
        After a hedge (*about*, *over*), trailing zeros may be rounded digits, and the last digit
        may be cut off instead of rounded.
    """
    exact = Decimal(repr(float(value)))
    share = unit == "share"
    if found.percent and not share:
        return False
    meant = [exact * 100] if found.percent else [exact, exact * 100] if share else [exact]
    for amount in meant:
        if _rounded(amount, found.step, ROUND_HALF_UP) == found.value:
            return True
        if found.hedged:
            step = found.step
            while True:
                for way in (ROUND_HALF_UP, ROUND_DOWN):
                    if _rounded(amount, step, way) == found.value:
                        return True
                step *= 10
                if found.value == 0 or found.value % step:
                    break
    return False


def _rounded(amount: Decimal, step: Decimal, way: str) -> Decimal:
    return (amount / step).quantize(Decimal(1), rounding=way) * step
