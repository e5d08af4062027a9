"""One row per instrument and span of days, and one for all instruments together.

Counts of jobs add up over days and are summed from `fct_instrument_daily`; distinct runs and percentiles do
not, and are recounted from `fct_run_daily`, `fct_resolved_runs` and `fct_jobs`.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from autostats.name_order import name_key
from autostats.queries.buckets import Bucket
from autostats.queries.rows import Row, pass_rate
from autostats.queries.scope import Scope

# The days of each bucket, one by one: a database joins millions of jobs fast only on an equality.
_SPANS = """
    select cast(buckets.label as varchar) as label, dim_days.day
    from (values {values}) as buckets (label, first_day, last_day)
    inner join dim_days
        on dim_days.day between cast(buckets.first_day as date) and cast(buckets.last_day as date)
"""
# Seconds are summed as decimals: the last digit of a sum of floats varies from run to run.
# {spans} is these, {chosen} the choice of instruments. A NULL instrument means all of them.
_COUNTS = """
with spans as ({spans})
select
    spans.label, facts.instrument,
    sum(facts.jobs_total) as jobs_total, sum(facts.jobs_passed) as jobs_passed,
    sum(facts.jobs_failed) as jobs_failed, sum(facts.jobs_skipped) as jobs_skipped,
    sum(facts.jobs_pending) as jobs_pending, sum(facts.jobs_other) as jobs_other,
    sum(facts.jobs_batch) as jobs_batch,
    sum(facts.exe_time_count) as exe_time_count,
    sum(cast(facts.exe_time_sum as decimal(24, 6))) as exe_time_sum
from spans
inner join fct_instrument_daily as facts on facts.day = spans.day
where facts.day between ? and ? and {chosen}
group by grouping sets ((spans.label, facts.instrument), (spans.label))
"""
_TIMES = """
with spans as ({spans})
select
    spans.label, facts.instrument,
    percentile_disc(0.5) within group (order by facts.exe_time) as median_exe_time,
    percentile_disc(0.95) within group (order by facts.exe_time) as p95_exe_time
from spans
inner join fct_jobs as facts on facts.day = spans.day
where not facts.is_deleted and facts.exe_time is not null and facts.day between ? and ? and {chosen}
group by grouping sets ((spans.label, facts.instrument), (spans.label))
"""
# A run's outcome in a span is that of its last job in it.
_RUNS = """
with spans as ({spans}),
last_days as (
    select
        spans.label, facts.instrument, facts.outcome,
        row_number() over (
            partition by spans.label, facts.instrument, facts.run_number order by facts.day desc
        ) as place
    from spans
    inner join fct_run_daily as facts on facts.day = spans.day
    where facts.day between ? and ? and {chosen}
)
select
    label, instrument, count(*) as runs_total,
    count(case when outcome = 'passed' then 1 end) as runs_passed,
    count(case when outcome = 'failed' then 1 end) as runs_failed,
    count(case when outcome = 'other' then 1 end) as runs_other
from last_days
where place = 1
group by grouping sets ((label, instrument), (label))
"""
_RESOLVED = """
with spans as ({spans}),
resolved as (
    select distinct spans.label, facts.instrument, facts.run_number
    from spans
    inner join fct_resolved_runs as facts on facts.resolved_day = spans.day
    where facts.resolved_day between ? and ? and {chosen}
)
select label, instrument, count(*) as resolved_runs
from resolved
group by grouping sets ((label, instrument), (label))
"""
_MISSING = """
with spans as ({spans})
select spans.label, facts.instrument, count(*) as missing_runs
from spans
inner join fct_missing_runs as facts on facts.noticed_day = spans.day
where facts.is_counted and facts.noticed_day between ? and ? and {chosen}
group by grouping sets ((spans.label, facts.instrument), (spans.label))
"""
# The values of a row for which the later queries find nothing.
_NOTHING: Row = {
    "median_exe_time": None,
    "p95_exe_time": None,
    "runs_total": 0,
    "runs_passed": 0,
    "runs_failed": 0,
    "runs_other": 0,
    "resolved_runs": 0,
    "missing_runs": 0,
}


def _run(scope: Scope, sql: str, buckets: Sequence[Bucket]) -> list[Row]:
    chosen, names = scope.among("facts.instrument")
    parameters: list[Any] = [
        value for bucket in buckets for value in (bucket.label, bucket.first, bucket.last)
    ]
    parameters += [min(bucket.first for bucket in buckets), max(bucket.last for bucket in buckets), *names]
    values = ", ".join("(?, ?, ?)" for _ in buckets)
    return scope.warehouse.rows(sql.format(spans=_SPANS.format(values=values), chosen=chosen), parameters)


def summarise(scope: Scope, buckets: Sequence[Bucket] | None = None) -> list[Row]:
    """Return the rows of each bucket, in order: the instruments by name, then all together (name None).

    Without buckets, the period is one. Durations are in seconds. An instrument without a record of those days
    has no row.
    """
    if buckets is None:
        buckets = [Bucket("period", scope.period.first, scope.period.last)]
    if not buckets:
        return []
    found: dict[tuple[str, str | None], Row] = {}
    for row in _run(scope, _COUNTS, buckets):
        seconds, count = row.pop("exe_time_sum"), row["exe_time_count"]
        found[row["label"], row["instrument"]] = {
            **row,
            "pass_rate": pass_rate(row),
            "avg_exe_time": float(seconds / count) if count else None,
            **_NOTHING,
        }
    for sql in (_TIMES, _RUNS, _RESOLVED, _MISSING):
        for row in _run(scope, sql, buckets):
            found.get((row["label"], row["instrument"]), {}).update(row)
    order = {bucket.label: (place, bucket) for place, bucket in enumerate(buckets)}
    keys = sorted(found, key=lambda key: (order[key[0]][0], key[1] is None, name_key(key[1] or "")))
    return [
        {**found[key], "first_day": order[key[0]][1].first, "last_day": order[key[0]][1].last} for key in keys
    ]


def jobs_per_day(scope: Scope) -> dict[str | None, list[int]]:
    """Return the jobs of each recorded day of the period, per instrument and (None) for all together."""
    chosen, parameters = scope.condition()
    rows = scope.warehouse.rows(
        f"select instrument, day, jobs_total from fct_instrument_daily where {chosen}", parameters
    )
    if not rows:
        return {}
    first: date = min(row["day"] for row in rows)
    last: date = max(row["day"] for row in rows)
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    jobs: dict[str | None, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        jobs[row["instrument"]][row["day"]] += row["jobs_total"]
        jobs[None][row["day"]] += row["jobs_total"]
    return {instrument: [counts[day] for day in days] for instrument, counts in jobs.items()}
