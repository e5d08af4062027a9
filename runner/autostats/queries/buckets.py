"""Spans of days that are counted together: the whole period, or its weeks, months, quarters or cycles."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from autostats.period import Period


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
