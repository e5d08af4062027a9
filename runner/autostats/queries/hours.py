"""The hourly record of chosen days, with zeros for the hours in which nothing happened."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from autostats.errors import UsageError
from autostats.name_order import name_key
from autostats.queries.days import COUNTS, RATES
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings

# One instrument takes 24 rows a day: nobody reads more than a month of them.
MOST_DAYS = 31
_COUNTS = tuple(name for name in COUNTS if not name.startswith("started_by_"))
_MEASURES = (*RATES, "avg_exe_time", "median_exe_time", "p95_exe_time")
_NOTHING: Row = {**dict.fromkeys(_COUNTS, 0), "missing_runs": 0, **dict.fromkeys(_MEASURES)}


@dataclass(frozen=True)
class Hour:
    """An hour on the facility's clock: the UTC time at which it begins, and the local day it belongs to."""

    starts_at: datetime
    day: date


def hours_of(days: Iterable[date], settings: Settings) -> Iterator[Hour]:
    """Yield the hours of local days; the hour repeated when the clocks go back comes twice.

    If the clocks change by half an hour, or a day does not begin on the hour, an hour can be shorter.
    """
    for day in days:
        moment, end = settings.midnight(day), settings.midnight(day + timedelta(days=1))
        while moment < end:
            yield Hour(moment, day)
            local = settings.local(moment)
            moment += timedelta(seconds=3600 - local.minute * 60 - local.second)


def hourly_rows(scope: Scope) -> list[Row]:
    """Return the rows by hour and name; `hour` is the UTC time at which it begins, durations are in seconds.

    An instrument with any activity in the period has a row for each hour of its recorded days, up to the
    moment of the statistics. Raises UsageError for more than MOST_DAYS days.
    """
    if scope.period.days > MOST_DAYS:
        raise UsageError(
            f"--by hour takes at most {MOST_DAYS} days, and {scope.period} is longer.",
            "Choose a shorter period, or `--by day`.",
        )
    recorded = _recorded(scope)
    hours = list(hours_of(sorted({day for day, _ in recorded}), scope.settings))
    found = {(row["hour"], row["instrument"]): row for row in _counted(scope)}
    beginnings = [hour.starts_at for hour in hours]
    for row in _noticed(scope):
        place = bisect_right(beginnings, row["noticed_at"])
        if place:
            key = (beginnings[place - 1], row["instrument"])
            found.setdefault(key, dict(_NOTHING))["missing_runs"] += row["runs"]
    busy = sorted({instrument for _, instrument in found}, key=name_key)
    return [
        {
            **found.get((hour.starts_at, name), _NOTHING),
            "hour": hour.starts_at,
            "day": hour.day,
            "instrument": name,
        }
        for hour in hours
        for name in busy
        if (hour.day, name) in recorded
        and (hour.starts_at <= scope.settings.as_of or (hour.starts_at, name) in found)
    ]


def _counted(scope: Scope) -> list[Row]:
    chosen, parameters = scope.condition()
    columns = ", ".join((*_COUNTS, *_MEASURES))
    return scope.warehouse.rows(
        f"""
        select starts_at as hour, instrument, 0 as missing_runs, {columns}
        from fct_instrument_hourly
        where {chosen}
        """,
        parameters,
    )


def _noticed(scope: Scope) -> list[Row]:
    """Return how many open missing runs were noticed at each moment."""
    chosen, parameters = scope.condition("noticed_day")
    return scope.warehouse.rows(
        f"""
        select instrument, noticed_at, count(*) as runs
        from fct_missing_runs
        where is_counted and {chosen}
        group by instrument, noticed_at
        """,
        parameters,
    )


def _recorded(scope: Scope) -> set[tuple[date, str]]:
    """Return the days of the daily record."""
    chosen, parameters = scope.condition()
    rows = scope.warehouse.rows(
        f"select day, instrument from fct_instrument_daily where {chosen}", parameters
    )
    return {(row["day"], row["instrument"]) for row in rows}
