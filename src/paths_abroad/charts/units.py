"""Units on an axis: how large numbers are scaled, what the axis says, how a value is written."""

import math
from dataclasses import dataclass

from paths_abroad.ledger import wording

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_CURRENCIES = {"USD": "US$", "CNY": "RMB", "INR": "rupees", "EUR": "€"}


@dataclass(frozen=True)
class Axis:
    """An axis of values: where it runs, where its ticks are, what it is called."""

    low: float
    high: float
    ticks: list[float]
    expression: str
    """Vega expression for the label of a tick."""
    suffix: str
    """Unit for the title: ``%``, ``US$ billion``, ``million``; empty for bare numbers."""
    log: bool = False

    def pixel(self, value: float, height: float) -> float:
        """Return how many pixels below the top edge a value is drawn."""
        low, high = self.low, self.high
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return height * (high - value) / (high - low)

    def at_pixel(self, pixel: float, height: float) -> float:
        """Return the value that is drawn so many pixels below the top edge."""
        share = 1 - pixel / height
        if self.log:
            return math.exp(math.log(self.low) + share * (math.log(self.high / self.low)))
        return self.low + share * (self.high - self.low)


def shown(value: float, unit: str) -> str:
    """Write a value with its unit, to four figures: ``13.4%``, ``US$45 billion``.

    Spaces are ordinary ones: a label in a chart is never broken.
    """
    return wording.amount(float(f"{value:.4g}"), unit).replace("\u00a0", " ")


def _scale(largest: float) -> tuple[float, str]:
    return next(((size, word) for size, word in _SCALES if largest >= size), (1, ""))


def bare(value: float, unit: str, largest: float) -> str:
    """Write a value as the ticks of its axis do: the unit stands in the title."""
    if unit == "share":
        return shown(value, unit)
    return wording.plain(float(f"{value / _scale(largest)[0]:.4g}"))


def _nice_step(span: float, count: int) -> float:
    rough = span / count
    size = 10 ** math.floor(math.log10(rough))
    return next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= rough * 0.999)


def axis(
    values: list[float],
    unit: str,
    *,
    zero: bool = True,
    log: bool = False,
    ticks: int = 5,
    headroom: float = 0,
) -> Axis:
    """Choose a range and round ticks for values of one unit.

    Parameters
    ----------
    values : list of float
        In ``unit``; all positive where ``log`` is set.
    unit : str
        As in the ledger.
    zero : bool
        Whether the axis begins at nought.
    log : bool
        Whether it is logarithmic.
    ticks : int
        About how many ticks.
    headroom : float
        Share of the height to leave free above the values, for labels of rules.
    """
    low, high = min(values), max(values)
    if log:
        marks = [m * 10**e for e in range(-4, 16) for m in (1, 2, 5)]
        low = max(mark for mark in marks if mark <= low)
        high = min(mark for mark in marks if mark >= high * 1.05)
        places = [mark for mark in marks if low <= mark <= high]
        if len(places) > ticks + 2:
            places = [mark for mark in places if f"{mark:e}".startswith("1")]
        high *= (high / low) ** (headroom / (1 - headroom))
    else:
        low = min(low, 0) if zero or low == high else low
        high = max(high, 0) if zero else high
        step = _nice_step((high - low) or 1, ticks)
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        places = [round(i * step, 10) for i in range(first, last + 1)]
        low, high = places[0], places[-1]
        high += (high - low) * headroom / (1 - headroom)
    if unit == "share":
        return Axis(low, high, places, "format(datum.value * 100, ',.12~g') + '%'", "%", log)
    scale, word = _scale(max(map(abs, values)))
    suffix = f"{_CURRENCIES.get(unit, unit if unit.isupper() else '')} {word}".strip()
    return Axis(low, high, places, f"format(datum.value / {scale:.0f}, ',.12~g')", suffix, log)
