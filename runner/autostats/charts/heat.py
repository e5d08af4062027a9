"""Classes of counts, for a ramp of a few colours or characters."""

from collections.abc import Sequence
from itertools import pairwise

_MOST_CLASSES = 4


def heat_classes(highest: int) -> list[tuple[int, int]]:
    """Return up to four ranges of counts from 1 to `highest`, both ends included; none if it is 0."""
    steps = min(_MOST_CLASSES, highest)
    edges = [round(highest * step / steps) for step in range(steps + 1)] if steps else []
    return [(low + 1, high) for low, high in pairwise(edges)]


def heat_place(count: int, classes: Sequence[tuple[int, int]]) -> int:
    """Return the position of `count` among the classes, from 1; 0 if it is 0."""
    return next((place for place, (low, high) in enumerate(classes, start=1) if low <= count <= high), 0)
