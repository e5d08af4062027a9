"""The hours of local days, each counted anew from the jobs by the definitions of the daily record."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from autostats.errors import UsageError
from autostats.period import Period
from autostats.statistics.rows import Row, among, pass_rate
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

# A screen of one instrument's days takes 24 rows a day: more than a month of them is nobody's reading.
MOST_DAYS = 31
# {hours} is the beginnings of the hours, {chosen} the choice of instruments. An hour holds what comes at its
# beginning or later, and before that of the next one.
_JOBS = """
select
    hours.starts_at as hour, facts.instrument,
    count(*) as jobs_total,
    count(case when facts.status = 'completed' then 1 end) as jobs_passed,
    count(case when facts.status = 'error' then 1 end) as jobs_failed,
    count(case when facts.status = 'skipped' then 1 end) as jobs_skipped,
    count(case when facts.status in ('queued', 'processing') then 1 end) as jobs_pending,
    count(case when facts.status = 'other' then 1 end) as jobs_other,
    count(case when facts.is_batch then 1 end) as jobs_batch,
    count(facts.exe_time) as exe_time_count,
    sum(cast(facts.exe_time as decimal(24, 6))) as exe_time_sum,
    percentile_disc(0.5) within group (order by facts.exe_time) filter (where facts.exe_time is not null)
        as median_exe_time,
    percentile_disc(0.95) within group (order by facts.exe_time) filter (where facts.exe_time is not null)
        as p95_exe_time
from fct_jobs as facts
asof join ({hours}) as hours on facts.created_at >= hours.starts_at
where not facts.is_deleted and facts.day between ? and ? and {chosen}
group by hours.starts_at, facts.instrument
"""
# A run's outcome in an hour is that of its last job created in it.
_RUNS = """
with last_jobs as (
    select
        hours.starts_at as hour, facts.instrument, facts.status,
        row_number() over (
            partition by hours.starts_at, facts.instrument, facts.run_number
            order by facts.created_at desc, facts.job_id desc
        ) as place
    from fct_jobs as facts
    asof join ({hours}) as hours on facts.created_at >= hours.starts_at
    where not facts.is_deleted and not facts.is_batch and facts.run_number is not null
        and facts.day between ? and ? and {chosen}
)
select
    hour, instrument, count(*) as runs_total,
    count(case when status = 'completed' then 1 end) as runs_passed,
    count(case when status = 'error' then 1 end) as runs_failed,
    count(case when status not in ('completed', 'error') then 1 end) as runs_other
from last_jobs
where place = 1
group by hour, instrument
"""
_RESOLVED = """
select hours.starts_at as hour, facts.instrument, count(*) as resolved_runs
from fct_resolved_runs as facts
asof join ({hours}) as hours on facts.resolved_at >= hours.starts_at
where facts.resolved_day between ? and ? and {chosen}
group by hours.starts_at, facts.instrument
"""
_MISSING = """
select hours.starts_at as hour, facts.instrument, count(*) as missing_runs
from fct_missing_runs as facts
asof join ({hours}) as hours on facts.noticed_at >= hours.starts_at
where facts.state = 'open' and facts.noticed_day between ? and ? and {chosen}
group by hours.starts_at, facts.instrument
"""
_COUNTS = (
    "jobs_total",
    "jobs_passed",
    "jobs_failed",
    "jobs_skipped",
    "jobs_pending",
    "jobs_other",
    "jobs_batch",
    "exe_time_count",
    "runs_total",
    "runs_passed",
    "runs_failed",
    "runs_other",
    "resolved_runs",
    "missing_runs",
)
_SECONDS = ("avg_exe_time", "median_exe_time", "p95_exe_time")
_NOTHING: Row = {**dict.fromkeys(_COUNTS, 0), "pass_rate": None, **dict.fromkeys(_SECONDS)}


@dataclass(frozen=True)
class Hour:
    """An hour by the facility's clock, as the UTC time of its beginning, and the local day it belongs to."""

    starts_at: datetime
    day: date


def hours_of(days: Iterable[date], settings: Settings) -> Iterator[Hour]:
    """Yield the hours of local days; the one that the clocks go back to comes twice.

    Where they move by half an hour, or a day does not begin on the hour, an hour can be shorter.
    """
    for day in days:
        moment, end = settings.midnight(day), settings.midnight(day + timedelta(days=1))
        while moment < end:
            yield Hour(moment, day)
            local = settings.local(moment)
            moment += timedelta(seconds=3600 - local.minute * 60 - local.second)


def hourly_rows(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> list[Row]:
    """Return the rows by hour and name; `hour` is the UTC time of its beginning, durations are seconds.

    An instrument that did anything in the period has a row for each hour of its recorded days, up to the
    moment of the statistics. Raises UsageError for more than MOST_DAYS days.
    """
    if period.days > MOST_DAYS:
        raise UsageError(
            f"--by hour takes {MOST_DAYS} days at most, and {period} is longer.",
            "Choose a shorter period, or `--by day`.",
        )
    recorded = _recorded(warehouse, period, instruments)
    hours = list(hours_of(sorted({day for day, _ in recorded}), settings))
    if not hours:
        return []
    found: dict[tuple[datetime, str], Row] = {}
    for row in _counted(warehouse, _JOBS, hours, period, instruments):
        seconds, count = row.pop("exe_time_sum"), row["exe_time_count"]
        found[row["hour"], row["instrument"]] = {
            **_NOTHING,
            **row,
            "pass_rate": pass_rate(row),
            "avg_exe_time": float(seconds / count) if count else None,
        }
    for sql in (_RUNS, _RESOLVED, _MISSING):
        for row in _counted(warehouse, sql, hours, period, instruments):
            found.setdefault((row["hour"], row["instrument"]), dict(_NOTHING)).update(row)
    busy = sorted({instrument for _, instrument in found})
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
        and (hour.starts_at <= settings.as_of or (hour.starts_at, name) in found)
    ]


def _counted(
    warehouse: Warehouse,
    sql: str,
    hours: Sequence[Hour],
    period: Period,
    instruments: Sequence[str] | None,
) -> list[Row]:
    chosen, names = among("facts.instrument", instruments)
    values = ", ".join(f"(timestamp '{hour.starts_at}')" for hour in hours)
    beginnings = f"select starts_at from (values {values}) as beginnings (starts_at)"
    return warehouse.rows(sql.format(hours=beginnings, chosen=chosen), [period.first, period.last, *names])


def _recorded(
    warehouse: Warehouse, period: Period, instruments: Sequence[str] | None
) -> set[tuple[date, str]]:
    """Return the days of the daily record."""
    chosen, names = among("instrument", instruments)
    rows = warehouse.rows(
        f"select day, instrument from fct_instrument_daily where day between ? and ? and {chosen}",
        [period.first, period.last, *names],
    )
    return {(row["day"], row["instrument"]) for row in rows}
