"""Spans of days that are counted as one: the whole period, or its weeks, months, quarters or cycles."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from autostats.errors import UsageError
from autostats.period import Clock, Period
from autostats.warehouse import Warehouse


class By(StrEnum):
    """What a period can be broken down into."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    CYCLE = "cycle"


@dataclass(frozen=True)
class Bucket:
    """Days `first` to `last`, both included, called `label`."""

    label: str
    first: date
    last: date


def _label(day: date, by: By) -> str:
    if by is By.WEEK:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    if by is By.QUARTER:
        return f"{day.year:04d}-Q{(day.month + 2) // 3}"
    return f"{day:%Y-%m}"


def calendar_buckets(period: Period, by: By) -> list[Bucket]:
    """Return the ISO weeks, the months or the quarters of a period, the first and the last cut to it."""
    buckets: list[Bucket] = []
    for offset in range(period.days):
        day = period.first + timedelta(days=offset)
        label = _label(day, by)
        if buckets and buckets[-1].label == label:
            buckets[-1] = Bucket(label, buckets[-1].first, day)
        else:
            buckets.append(Bucket(label, day, day))
    return buckets


def cycle_buckets(warehouse: Warehouse, period: Period) -> list[Bucket]:
    """Return the beam cycles within a period, cut to it; days between cycles belong to none."""
    rows = warehouse.rows(
        "select cycle, first_day, last_day from dim_cycles"
        " where first_day <= ? and last_day >= ? order by first_day",
        [period.last, period.first],
    )
    return [
        Bucket(row["cycle"], max(row["first_day"], period.first), min(row["last_day"], period.last))
        for row in rows
    ]


def known_cycles(warehouse: Warehouse) -> list[str]:
    """Return the names of all beam cycles, the oldest first."""
    return [row["cycle"] for row in warehouse.rows("select cycle from dim_cycles order by first_day")]


def cycle_period(warehouse: Warehouse, wanted: str, clock: Clock) -> Period:
    """Return the days of the beam cycle called `wanted`, as far as they have come.

    Raises UsageError for an unknown cycle, and for one that has not begun.
    """
    cycles = warehouse.rows("select cycle, first_day, last_day from dim_cycles order by first_day")
    for row in cycles:
        if row["cycle"].casefold() == wanted.strip().casefold():
            if row["first_day"] > clock.today:
                raise UsageError(f"Cycle {row['cycle']} has not begun.", f"It begins on {row['first_day']}.")
            return Period(row["first_day"], min(row["last_day"], clock.today))
    newest = ", ".join(row["cycle"] for row in cycles[-8:]) or "none"
    raise UsageError(
        f"There is no beam cycle {wanted!r}.", f"The newest known ones: {newest} (seed beam_cycles)."
    )
