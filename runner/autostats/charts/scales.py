"""Units and round numbers for an axis."""

from collections.abc import Iterator
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
