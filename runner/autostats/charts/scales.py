"""Units and round numbers for an axis, and the whole rows of a bar."""

from collections.abc import Iterator, Sequence
from itertools import count, pairwise


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

    A part smaller than a row also gets one, as long as another part can spare it.
    """
    ends = [round(sum(parts[: place + 1]) / per_row) for place in range(len(parts))]
    rows = [after - before for before, after in pairwise([0, *ends])]
    if any(parts) and not any(rows):
        rows[parts.index(max(parts))] = 1
    for place, part in enumerate(parts):
        largest = rows.index(max(rows))
        if part and not rows[place] and rows[largest] > 1:
            rows[place], rows[largest] = 1, rows[largest] - 1
    return rows
