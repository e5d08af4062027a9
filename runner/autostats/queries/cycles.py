"""The beam cycles, as the statistics know them."""

from collections.abc import Sequence

from autostats.errors import UsageError
from autostats.period import Clock, Period
from autostats.queries.buckets import Bucket
from autostats.queries.scope import Scope
from autostats.text import printable
from autostats.warehouse import Warehouse

_NAMES_IN_A_MESSAGE = 8


def all_cycles(warehouse: Warehouse) -> list[Bucket]:
    """Return all beam cycles, the oldest first."""
    rows = warehouse.rows("select cycle, first_day, last_day from dim_cycles order by first_day")
    return [Bucket(row["cycle"], row["first_day"], row["last_day"]) for row in rows]


def beyond_the_cycles(scope: Scope) -> list[str]:
    """Return a sentence if a period extends beyond the last known beam cycle, with how to add one."""
    last = max((cycle.last for cycle in all_cycles(scope.warehouse)), default=None)
    if last is not None and scope.period.last <= last:
        return []
    known = "No beam cycles are known" if last is None else f"The known beam cycles end on {last}"
    return [f"{known}: `autostats cycles add` adds one."]


def cycle_buckets(scope: Scope) -> list[Bucket]:
    """Return the beam cycles within a period, clipped to it; days between cycles belong to none."""
    return [
        Bucket(cycle.label, max(cycle.first, scope.period.first), min(cycle.last, scope.period.last))
        for cycle in all_cycles(scope.warehouse)
        if cycle.first <= scope.period.last and cycle.last >= scope.period.first
    ]


def find_cycle(cycles: Sequence[Bucket], wanted: str) -> Bucket:
    """Return the cycle called `wanted`, ignoring case.

    Raises UsageError, which lists the newest cycles, for any other name.
    """
    for cycle in cycles:
        if cycle.label.casefold() == wanted.strip().casefold():
            return cycle
    newest = ", ".join(printable(cycle.label) for cycle in cycles[-_NAMES_IN_A_MESSAGE:]) or "none"
    raise UsageError(
        f"There is no beam cycle {wanted!r}.",
        f"The newest known ones: {newest}. `autostats cycles add` adds one.",
    )


def cycle_period(warehouse: Warehouse, wanted: str, clock: Clock) -> Period:
    """Return the days of the beam cycle called `wanted`, up to today.

    Raises UsageError for an unknown cycle, and for one that has not begun.
    """
    cycle = find_cycle(all_cycles(warehouse), wanted)
    if cycle.first > clock.today:
        raise UsageError(f"Cycle {printable(cycle.label)} has not begun.", f"It begins on {cycle.first}.")
    return Period(cycle.first, min(cycle.last, clock.today))
