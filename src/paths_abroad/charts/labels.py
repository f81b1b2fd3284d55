"""Room for text: how wide it will be, where it wraps, how labels keep apart."""

import textwrap
from collections.abc import Sequence

# Helvetica and its metric equivalents: mean width of a character as a share of the type size.
_MEAN_WIDTH = 0.53


def width(text: str, size: float = 12) -> float:
    """Estimate the width of a text in pixels; the longest line counts."""
    return max((len(line) for line in text.split("\n")), default=0) * size * _MEAN_WIDTH


def wrap(text: str, pixels: float, size: float = 12) -> list[str]:
    """Break a text into lines that fit so many pixels."""
    return textwrap.wrap(text, max(8, int(pixels / (size * _MEAN_WIDTH)))) or [""]


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart as little as possible.

    Labels that would overlap form a block centred on the mean of what they want; blocks that then
    meet are merged (pool adjacent violators: the least squared displacement).

    Parameters
    ----------
    positions : sequence of float
        Where each label would like to be, in pixels.
    gap : float
        Least distance between two labels.
    low, high : float
        Range to stay in, as far as all labels fit.

    Returns
    -------
    list of float
        Where each label goes, in the order of ``positions``.
    """
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    blocks: list[tuple[float, int]] = []  # where the first label of a block goes, how many it has
    for i in order:
        top, count = positions[i], 1
        while blocks and blocks[-1][0] + blocks[-1][1] * gap > top:
            before, size = blocks.pop()
            # Each label wants the block's top at its own wish less its place in the block.
            top = (before * size + (top - size * gap) * count) / (size + count)
            count += size
        blocks.append((top, count))
    placed: list[float] = []
    for top, count in blocks:
        placed += [top + n * gap for n in range(count)]
    for n in range(len(placed)):  # push down from the top edge, then up from the bottom edge
        placed[n] = max(placed[n], low + n * gap)
    for n in range(len(placed)):
        k = len(placed) - 1 - n
        placed[k] = min(placed[k], high - n * gap)
    result = [0.0] * len(placed)
    for place, i in zip(placed, order, strict=True):
        result[i] = place
    return result
