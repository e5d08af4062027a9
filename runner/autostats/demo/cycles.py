"""The beam cycles of the demonstration: six weeks with beam, four without."""

from dataclasses import dataclass
from datetime import date, timedelta

CYCLE_DAYS = 42
PERIOD_DAYS = 70
# Days of a cycle without beam, counted from 0.
MAINTENANCE = (14, 28)
# The last day of the demonstration is this far into a cycle, so that there is something to see.
DAYS_INTO_CYCLE = 24


@dataclass(frozen=True)
class DemoCycle:
    """One beam cycle, as the seed `beam_cycles` writes it; both days belong to it."""

    cycle: str
    first_day: date
    last_day: date
    maintenance_days: tuple[date, ...]


def cycle_anchor(until: date) -> date:
    """Return the first day of the cycle in which a demonstration up to `until` ends."""
    return until - timedelta(days=DAYS_INTO_CYCLE)


def demo_cycles(until: date, days: int) -> list[DemoCycle]:
    """Return the cycles that a demonstration of `days` days up to `until` touches, the oldest first."""
    first_day = until - timedelta(days=days - 1)
    start = cycle_anchor(until)
    starts = []
    while start + timedelta(days=CYCLE_DAYS - 1) >= first_day:
        starts.append(start)
        start -= timedelta(days=PERIOD_DAYS)
    return [_cycle(start) for start in reversed(starts)]


def _cycle(start: date) -> DemoCycle:
    number = 1
    earlier = start - timedelta(days=PERIOD_DAYS)
    while earlier.year == start.year:
        number += 1
        earlier -= timedelta(days=PERIOD_DAYS)
    return DemoCycle(
        cycle=f"{start.year}/{number:02}",
        first_day=start,
        last_day=start + timedelta(days=CYCLE_DAYS - 1),
        maintenance_days=tuple(start + timedelta(days=offset) for offset in MAINTENANCE),
    )
