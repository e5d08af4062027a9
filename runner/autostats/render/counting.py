"""Ranges of numbers."""

from collections.abc import Iterable


def ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Fold whole numbers into ranges, both ends included, in order."""
    folded: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if folded and number == folded[-1][1] + 1:
            folded[-1] = (folded[-1][0], number)
        else:
            folded.append((number, number))
    return folded
