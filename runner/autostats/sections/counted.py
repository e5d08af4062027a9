"""The columns of everything that is counted, and which of them a table drops to save space."""

from collections.abc import Sequence

from autostats.queries.rows import Row
from autostats.render.section import Column, Kind

DAILY = "fct_instrument_daily"
# For each day, or for a longer time; the names are columns of the daily record.
COUNTED: tuple[str | Column, ...] = (
    "jobs_total",
    "jobs_passed",
    "jobs_failed",
    "jobs_skipped",
    "jobs_pending",
    "jobs_other",
    Column("jobs_rest", Kind.COUNT, "Rest", "{} of the rest", machine=False),
    "jobs_batch",
    "pass_rate",
    "exe_time_count",
    "avg_exe_time",
    "median_exe_time",
    "p95_exe_time",
    "runs_total",
    "runs_passed",
    "runs_failed",
    "runs_other",
    "resolved_runs",
    Column(
        "missing_runs",
        Kind.BAD_COUNT,
        "Missing",
        "{} run(s) missing",
        description="Runs noticed missing on the day that are still missing.",
        short_heading="Miss-\ning",
        metric="missing_runs",
    ),
)
_JOBS = ("jobs_total", "jobs_passed", "jobs_failed")
_FOLDED = (*_JOBS, "jobs_rest", "pass_rate")
_UNFOLDED = (*_JOBS, "jobs_skipped", "jobs_pending", "jobs_other", "pass_rate")
_TIMES = ("avg_exe_time", "median_exe_time", "p95_exe_time")
_RUNS = ("runs_total", "runs_failed", "resolved_runs", "missing_runs")
_FEW_RUNS = ("runs_total", "resolved_runs", "missing_runs")
# The widest first: what a reader needs least is dropped first.
NUMBER_LAYOUTS = (
    (*_UNFOLDED, *_TIMES, *_RUNS),
    (*_FOLDED, *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_FEW_RUNS),
    (*_JOBS, "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "median_exe_time", *_FEW_RUNS),
)

# Not an instrument, but the place where jobs without one are counted.
UNKNOWN = "unknown"


def prepared(rows: Sequence[Row], instruments: Sequence[str] | None) -> list[Row]:
    """Add the combined columns of the narrow layouts; leave out `unknown` if nothing is unknown."""
    return [
        {**row, "jobs_rest": row["jobs_skipped"] + row["jobs_pending"] + row["jobs_other"]}
        for row in rows
        if instruments is not None or row["instrument"] != UNKNOWN or row["jobs_total"]
    ]
