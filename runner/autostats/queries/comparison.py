"""Which days a period is compared with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from autostats.errors import UsageError
from autostats.period import Period, previous_period, year_before
from autostats.queries.buckets import Bucket
from autostats.queries.cycles import all_cycles, find_cycle
from autostats.queries.days import recorded_days
from autostats.queries.scope import Scope
from autostats.text import printable

_YEAR = re.compile(r"\d{4}")


class Against(StrEnum):
    """What a period can be compared with."""

    PREVIOUS = "previous"
    YEAR = "year"


@dataclass(frozen=True)
class Comparison:
    """The days that are compared, the days called `name` that they are compared with, and remarks."""

    now: Period
    then: Period
    name: str
    notes: Sequence[str]


def compare(scope: Scope, cycle: str | None, against: Against) -> Comparison:
    """Return what a period, or the beam cycle called `cycle` with the same days, is compared with.

    Only days that were over when the statistics were built are compared, if there are any. Raises UsageError
    when there is no such period or cycle.
    """
    period, clock = scope.period, scope.settings.clock
    now = Period(period.first, min(period.last, max(period.first, clock.last_complete)))
    if cycle is not None:
        return _with_cycle(all_cycles(scope.warehouse), now, cycle, against)
    then = previous_period(now) if against is Against.PREVIOUS else year_before(now)
    notes = [f"Only the days that were over are compared: {now}."] if now != period else []
    return Comparison(now, then, str(then), [*notes, *_lengths(now, then)])


def _with_cycle(cycles: Sequence[Bucket], now: Period, wanted: str, against: Against) -> Comparison:
    cycle = find_cycle(cycles, wanted)
    other = _cycle_before(cycles, cycle) if against is Against.PREVIOUS else _year_before(cycles, cycle)
    if now.last == cycle.last:
        then = Period(other.first, other.last)
        notes = _lengths(now, then)
    else:
        then = Period(other.first, min(other.last, other.first + timedelta(days=now.days - 1)))
        whole = Period(cycle.first, cycle.last).days
        notes = [
            f"Of cycle {printable(cycle.label)} {now.days} of {whole} days are over:"
            f" they are compared with the first {then.days} of {printable(other.label)}."
        ]
    return Comparison(now, then, f"cycle {printable(other.label)}, {then}", notes)


def _lengths(now: Period, then: Period) -> list[str]:
    return [] if now.days == then.days else [f"{now.days} days are compared with {then.days}."]


def _cycle_before(cycles: Sequence[Bucket], cycle: Bucket) -> Bucket:
    earlier = [other for other in cycles if other.first < cycle.first]
    if not earlier:
        raise UsageError(
            f"Cycle {printable(cycle.label)} is the first known one.",
            "Leave out `--compare previous`.",
        )
    return earlier[-1]


def _year_before(cycles: Sequence[Bucket], cycle: Bucket) -> Bucket:
    year = _YEAR.match(cycle.label)
    wanted = f"{int(year[0]) - 1:04d}{cycle.label[year.end() :]}" if year is not None else None
    for other in cycles:
        if other.label == wanted:
            return other
    raise UsageError(
        f"There is no cycle {wanted or 'of last year'} to compare {printable(cycle.label)} with.",
        "`--compare previous` compares it with the previous cycle.",
    )


def coverage(scope: Scope) -> list[str]:
    """Return a sentence if the statistics lack some days of a period that another is compared with."""
    then = scope.period
    recorded = recorded_days(scope)
    if recorded is None or then.first > recorded[1]:
        return ["There are no statistics for that time."]
    if then.last < recorded[0]:
        return [f"There are no statistics for that time: they begin on {recorded[0]}."]
    if then.first < recorded[0]:
        held = Period(recorded[0], then.last).days
        return [f"The statistics begin on {recorded[0]}: they hold {held} of the {then.days} days then."]
    return []
