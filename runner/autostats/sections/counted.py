"""The columns of all that is counted, and which of them a table gives up where there is little room."""

from collections.abc import Sequence

from autostats.render.section import Column, Kind
from autostats.statistics.rows import Row

INSTRUMENT = Column("instrument", Kind.TEXT, "Instrument", "{}")
COUNTED = (
    Column("jobs_total", Kind.COUNT, "Jobs", "{} job(s)"),
    Column("jobs_passed", Kind.COUNT, "Passed", "{} passed"),
    Column("jobs_failed", Kind.BAD_COUNT, "Failed", "{} failed"),
    Column("jobs_skipped", Kind.COUNT, "Skipped", "{} skipped"),
    Column("jobs_pending", Kind.COUNT, "Pending", "{} pending"),
    Column("jobs_other", Kind.COUNT, "Other", "{} of another status"),
    Column("jobs_rest", Kind.COUNT, "Rest", "{} of the rest", machine=False),
    Column("jobs_batch", Kind.COUNT, "Batch", "{} batch job(s)"),
    Column("pass_rate", Kind.SHARE, "Pass\nrate"),
    Column("exe_time_count", Kind.COUNT, "Timed", "{} with an execution time"),
    Column("avg_exe_time", Kind.SECONDS, "Mean", "mean execution time {}"),
    Column("median_exe_time", Kind.SECONDS, "Median", "median {}"),
    Column("p95_exe_time", Kind.SECONDS, "p95", "95th percentile {}"),
    Column("runs_total", Kind.COUNT, "Runs", "{} run(s)"),
    Column("runs_passed", Kind.COUNT, "Runs\npassed", "{} run(s) passed"),
    Column("runs_failed", Kind.BAD_COUNT, "Runs\nfailed", "{} run(s) failed"),
    Column("runs_other", Kind.COUNT, "Runs\nother", "{} run(s) of another outcome"),
    Column("resolved_runs", Kind.COUNT, "Resolved", "{} run(s) resolved"),
    Column("missing_runs", Kind.BAD_COUNT, "Missing", "{} run(s) missing"),
)
SHORT_HEADINGS = {
    "instrument": "Instr.",
    "jobs_passed": "Pass",
    "jobs_failed": "Fail",
    "jobs_skipped": "Skip-\nped",
    "jobs_pending": "Pend-\ning",
    "resolved_runs": "Re-\nsolved",
    "missing_runs": "Miss-\ning",
    "jobs_per_day": "Per day",
}
_JOBS = ("jobs_total", "jobs_passed", "jobs_failed")
_FOLDED = (*_JOBS, "jobs_rest", "pass_rate")
_UNFOLDED = (*_JOBS, "jobs_skipped", "jobs_pending", "jobs_other", "pass_rate")
_TIMES = ("avg_exe_time", "median_exe_time", "p95_exe_time")
_RUNS = ("runs_total", "runs_failed", "resolved_runs", "missing_runs")
_FEW_RUNS = ("runs_total", "resolved_runs", "missing_runs")
# The widest first: what a reader can best do without goes first.
NUMBER_LAYOUTS = (
    (*_UNFOLDED, *_TIMES, *_RUNS),
    (*_FOLDED, *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_FEW_RUNS),
    (*_JOBS, "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "median_exe_time", *_FEW_RUNS),
)

# Not an instrument, but where jobs without one are counted.
UNKNOWN = "unknown"


def prepared(rows: Sequence[Row], instruments: Sequence[str] | None) -> list[Row]:
    """Add what the narrow layouts fold together; leave out `unknown` where nothing is unknown."""
    return [
        {**row, "jobs_rest": row["jobs_skipped"] + row["jobs_pending"] + row["jobs_other"]}
        for row in rows
        if instruments is not None or row["instrument"] != UNKNOWN or row["jobs_total"]
    ]
