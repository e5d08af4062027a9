"""What is behind one number of the daily record: its rows, and a recount from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from autostats.errors import UsageError
from autostats.queries.rows import Row, pass_rate
from autostats.warehouse import Warehouse

_RELATIVE_TOLERANCE = 1e-9


class Behind(Enum):
    """The kind of rows that a number counts."""

    JOBS = "jobs"
    RUNS = "runs"
    RESOLVED = "resolved"
    MISSING = "missing"


@dataclass(frozen=True)
class Number:
    """A number that can be explained: which rows are behind it, and how it is computed from them."""

    behind: Behind
    condition: str = "1 = 1"
    recount: Callable[[Sequence[Row]], Any] = len
    # The percentile, in per cent, that the marked row's value is (by nearest rank).
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


def _timed(recount: Callable[[Sequence[Row]], Any], percentile: int | None = None) -> Number:
    return Number(Behind.JOBS, "exe_time is not null", recount, percentile)


NUMBERS: dict[str, Number] = {
    "jobs_total": Number(Behind.JOBS),
    "jobs_passed": Number(Behind.JOBS, "status = 'completed'"),
    "jobs_failed": Number(Behind.JOBS, "status = 'error'"),
    "jobs_skipped": Number(Behind.JOBS, "status = 'skipped'"),
    "jobs_pending": Number(Behind.JOBS, "status in ('queued', 'processing')"),
    "jobs_other": Number(Behind.JOBS, "status = 'other'"),
    "pass_rate": Number(Behind.JOBS, "status in ('completed', 'error')", _share_passed),
    "jobs_batch": Number(Behind.JOBS, "is_batch"),
    "started_by_auto": Number(Behind.JOBS, "starter = 'auto'"),
    "started_by_devs": Number(Behind.JOBS, "starter = 'devs'"),
    "started_by_users": Number(Behind.JOBS, "starter = 'users'"),
    "started_by_unknown": Number(Behind.JOBS, "starter = 'unknown'"),
    "exe_time_count": _timed(len),
    "exe_time_sum": _timed(lambda rows: sum(_seconds(rows))),
    "avg_exe_time": _timed(_mean),
    "median_exe_time": _timed(_percentile(50), percentile=50),
    "p95_exe_time": _timed(_percentile(95), percentile=95),
    "max_exe_time": _timed(_percentile(100), percentile=100),
    "runs_total": Number(Behind.RUNS),
    "runs_passed": Number(Behind.RUNS, "outcome = 'passed'"),
    "runs_failed": Number(Behind.RUNS, "outcome = 'failed'"),
    "runs_other": Number(Behind.RUNS, "outcome = 'other'"),
    "resolved_runs": Number(Behind.RESOLVED),
    "missing_runs": Number(Behind.MISSING),
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
        where instrument = ? and noticed_day = ? and is_counted and {condition}
        order by run_number
    """,
}


@dataclass(frozen=True)
class Explanation:
    """A number of the record, the same number computed from its rows, and the rows."""

    column: str
    number: Number
    value: float | None
    recounted: float | None
    rows: list[Row]

    @property
    def agrees(self) -> bool:
        """Whether both are the same, apart from rounding in a sum of fractions."""
        if self.value is None or self.recounted is None:
            return self.value is self.recounted
        return abs(self.value - self.recounted) <= _RELATIVE_TOLERANCE * max(1.0, abs(self.value))


def find_number(column: str) -> str:
    """Return the name of the explainable number `column`, ignoring case.

    Raises UsageError, which lists the names, for anything else.
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
                and missing.is_counted
        ) as missing_runs
        from fct_instrument_daily as facts
        where facts.instrument = ? and facts.day = ?
        """,
        [instrument, day],
    )
    return rows[0] if rows else None


def _marked(rows: list[Row], percent: int) -> list[Row]:
    """Sort jobs by execution time and mark the one whose time is the percentile."""
    ranked = sorted(rows, key=lambda row: (row["exe_time"], row["job_id"]))
    place = _rank(len(ranked), percent)
    return [{**row, "rank": rank, "is_the_number": rank == place} for rank, row in enumerate(ranked, start=1)]


def explain_number(warehouse: Warehouse, instrument: str, day: date, column: str) -> Explanation | None:
    """Return what is behind `column` (one of NUMBERS), or None when the record has no such day."""
    recorded = _recorded(warehouse, instrument, day)
    if recorded is None:
        return None
    number = NUMBERS[column]
    rows = warehouse.rows(_QUERIES[number.behind].format(condition=number.condition), [instrument, day])
    recounted = number.recount(rows)
    if number.percentile is not None:
        rows = _marked(rows, number.percentile)
    return Explanation(column, number, recorded[column], recounted, rows)
