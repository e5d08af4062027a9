"""Numbers along time, for the chosen instruments together: one row per day, week or month.

Counts of jobs add up over days and come from `fct_instrument_daily`; percentiles do not, and are recounted
from `fct_jobs`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from autostats.period import Period
from autostats.queries.buckets import Bucket, By, calendar_buckets
from autostats.queries.rows import Row, pass_rate
from autostats.queries.scope import Scope

OUTCOMES = ("jobs_passed", "jobs_failed", "jobs_skipped", "jobs_pending", "jobs_other")
STARTERS = ("started_by_auto", "started_by_devs", "started_by_users", "started_by_unknown")

# Groups by the first calendar day of a bucket, even if the period cuts the bucket.
_TIMES = """
select cast(date_trunc('{by}', day) as date) as begins, count(*) as exe_time_count,
    percentile_disc(0.5) within group (order by exe_time) as median_exe_time,
    percentile_disc(0.95) within group (order by exe_time) as p95_exe_time
from fct_jobs
where not is_deleted and exe_time is not null and {chosen}
group by begins
"""


@dataclass(frozen=True)
class Timeline:
    """The buckets of the recorded part of a period, and what each is: a day, a week or a month."""

    by: By
    buckets: Sequence[Bucket]

    @property
    def period(self) -> Period:
        """The days from the first bucket to the last."""
        return Period(self.buckets[0].first, self.buckets[-1].last)


def step(period: Period, most: int) -> By:
    """Return what a point stands for: a day, or a week or a month if there would be more than `most`."""
    if period.days <= most:
        return By.DAY
    return By.WEEK if period.days <= most * 7 else By.MONTH


def timeline(period: Period, by: By) -> Timeline:
    """Return the days, the ISO weeks or the months of the period."""
    if by is not By.DAY:
        return Timeline(by, calendar_buckets(period, by))
    days = [period.first + timedelta(days=offset) for offset in range(period.days)]
    return Timeline(by, [Bucket(day.isoformat(), day, day) for day in days])


def begins(day: date, by: By) -> date:
    """Return the first calendar day of the day, week or month that contains `day`."""
    if by is By.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by is By.MONTH else day


def _labelled(line: Timeline, found: dict[date, Row], nothing: Row) -> list[Row]:
    return [
        {
            "label": bucket.label,
            "first_day": bucket.first,
            "last_day": bucket.last,
            **found.get(begins(bucket.first, line.by), nothing),
        }
        for bucket in line.buckets
    ]


def count_series(scope: Scope, line: Timeline, columns: Sequence[str]) -> list[Row]:
    """Return the sums of some counts of `fct_instrument_daily` in each bucket."""
    chosen, parameters = scope.during(line.period).condition()
    sums = ", ".join(f"sum({column}) as {column}" for column in columns)
    found: dict[date, Row] = {}
    for row in scope.warehouse.rows(
        f"select day, {sums} from fct_instrument_daily where {chosen} group by day",
        parameters,
    ):
        counted = found.setdefault(begins(row["day"], line.by), dict.fromkeys(columns, 0))
        for column in columns:
            counted[column] += row[column]
    return _labelled(line, found, dict.fromkeys(columns))


def pass_rate_series(scope: Scope, line: Timeline) -> list[Row]:
    """Return the passed and failed jobs and the pass rate of each bucket, None where no job ended."""
    rows = count_series(scope, line, ("jobs_passed", "jobs_failed"))
    return [{**row, "pass_rate": pass_rate(row)} for row in rows]


def exe_time_series(scope: Scope, line: Timeline) -> list[Row]:
    """Return the median and 95th percentile of each bucket (nearest rank, seconds), None if there is none."""
    chosen, parameters = scope.during(line.period).condition()
    rows = scope.warehouse.rows(_TIMES.format(by=line.by.value, chosen=chosen), parameters)
    found = {row.pop("begins"): row for row in rows}
    return _labelled(line, found, {"exe_time_count": 0, "median_exe_time": None, "p95_exe_time": None})
