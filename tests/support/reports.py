"""A report read as JSON, and what it must say according to a count of the jobs in plain Python."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from autostats.verification.job import Job
from autostats.verification.recount import Row, missing_runs, nearest_rank, resolved_runs
from autostats.verification.settings import Settings

from support.installed import Autostats


def report_json(autostats: Autostats, home: Path, *arguments: str) -> dict[str, Any]:
    """Return a report as JSON."""
    result = autostats("report", "--home", home, *arguments, "--format", "json")
    assert result.code == 0, result.err
    return dict(json.loads(result.out))


@dataclass(frozen=True)
class Recounted:
    """Jobs, and what follows from all of them regardless of the period."""

    jobs: Sequence[Job]
    resolved: Sequence[Row]
    missing: Sequence[Row]

    @classmethod
    def of(cls, jobs: Sequence[Job], settings: Settings) -> Recounted:
        """Count the resolved and the missing runs of all jobs."""
        return cls(jobs, resolved_runs(jobs, settings), missing_runs(jobs, settings))


def expected_row(known: Recounted, first: date, last: date) -> Row:
    """Return what the report must say about a period, counted by hand."""
    chosen = [job for job in known.jobs if job.day is not None and first <= job.day <= last]
    times = sorted(made.exe_time for made in chosen if made.exe_time is not None)
    passed = sum(job.status == "completed" for job in chosen)
    failed = sum(job.status == "error" for job in chosen)
    states: dict[tuple[str, int], str] = {}
    for made in sorted(chosen, key=lambda made: (made.created, made.job_id)):
        if not made.is_batch and made.run_number is not None:
            states[made.instrument, made.run_number] = made.status
    resolved = {
        (run["instrument"], run["run_number"])
        for run in known.resolved
        if first <= run["resolved_day"] <= last
    }
    return {
        "jobs_total": len(chosen),
        "jobs_passed": passed,
        "jobs_failed": failed,
        "jobs_skipped": sum(job.status == "skipped" for job in chosen),
        "jobs_pending": sum(job.status in ("queued", "processing") for job in chosen),
        "jobs_other": sum(job.status == "other" for job in chosen),
        "pass_rate": passed / (passed + failed) if passed + failed else None,
        "avg_exe_time": float(sum(map(Decimal, map(str, times))) / len(times)) if times else None,
        "median_exe_time": nearest_rank(times, 50),
        "p95_exe_time": nearest_rank(times, 95),
        "runs_total": len(states),
        "runs_passed": sum(state == "completed" for state in states.values()),
        "runs_failed": sum(state == "error" for state in states.values()),
        "runs_other": sum(state not in ("completed", "error") for state in states.values()),
        "resolved_runs": len(resolved),
        "missing_runs": sum(
            run["state"] == "open" and first <= run["noticed_day"] <= last for run in known.missing
        ),
    }
