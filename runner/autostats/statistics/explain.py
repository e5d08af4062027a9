"""What stands behind one number of the daily record: its definition, its rows, and a recount from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from autostats.errors import UsageError
from autostats.statistics.rows import Row, pass_rate
from autostats.warehouse import Warehouse

_RELATIVE_TOLERANCE = 1e-9


class Behind(Enum):
    """What kind of rows a number counts."""

    JOBS = "jobs"
    RUNS = "runs"
    RESOLVED = "resolved"
    MISSING = "missing"


@dataclass(frozen=True)
class Number:
    """One explicable number: what it means, which rows are behind it, and how they make it."""

    definition: str
    behind: Behind
    condition: str = "1 = 1"
    recount: Callable[[Sequence[Row]], Any] = len
    unit: str = "count"  # count, seconds or share
    # The share of the values, in per cent, that the marked row's value is the smallest not to be exceeded by.
    percentile: int | None = None


def _seconds(rows: Sequence[Row]) -> list[float]:
    return sorted(row["exe_time"] for row in rows)


def _rank(count: int, percent: int) -> int:
    """Return the nearest rank, from 1: the smallest that at least `percent` % of `count` do not exceed."""
    return -(-count * percent // 100)


def _percentile(percent: int) -> Callable[[Sequence[Row]], float | None]:
    return lambda rows: _seconds(rows)[_rank(len(rows), percent) - 1] if rows else None


def _mean(rows: Sequence[Row]) -> float | None:
    return sum(_seconds(rows)) / len(rows) if rows else None


def _share_passed(rows: Sequence[Row]) -> float | None:
    passed = sum(row["status"] == "completed" for row in rows)
    return pass_rate({"jobs_passed": passed, "jobs_failed": len(rows) - passed})


def _jobs(definition: str, condition: str) -> Number:
    return Number(f"Jobs created on the day {definition}.", Behind.JOBS, condition)


def _timed(
    definition: str,
    recount: Callable[[Sequence[Row]], Any],
    unit: str = "seconds",
    percentile: int | None = None,
) -> Number:
    return Number(
        f"{definition} completed jobs created on the day that have a start and, no earlier, an end.",
        Behind.JOBS,
        "exe_time is not null",
        recount,
        unit,
        percentile,
    )


def _runs(definition: str, condition: str) -> Number:
    return Number(
        f"Distinct runs with a job of their own (no batch) created on the day{definition}.",
        Behind.RUNS,
        condition,
    )


NUMBERS: dict[str, Number] = {
    "jobs_total": Number("Jobs created on the day.", Behind.JOBS),
    "jobs_passed": _jobs("that are now completed", "status = 'completed'"),
    "jobs_failed": _jobs("that are now in error", "status = 'error'"),
    "jobs_skipped": _jobs("that are now skipped", "status = 'skipped'"),
    "jobs_pending": _jobs("that are now queued or processing", "status in ('queued', 'processing')"),
    "jobs_other": _jobs("whose status is none of those known", "status = 'other'"),
    "pass_rate": Number(
        "Share of the completed ones among the jobs created on the day that are completed or in error.",
        Behind.JOBS,
        "status in ('completed', 'error')",
        _share_passed,
        "share",
    ),
    "jobs_batch": _jobs("that span several runs", "is_batch"),
    "started_by_auto": _jobs("that the service started by itself", "starter = 'auto'"),
    "started_by_devs": _jobs("that the development team started", "starter = 'devs'"),
    "started_by_users": _jobs("that a user started", "starter = 'users'"),
    "started_by_unknown": _jobs("of which nobody knows who started them", "starter = 'unknown'"),
    "exe_time_count": _timed("Number of", len, "count"),
    "exe_time_sum": _timed("Total execution time of", lambda rows: sum(_seconds(rows))),
    "avg_exe_time": _timed("Mean execution time of", _mean),
    "median_exe_time": _timed(
        "Smallest execution time that at least 50 % are not above, of", _percentile(50), percentile=50
    ),
    "p95_exe_time": _timed(
        "Smallest execution time that at least 95 % are not above, of", _percentile(95), percentile=95
    ),
    "max_exe_time": _timed("Longest execution time of", _percentile(100), percentile=100),
    "runs_total": _runs("", "1 = 1"),
    "runs_passed": _runs(" of which the day's last such job is completed", "outcome = 'passed'"),
    "runs_failed": _runs(" of which the day's last such job is in error", "outcome = 'failed'"),
    "runs_other": _runs(" of which the day's last such job neither passed nor failed", "outcome = 'other'"),
    "resolved_runs": Number(
        "Runs that had failed, and of which a job that ended on the day passed, the day's last to end.",
        Behind.RESOLVED,
    ),
    "missing_runs": Number(
        "Run numbers whose absence was noticed on the day, and that are still missing.", Behind.MISSING
    ),
}

_QUERIES = {
    Behind.JOBS: """
        select job_id, rb_number, run_version, run_number, run_numbers, status, starter, started_by, is_batch,
            created_at, started_at, finished_at, exe_time
        from fct_jobs
        where instrument = ? and day = ? and not is_deleted and {condition}
        order by created_at, job_id
    """,
    Behind.RUNS: """
        select run_number, outcome, jobs_total, jobs_passed, jobs_failed, last_job_id, last_status
        from fct_run_daily
        where instrument = ? and day = ? and {condition}
        order by run_number
    """,
    Behind.RESOLVED: """
        select run_number, first_failed_at, resolved_at, attempts, hours_to_resolve, resolved_by,
            is_still_passing
        from fct_resolved_runs
        where instrument = ? and resolved_day = ? and {condition}
        order by resolved_at, run_number
    """,
    Behind.MISSING: """
        select run_number, kind, noticed_at, cycle
        from fct_missing_runs
        where instrument = ? and noticed_day = ? and state = 'open' and {condition}
        order by run_number
    """,
}


@dataclass(frozen=True)
class Explanation:
    """A number of the record, the number that its rows make, and the rows."""

    column: str
    number: Number
    value: float | None
    recounted: float | None
    rows: list[Row]

    @property
    def agrees(self) -> bool:
        """Whether both are the same, but for the rounding of a sum of fractions."""
        if self.value is None or self.recounted is None:
            return self.value is self.recounted
        return abs(self.value - self.recounted) <= _RELATIVE_TOLERANCE * max(1.0, abs(self.value))


def find_number(column: str) -> str:
    """Return the name of the explicable number that `column` is, in any case.

    Raises UsageError, which lists them, for anything else.
    """
    wanted = column.strip().casefold()
    if wanted in NUMBERS:
        return wanted
    import difflib

    close = difflib.get_close_matches(wanted, NUMBERS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise UsageError(
        f"There is no number {column!r} in the daily record.{hint}",
        f"There are: {', '.join(NUMBERS)}.",
    )


def _recorded(warehouse: Warehouse, instrument: str, day: date) -> Row | None:
    rows = warehouse.rows(
        """
        select facts.*, (
            select count(*) from fct_missing_runs as missing
            where missing.instrument = facts.instrument and missing.noticed_day = facts.day
                and missing.state = 'open'
        ) as missing_runs
        from fct_instrument_daily as facts
        where facts.instrument = ? and facts.day = ?
        """,
        [instrument, day],
    )
    return {**rows[0], "pass_rate": pass_rate(rows[0])} if rows else None


def _marked(rows: list[Row], percent: int) -> list[Row]:
    """Order jobs by execution time and mark the one whose time is the percentile."""
    ranked = sorted(rows, key=lambda row: (row["exe_time"], row["job_id"]))
    place = _rank(len(ranked), percent)
    return [{**row, "rank": rank, "is_the_number": rank == place} for rank, row in enumerate(ranked, start=1)]


def explain_number(warehouse: Warehouse, instrument: str, day: date, column: str) -> Explanation | None:
    """Return what stands behind `column` (one of NUMBERS), or None when the record has no such day."""
    recorded = _recorded(warehouse, instrument, day)
    if recorded is None:
        return None
    number = NUMBERS[column]
    rows = warehouse.rows(_QUERIES[number.behind].format(condition=number.condition), [instrument, day])
    recounted = number.recount(rows)
    if number.percentile is not None:
        rows = _marked(rows, number.percentile)
    return Explanation(column, number, recorded[column], recounted, rows)
