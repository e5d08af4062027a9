"""The columns of `fct_instrument_daily`, counted from jobs one by one."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from autostats.verification.job import Job

Cell = tuple[str, date]
Counts = dict[str, float | int | None]
LocalDay = Callable[[datetime], date]

_BY_STATUS = {
    "completed": "jobs_passed",
    "error": "jobs_failed",
    "skipped": "jobs_skipped",
    "queued": "jobs_pending",
    "processing": "jobs_pending",
    "other": "jobs_other",
}
_OUTCOMES = {"completed": "runs_passed", "error": "runs_failed"}


def count_cells(
    jobs: Iterable[Job], cells: Collection[Cell], resolved: Mapping[Cell, int], local_day: LocalDay
) -> dict[Cell, Counts]:
    """Return the counts of each (instrument, day) in `cells`, zeros for one without a job."""
    of_cell = defaultdict(list)
    for job in jobs:
        of_cell[job.instrument, local_day(job.created)].append(job)
    return {cell: {**_count(of_cell[cell]), "resolved_runs": resolved.get(cell, 0)} for cell in cells}


def _count(jobs: Sequence[Job]) -> Counts:
    """Return the counts of the jobs that one instrument created on one day."""
    counts: dict[str, int] = {"jobs_total": len(jobs), **dict.fromkeys(_BY_STATUS.values(), 0)}
    for job in jobs:
        counts[_BY_STATUS[job.status]] += 1
    counts["jobs_batch"] = sum(job.is_batch for job in jobs)
    for starter in ("auto", "devs", "users", "unknown"):
        counts[f"started_by_{starter}"] = sum(job.starter == starter for job in jobs)
    return {**counts, **_exe_times(jobs), **_runs(jobs)}


def _exe_times(jobs: Sequence[Job]) -> Counts:
    times = sorted(job.exe_microseconds for job in jobs if job.exe_microseconds is not None)
    total = sum(times) / 1_000_000
    return {
        "exe_time_count": len(times),
        "exe_time_sum": total,
        "avg_exe_time": total / len(times) if times else None,
        "median_exe_time": _nearest_rank(times, 50),
        "p95_exe_time": _nearest_rank(times, 95),
        "max_exe_time": times[-1] / 1_000_000 if times else None,
    }


def _nearest_rank(ordered: Sequence[int], percent: int) -> float | None:
    """Return, in seconds, the smallest value that at least `percent` % of the values do not exceed."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[rank - 1] / 1_000_000


def _runs(jobs: Sequence[Job]) -> Counts:
    """Count the runs by the status of their last job of the day."""
    last: dict[int, Job] = {}
    for job in sorted(jobs, key=lambda job: (job.created, job.job_id)):
        if job.run_number is not None:
            last[job.run_number] = job
    counts = {"runs_total": len(last), "runs_passed": 0, "runs_failed": 0, "runs_other": 0}
    for job in last.values():
        counts[_OUTCOMES.get(job.status, "runs_other")] += 1
    return {**counts}


def count_resolved(jobs: Iterable[Job], local_day: LocalDay) -> dict[Cell, int]:
    """Return how many runs each instrument resolved on each day, from the whole history of these runs.

    A run counts on a day on which a completed job followed right after an error and the day's last job that
    ended, completed too.
    """
    runs = defaultdict(list)
    for job in jobs:
        if job.run_number is not None and job.ended is not None:
            runs[job.instrument, job.run_number].append((job.ended, job.job_id, job.status))
    counts: dict[Cell, int] = defaultdict(int)
    for (instrument, _), history in runs.items():
        before = ""
        resolved: dict[date, bool] = {}
        last: dict[date, str] = {}
        for ended, _job_id, status in sorted(history):
            day = local_day(ended)
            resolved[day] = resolved.get(day, False) or (before == "error" and status == "completed")
            last[day] = before = status
        for day, is_resolved in resolved.items():
            if is_resolved and last[day] == "completed":
                counts[instrument, day] += 1
    return counts
