"""The daily record in its current state."""

from datetime import date

from autostats.period import Period
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.warehouse import Warehouse

# The daily records: of jobs, and of instruments with polls.
JOBS, POLLED = "fct_instrument_daily", "fct_availability_daily"
COUNTS = (
    "jobs_total",
    "jobs_passed",
    "jobs_failed",
    "jobs_skipped",
    "jobs_pending",
    "jobs_other",
    "jobs_batch",
    "started_by_auto",
    "started_by_devs",
    "started_by_users",
    "started_by_unknown",
    "exe_time_count",
    "runs_total",
    "runs_passed",
    "runs_failed",
    "runs_other",
    "resolved_runs",
)
RATES = ("pass_rate",)
SECONDS = ("exe_time_sum", "avg_exe_time", "median_exe_time", "p95_exe_time", "max_exe_time")


def daily_rows(scope: Scope) -> list[Row]:
    """Return the rows of `fct_instrument_daily`, with the missing runs noticed that day, by day and name."""
    chosen, parameters = scope.condition("facts.day", "facts.instrument")
    columns = ", ".join(f"facts.{name}" for name in (*COUNTS, *RATES, *SECONDS))
    return scope.warehouse.rows(
        f"""
        select facts.day, facts.instrument, {columns}, coalesce(missing.runs, 0) as missing_runs,
            facts.cycle, facts.is_maintenance_day, facts.is_complete
        from fct_instrument_daily as facts
        left join (
            select instrument, noticed_day, count(*) as runs from fct_missing_runs
            where is_counted group by instrument, noticed_day
        ) as missing on facts.instrument = missing.instrument and facts.day = missing.noticed_day
        where {chosen}
        order by facts.day, facts.instrument collate noaccent.nocase, facts.instrument
        """,
        parameters,
    )


def recorded_days(scope: Scope, table: str = JOBS) -> tuple[date, date] | None:
    """Return the first and the last day that a daily record holds, or None when it is empty."""
    chosen, names = scope.among()
    row = scope.warehouse.rows(
        f"select min(day) as first_day, max(day) as last_day from {table} where {chosen}", names
    )[0]
    return (row["first_day"], row["last_day"]) if row["first_day"] is not None else None


def recorded_period(scope: Scope, table: str = JOBS) -> Period | None:
    """Return the part of the period that a daily record holds, or None when it holds none of it."""
    recorded = recorded_days(scope, table)
    if recorded is None or scope.period.last < recorded[0] or scope.period.first > recorded[1]:
        return None
    return Period(max(scope.period.first, recorded[0]), min(scope.period.last, recorded[1]))


def failure_days(scope: Scope, limit: int) -> list[Row]:
    """Return the days of instruments with the most failed jobs, at most `limit` of them, the worst first."""
    chosen, parameters = scope.condition()
    return scope.warehouse.rows(
        f"""
        select instrument, day, jobs_total, jobs_passed, jobs_failed, pass_rate
        from fct_instrument_daily
        where jobs_failed > 0 and {chosen}
        order by jobs_failed desc, day desc, instrument collate noaccent.nocase, instrument
        limit ?
        """,
        [*parameters, limit],
    )


def unfinished(scope: Scope) -> list[str]:
    """Return a sentence if a day of the period was not over when the statistics were built."""
    day = scope.settings.local(scope.settings.as_of).date()
    if not scope.period.first <= day <= scope.period.last:
        return []
    return [f"{day} was not over when the statistics were built."]


def every_day(warehouse: Warehouse) -> list[date]:
    """Return the days of the daily record, in order."""
    return [row["day"] for row in warehouse.rows(f"select distinct day from {JOBS} order by day")]
