"""Sparklines: a row of small bars, one for each day or for a few days together."""

from collections.abc import Sequence
from itertools import pairwise

UNICODE_BARS = "\N{MIDDLE DOT}▁▂▃▄▅▆▇█"
ASCII_BARS = "_.:-=+*#@"


def squeeze(values: Sequence[float], width: int) -> list[float]:
    """Return at most `width` values, each the mean of adjacent ones."""
    count = len(values)
    if count <= width:
        return list(values)
    edges = [place * count // width for place in range(width + 1)]
    return [sum(values[low:high]) / (high - low) for low, high in pairwise(edges)]


def sparkline(values: Sequence[float], width: int, *, unicode: bool) -> str:
    """Draw `values` in at most `width` characters: the largest is the highest bar, zero a dot or a line."""
    bars = UNICODE_BARS if unicode else ASCII_BARS
    points = squeeze(values, width)
    top = max(points, default=0)
    if top <= 0:
        return bars[0] * len(points)
    steps = len(bars) - 1
    return "".join(bars[0] if point <= 0 else bars[max(1, round(point / top * steps))] for point in points)
