"""The daily record as it stands."""

from collections.abc import Sequence
from datetime import date

from autostats.period import Period
from autostats.statistics.rows import Row, among, pass_rate
from autostats.warehouse import Warehouse

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
SECONDS = ("exe_time_sum", "avg_exe_time", "median_exe_time", "p95_exe_time", "max_exe_time")


def daily_rows(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> list[Row]:
    """Return the rows of `fct_instrument_daily`, with the missing runs noticed that day, by day and name."""
    chosen, names = among("facts.instrument", instruments)
    columns = ", ".join(f"facts.{name}" for name in (*COUNTS, *SECONDS))
    rows = warehouse.rows(
        f"""
        select facts.day, facts.instrument, {columns}, coalesce(missing.runs, 0) as missing_runs,
            facts.cycle, facts.is_maintenance_day, facts.is_complete
        from fct_instrument_daily as facts
        left join (
            select instrument, noticed_day, count(*) as runs from fct_missing_runs
            where state = 'open' group by instrument, noticed_day
        ) as missing on facts.instrument = missing.instrument and facts.day = missing.noticed_day
        where facts.day between ? and ? and {chosen}
        order by facts.day, facts.instrument
        """,
        [period.first, period.last, *names],
    )
    return [{**row, "pass_rate": pass_rate(row)} for row in rows]


def recorded_days(warehouse: Warehouse, instruments: Sequence[str] | None) -> tuple[date, date] | None:
    """Return the first and the last day that the daily record holds, or None when it is empty."""
    chosen, names = among("instrument", instruments)
    row = warehouse.rows(
        f"select min(day) as first_day, max(day) as last_day from fct_instrument_daily where {chosen}", names
    )[0]
    return (row["first_day"], row["last_day"]) if row["first_day"] is not None else None


def recorded_period(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Period | None:
    """Return the part of the period that the daily record holds, or None when it holds nothing of it."""
    recorded = recorded_days(warehouse, instruments)
    if recorded is None or period.last < recorded[0] or period.first > recorded[1]:
        return None
    return Period(max(period.first, recorded[0]), min(period.last, recorded[1]))
