"""Runs that were resolved, and runs that still fail."""

from collections.abc import Collection
from datetime import datetime

from autostats.queries.rows import Row
from autostats.queries.scope import Scope


def resolved_rows(scope: Scope) -> list[Row]:
    """Return the runs resolved in the period, in order of resolution."""
    chosen, parameters = scope.condition("resolved_day")
    return scope.warehouse.rows(
        f"""
        select instrument, run_number, resolved_day, first_failed_at, resolved_at, attempts, hours_to_resolve,
            resolved_by, is_still_passing
        from fct_resolved_runs
        where {chosen}
        order by instrument collate noaccent.nocase, instrument, resolved_at, run_number
        """,
        parameters,
    )


def unresolved_rows(scope: Scope, begins_at: datetime, ends_at: datetime) -> list[Row]:
    """Return the runs that failed between two UTC times (the second excluded) and have not passed since."""
    chosen, names = scope.among()
    return scope.warehouse.rows(
        f"""
        select instrument, run_number, failed_day, failed_since, last_failed_at, attempts, last_job_id,
            last_started_by
        from fct_unresolved_runs
        where failed_since < ? and last_failed_at >= ? and {chosen}
        order by instrument collate noaccent.nocase, instrument, failed_since, run_number
        """,
        [ends_at, begins_at, *names],
    )


def unresolved_before(scope: Scope, begins_at: datetime) -> int:
    """Return how many runs last failed before a UTC time and have not passed since."""
    chosen, names = scope.among()
    rows = scope.warehouse.rows(
        f"select count(*) as runs from fct_unresolved_runs where last_failed_at < ? and {chosen}",
        [begins_at, *names],
    )
    return int(rows[0]["runs"])


def unresolved_counts(scope: Scope) -> dict[str, int]:
    """Return how many runs of each instrument failed, at any time, and have not passed since."""
    chosen, names = scope.among()
    rows = scope.warehouse.rows(
        f"select instrument, count(*) as runs from fct_unresolved_runs where {chosen} group by instrument",
        names,
    )
    return {row["instrument"]: row["runs"] for row in rows}


def named_runs(scope: Scope, runs: Collection[tuple[str, int]]) -> dict[tuple[str, int], Row]:
    """Return `rb_number` and `run_title` of each of these runs, by instrument and run number.

    Each is that of the run's newest job that has one; a run without both is left out.
    """
    if not runs:
        return {}
    numbers = sorted({number for _, number in runs})
    rows = scope.warehouse.rows(
        f"""
        select instrument, run_number, rb_number, run_title
        from fct_jobs
        where not is_deleted and (rb_number is not null or run_title is not null)
            and run_number in ({", ".join("?" for _ in numbers)})
        order by created_at, job_id
        """,
        numbers,
    )
    found: dict[tuple[str, int], Row] = {}
    for row in rows:
        named = found.setdefault((row["instrument"], row["run_number"]), {})
        named |= {name: row[name] for name in ("rb_number", "run_title") if row[name] is not None}
    return found
