"""Units and round numbers for an axis, and the whole rows of a bar."""

from collections.abc import Iterator, Sequence
from itertools import count


def duration_unit(seconds: float) -> tuple[str, int]:
    """Return the unit that suits a duration, and its length in seconds."""
    if seconds < 120:
        return "s", 1
    return ("min", 60) if seconds < 7200 else ("h", 3600)


def pass_rate_floor(lowest: float) -> float:
    """Return where an axis of pass rates should begin so that differences are visible."""
    return next(floor for floor in (0.9, 0.8, 0.5, 0.0) if lowest >= floor)


def _steps(smallest: float) -> Iterator[float]:
    for power in count():
        for part in (1, 2, 5):
            yield smallest * part * 10**power


def round_numbers(top: float, smallest: float, most: int = 5) -> list[float]:
    """Return 0 and at most `most` round numbers up to `top`, spaced by a multiple of `smallest`."""
    step = next(step for step in _steps(smallest) if top <= step * most)
    return [step * place for place in range(int(top / step + 1e-9) + 1)]


def bar_rows(parts: Sequence[float], per_row: float) -> list[int]:
    """Return how many rows each part of a bar gets; they add up to the height of the bar.

    A part smaller than a row gets one, the largest first if there are too few; the others share the rest in
    proportion, by largest remainder.
    """
    rows = [0] * len(parts)
    left = max(round(sum(parts) / per_row), 1 if any(parts) else 0)
    sharing = sorted((place for place, part in enumerate(parts) if part), key=lambda place: -parts[place])
    if left <= len(sharing):
        for place in sharing[:left]:
            rows[place] = 1
        return rows
    while small := [place for place in sharing if parts[place] * left < sum(parts[each] for each in sharing)]:
        for place in small:
            rows[place] = 1
        left -= len(small)
        sharing = [place for place in sharing if place not in small]
    whole = sum(parts[place] for place in sharing)
    exact = {place: parts[place] * left / whole for place in sharing}
    for place in sharing:
        rows[place] = int(exact[place])
    spare = left - sum(rows[place] for place in sharing)
    for place in sorted(sharing, key=lambda place: rows[place] - exact[place])[:spare]:
        rows[place] += 1
    return rows
