"""Runs that were resolved, and runs that still fail."""

from collections.abc import Sequence
from datetime import datetime

from autostats.period import Period
from autostats.statistics.rows import Row, among
from autostats.warehouse import Warehouse


def resolved_rows(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> list[Row]:
    """Return the runs resolved in the period, in the order of their resolution."""
    chosen, names = among("instrument", instruments)
    return warehouse.rows(
        f"""
        select instrument, run_number, resolved_day, first_failed_at, resolved_at, attempts, hours_to_resolve,
            resolved_by, is_still_passing
        from fct_resolved_runs
        where resolved_day between ? and ? and {chosen}
        order by instrument, resolved_at, run_number
        """,
        [period.first, period.last, *names],
    )


def unresolved_rows(
    warehouse: Warehouse, begins_at: datetime, ends_at: datetime, instruments: Sequence[str] | None
) -> list[Row]:
    """Return the runs that failed between two UTC times (the second excluded) and have not passed since."""
    chosen, names = among("instrument", instruments)
    return warehouse.rows(
        f"""
        select instrument, run_number, failed_day, failed_since, last_failed_at, attempts, last_job_id,
            last_started_by
        from fct_unresolved_runs
        where failed_since < ? and last_failed_at >= ? and {chosen}
        order by instrument, failed_since, run_number
        """,
        [ends_at, begins_at, *names],
    )


def unresolved_before(warehouse: Warehouse, begins_at: datetime, instruments: Sequence[str] | None) -> int:
    """Return how many runs last failed before a UTC time and have not passed since."""
    chosen, names = among("instrument", instruments)
    rows = warehouse.rows(
        f"select count(*) as runs from fct_unresolved_runs where last_failed_at < ? and {chosen}",
        [begins_at, *names],
    )
    return int(rows[0]["runs"])


def unresolved_counts(warehouse: Warehouse, instruments: Sequence[str] | None) -> dict[str, int]:
    """Return how many runs of each instrument failed, whenever, and have not passed since."""
    chosen, names = among("instrument", instruments)
    rows = warehouse.rows(
        f"select instrument, count(*) as runs from fct_unresolved_runs where {chosen} group by instrument",
        names,
    )
    return {row["instrument"]: row["runs"] for row in rows}
