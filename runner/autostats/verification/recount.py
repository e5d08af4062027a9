"""A count of the tables in plain Python, directly from the definitions, to check the models against.

It is written to be obvious, and shares nothing with the models: no SQL, no data frames. Rows are returned as
dictionaries with the column names of the tables; times are naive UTC.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from autostats.verification.job import PENDING, Job
from autostats.verification.settings import Settings

Row = dict[str, Any]

KEYS: dict[str, tuple[str, ...]] = {
    "fct_jobs": ("job_id",),
    "fct_job_volume_daily": ("day", "instrument", "rb_number", "starter", "software", "reduction_host"),
    "rpt_jobs_by_minute": ("minute_start", "instrument"),
    "fct_run_daily": ("instrument", "run_number", "day"),
    "fct_instrument_daily": ("instrument", "day"),
    "fct_instrument_hourly": ("instrument", "day", "starts_at"),
    "fct_resolved_runs": ("instrument", "run_number", "resolved_day"),
    "fct_unresolved_runs": ("instrument", "run_number"),
    "fct_missing_runs": ("instrument", "run_number"),
    "fct_run_number_jumps": ("instrument", "run_number_before"),
    "rpt_missing_runs": ("instrument", "first_run_number"),
    "fct_data_problems": ("job_id", "problem"),
}

# The counts and sums that add up over any groups of jobs.
_ADDITIVE = (
    *("jobs_total", "jobs_passed", "jobs_failed", "jobs_skipped", "jobs_pending", "jobs_other", "jobs_batch"),
    *("exe_time_count", "exe_time_sum"),
)


def recount(jobs: Sequence[Job], settings: Settings) -> dict[str, list[Row]]:
    """Recount every table; return the rows of each, in no particular order, by table name."""
    counted = [job for job in jobs if not job.is_deleted]
    missing = missing_runs(counted, settings)
    resolved = resolved_runs(counted, settings)
    return {
        "fct_jobs": [job_row(job) for job in jobs],
        "fct_job_volume_daily": job_volume_daily(counted),
        "rpt_jobs_by_minute": jobs_by_minute(counted, settings),
        "fct_run_daily": run_daily(counted),
        "fct_instrument_daily": instrument_daily(counted, resolved, settings),
        "fct_instrument_hourly": instrument_hourly(counted, resolved, settings),
        "fct_resolved_runs": resolved,
        "fct_unresolved_runs": unresolved_runs(counted, settings),
        "fct_missing_runs": missing,
        "fct_run_number_jumps": run_number_jumps(counted, settings),
        "rpt_missing_runs": folded_missing_runs(missing, settings),
        "fct_data_problems": data_problems(counted, settings),
    }


def job_row(job: Job) -> Row:
    """Return one row of `fct_jobs`."""
    return {
        "job_id": job.job_id,
        "instrument": job.instrument,
        "rb_number": job.source.rb_number,
        "run_version": job.source.run_version,
        "run_number": job.run_number,
        "run_numbers": ",".join(str(number) for number in job.numbers) if len(job.numbers) > 1 else None,
        "is_batch": job.is_batch,
        "status": job.status,
        "started_by": job.source.started_by,
        "starter": job.starter,
        "software": job.software,
        "reduction_host": job.reduction_host,
        "run_title": job.run_title,
        "created_at": job.created,
        "started_at": job.started,
        "finished_at": job.finished,
        "last_updated_at": job.last_updated,
        "ended_at": job.end,
        "day": job.day,
        "ended_day": job.end_day,
        "exe_time": job.exe_time,
        "is_deleted": job.is_deleted,
    }


def job_volume_daily(jobs: Iterable[Job]) -> list[Row]:
    """Return the rows of `fct_job_volume_daily`: the jobs of each day by who and what ran them."""
    groups = defaultdict(list)
    for job in jobs:
        if job.day is not None:
            ran_by = (job.starter, job.software or "unknown", job.reduction_host or "unknown")
            groups[job.day, job.instrument, job.source.rb_number, *ran_by].append(job)
    return [
        dict(zip(KEYS["fct_job_volume_daily"], group, strict=True))
        | {
            name: count
            for name, count in (job_counts(of_group) | exe_times(of_group)).items()
            if name in _ADDITIVE
        }
        for group, of_group in groups.items()
    ]


def jobs_by_minute(jobs: Iterable[Job], settings: Settings) -> list[Row]:
    """Return the rows of `rpt_jobs_by_minute`: the minutes of the last week in which a job was created."""
    groups = defaultdict(list)
    for job in jobs:
        if job.created is not None and timedelta(0) <= settings.as_of - job.created < timedelta(days=7):
            groups[job.created.replace(second=0, microsecond=0), job.instrument].append(job)
    names = ("jobs_total", "jobs_passed", "jobs_failed", "pass_rate")
    return [
        {"minute_start": minute, "instrument": instrument}
        | {name: count for name, count in day_counts(of_group).items() if name in names}
        for (minute, instrument), of_group in groups.items()
    ]


def jobs_of_runs(jobs: Iterable[Job]) -> dict[tuple[str, int], list[Job]]:
    """Return the non-batch jobs of each run (instrument and run number)."""
    runs = defaultdict(list)
    for job in jobs:
        if not job.is_batch and job.run_number is not None:
            runs[job.instrument, job.run_number].append(job)
    return runs


def run_daily(jobs: Sequence[Job]) -> list[Row]:
    """Return the rows of `fct_run_daily`."""
    rows = []
    for (instrument, run_number), of_run in jobs_of_runs(jobs).items():
        for day in {job.day for job in of_run} - {None}:
            of_day = sorted((j for j in of_run if j.day == day), key=lambda j: (j.arrived, j.job_id))
            last = of_day[-1]
            rows.append(
                {
                    "instrument": instrument,
                    "run_number": run_number,
                    "day": day,
                    "jobs_total": len(of_day),
                    "jobs_passed": sum(job.status == "completed" for job in of_day),
                    "jobs_failed": sum(job.status == "error" for job in of_day),
                    "last_job_id": last.job_id,
                    "last_status": last.status,
                    "outcome": {"completed": "passed", "error": "failed"}.get(last.status, "other"),
                }
            )
    return rows


def nearest_rank(values: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least `percent` % of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def instrument_daily(jobs: Sequence[Job], resolved: Sequence[Row], settings: Settings) -> list[Row]:
    """Return the rows of `fct_instrument_daily`: each day from an instrument's first job on."""
    rows = []
    last_day = settings.local_day(settings.as_of)
    for instrument in {job.instrument for job in jobs}:
        of_instrument = [job for job in jobs if job.instrument == instrument]
        day = min((job.day for job in of_instrument if job.day), default=last_day + timedelta(days=1))
        while day <= last_day:
            of_day = [job for job in of_instrument if job.day == day]
            row: Row = {"day": day, "instrument": instrument}
            row |= day_counts(of_day)
            row["resolved_runs"] = sum(
                run["instrument"] == instrument and run["resolved_day"] == day for run in resolved
            )
            row["cycle"] = settings.cycle(day)
            row["is_maintenance_day"] = settings.is_maintenance_day(day)
            row["is_complete"] = settings.day_start(day + timedelta(days=1)) <= settings.as_of
            rows.append(row)
            day += timedelta(days=1)
    return rows


def instrument_hourly(jobs: Sequence[Job], resolved: Sequence[Row], settings: Settings) -> list[Row]:
    """Return the rows of `fct_instrument_hourly`: every hour in which a job was created or a run resolved."""
    jobs_of_hour: dict[tuple[str, date, datetime], list[Job]] = defaultdict(list)
    for job in jobs:
        if job.created is not None:
            hour = settings.hour_start(job.created)
            jobs_of_hour[job.instrument, settings.local_day(job.created), hour].append(job)
    resolved_in_hour = Counter(
        (run["instrument"], run["resolved_day"], settings.hour_start(run["resolved_at"])) for run in resolved
    )
    rows = []
    for cell in jobs_of_hour.keys() | resolved_in_hour.keys():
        row: Row = dict(zip(("instrument", "day", "starts_at"), cell, strict=True))
        row |= day_counts(jobs_of_hour.get(cell, []))
        rows.append(row | {"resolved_runs": resolved_in_hour[cell]})
    return rows


def day_counts(jobs: Sequence[Job]) -> Row:
    """Return the columns of the daily record that count the jobs of one instrument and day (or hour)."""
    counts = job_counts(jobs) | exe_times(jobs) | run_counts(jobs)
    ended = counts["jobs_passed"] + counts["jobs_failed"]
    return counts | {"pass_rate": counts["jobs_passed"] / ended if ended else None}


def job_counts(jobs: Sequence[Job]) -> Row:
    """Return the columns of `fct_instrument_daily` that count jobs."""

    def with_status(*statuses: str) -> int:
        return sum(job.status in statuses for job in jobs)

    def with_starter(starter: str) -> int:
        return sum(job.starter == starter for job in jobs)

    return {
        "jobs_total": len(jobs),
        "jobs_passed": with_status("completed"),
        "jobs_failed": with_status("error"),
        "jobs_skipped": with_status("skipped"),
        "jobs_pending": with_status(*PENDING),
        "jobs_other": with_status("other"),
        "jobs_batch": sum(job.is_batch for job in jobs),
        "started_by_auto": with_starter("auto"),
        "started_by_devs": with_starter("devs"),
        "started_by_users": with_starter("users"),
        "started_by_unknown": with_starter("unknown"),
    }


def exe_times(jobs: Sequence[Job]) -> Row:
    """Return the columns of `fct_instrument_daily` about execution times, in seconds."""
    times = [job.exe_time for job in jobs if job.exe_time is not None]
    return {
        "exe_time_count": len(times),
        "exe_time_sum": math.fsum(times),
        "avg_exe_time": math.fsum(times) / len(times) if times else None,
        "median_exe_time": nearest_rank(times, 50),
        "p95_exe_time": nearest_rank(times, 95),
        "max_exe_time": max(times, default=None),
    }


def run_counts(jobs_of_day: Sequence[Job]) -> Row:
    """Return the columns of `fct_instrument_daily` that count runs."""
    outcomes = [row["outcome"] for row in run_daily(jobs_of_day)]
    return {
        "runs_total": len(outcomes),
        "runs_passed": outcomes.count("passed"),
        "runs_failed": outcomes.count("failed"),
        "runs_other": outcomes.count("other"),
    }


def terminal_jobs(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that have ended, in the order in which they ended."""
    return [job for _, _, job in sorted((job.end, job.job_id, job) for job in jobs if job.end is not None)]


def first_error_before(ended: Sequence[Job], position: int) -> int:
    """Return the position of the first of the consecutive errors that end just before `position`."""
    while position > 0 and ended[position - 1].status == "error":
        position -= 1
    return position


def resolved_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """Return the rows of `fct_resolved_runs`."""
    rows = []
    for (instrument, run_number), of_run in jobs_of_runs(jobs).items():
        ended = terminal_jobs(of_run)
        for day in {job.end_day for job in ended}:
            of_day = [position for position, job in enumerate(ended) if job.end_day == day]
            resolving = [
                position
                for position in of_day
                if position > 0
                and ended[position].status == "completed"
                and ended[position - 1].status == "error"
            ]
            if not resolving or ended[of_day[-1]].status != "completed":
                continue
            resolved = resolving[-1]
            failed = first_error_before(ended, resolved)
            first_failed_at, resolved_at = ended[failed].ended_at, ended[resolved].ended_at
            hours = (resolved_at - first_failed_at).total_seconds() / 3600
            rows.append(
                {
                    "instrument": instrument,
                    "run_number": run_number,
                    "resolved_day": day,
                    "first_failed_at": first_failed_at,
                    "resolved_at": resolved_at,
                    "attempts": resolved - failed + 1,
                    "hours_to_resolve": hours,
                    "resolved_by": ended[resolved].starter,
                    "is_still_passing": ended[-1].status == "completed",
                }
            )
    return rows


def unresolved_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """Return the rows of `fct_unresolved_runs`."""
    rows = []
    for (instrument, run_number), of_run in jobs_of_runs(jobs).items():
        ended = terminal_jobs(of_run)
        if ended and ended[-1].status == "error":
            failed = first_error_before(ended, len(ended))
            rows.append(
                {
                    "instrument": instrument,
                    "run_number": run_number,
                    "failed_since": ended[failed].end,
                    "failed_day": ended[failed].end_day,
                    "attempts": len(ended) - failed,
                    "last_failed_at": ended[-1].end,
                    "last_job_id": ended[-1].job_id,
                    "last_started_by": ended[-1].starter,
                }
            )
    return rows


def arrivals(jobs: Iterable[Job]) -> dict[str, dict[int, datetime]]:
    """Return when each known run number of each instrument arrived: the creation of its first job."""
    arrived: dict[str, dict[int, datetime]] = defaultdict(dict)
    for job in jobs:
        for number in job.numbers:
            numbers = arrived[job.instrument]
            numbers[number] = min(job.arrived, numbers.get(number, job.arrived))
    arrived.pop("unknown", None)
    return arrived


def consecutive(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return the pairs of adjacent known numbers."""
    return pairwise(sorted(numbers))


def missing_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """Return the rows of `fct_missing_runs`: those still missing, and those that came late."""
    return [
        row
        for instrument, arrived in arrivals(jobs).items()
        for before, after in consecutive(arrived)
        for row in missing_between(instrument, (before, arrived[before]), (after, arrived[after]), settings)
    ]


def missing_between(
    instrument: str, before: tuple[int, datetime], after: tuple[int, datetime], settings: Settings
) -> Iterator[Row]:
    """Yield the rows of `fct_missing_runs` between two consecutive known numbers, given their arrivals."""
    (lower, arrived_at), (upper, noticed_at) = before, after
    if upper - lower - 1 > settings.max_gap:
        return
    for number in range(lower + 1, upper):
        reasons = [
            ignored.reason
            for ignored in settings.ignored
            if ignored.instrument == instrument
            and ignored.first_run_number <= number <= ignored.last_run_number
        ]
        state = "ignored" if reasons else "open"
        yield missing_row(instrument, number, noticed_at, settings, state, None, reasons)
    if settings.local_day(arrived_at) > settings.local_day(noticed_at):
        yield missing_row(instrument, lower, noticed_at, settings, "arrived", arrived_at, [])


def missing_row(
    instrument: str,
    run_number: int,
    noticed_at: datetime,
    settings: Settings,
    state: str,
    arrived_at: datetime | None,
    reasons: Sequence[str | None],
) -> Row:
    """Return one row of `fct_missing_runs`."""
    noticed_day = settings.local_day(noticed_at)
    return {
        "instrument": instrument,
        "run_number": run_number,
        "kind": "gap",
        "noticed_at": noticed_at,
        "noticed_day": noticed_day,
        "cycle": settings.cycle(noticed_day),
        "state": state,
        "is_counted": state == "open",
        "arrived_at": arrived_at,
        "ignored_reason": reasons[0] if reasons else None,
    }


def run_number_jumps(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """Return the rows of `fct_run_number_jumps`."""
    return [
        {
            "instrument": instrument,
            "run_number_before": before,
            "run_number_after": after,
            "noticed_at": arrived[after],
            "noticed_day": settings.local_day(arrived[after]),
        }
        for instrument, arrived in arrivals(jobs).items()
        for before, after in consecutive(arrived)
        if after - before - 1 > settings.max_gap
    ]


def folded_missing_runs(missing: Sequence[Row], settings: Settings) -> list[Row]:
    """Return the rows of `rpt_missing_runs`: adjacent runs that share everything else, folded."""
    ranges: list[list[Row]] = []
    shared = ("instrument", "state", "noticed_at", "arrived_at", "ignored_reason")
    for row in sorted(missing, key=lambda row: (row["instrument"], row["run_number"])):
        previous = ranges[-1][-1] if ranges else None
        if (
            previous is not None
            and all(previous[name] == row[name] for name in shared)
            and previous["run_number"] == row["run_number"] - 1
        ):
            ranges[-1].append(row)
        else:
            ranges.append([row])
    today = settings.local_day(settings.as_of)
    return [
        {
            "instrument": rows[0]["instrument"],
            "first_run_number": rows[0]["run_number"],
            "last_run_number": rows[-1]["run_number"],
            "runs": len(rows),
            "kind": "gap",
            "noticed_at": rows[0]["noticed_at"],
            "noticed_day": rows[0]["noticed_day"],
            "cycle": rows[0]["cycle"],
            "state": rows[0]["state"],
            "arrived_at": rows[0]["arrived_at"],
            "ignored_reason": rows[0]["ignored_reason"],
            "age_days": (today - rows[0]["noticed_day"]).days if rows[0]["state"] == "open" else None,
        }
        for rows in ranges
    ]


def data_problems(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """Return the rows of `fct_data_problems`: each rule by which a job's data had to be read."""
    return [
        {
            "job_id": job.job_id,
            "problem": problem,
            "instrument": job.instrument,
            "day": job.day,
            "run_number": job.run_number,
        }
        for job in jobs
        for problem in problems_of(job, settings)
    ]


def problems_of(job: Job, settings: Settings) -> Iterator[str]:
    """Yield the names of the rules that one job's data needed."""
    if job.unread_cells:
        yield "meaningless_value"
    if job.created is None:
        yield "no_creation"
    if job.status == "other":
        yield "unknown_status"
    if job.starter == "unknown":
        yield "unknown_starter"
    if job.instrument == "unknown":
        yield "no_instrument"
    if not job.numbers:
        yield "no_run_number"
    if len(job.numbers) > 1 and not job.source.batch_run:
        yield "several_run_numbers"
    if job.end is not None and job.finished is None:
        yield "no_end"
    if job.status == "completed" and job.started is None:
        yield "no_start"
    if job.started is not None and job.finished is not None and job.finished < job.started:
        yield "finished_before_started"
    if job.created is not None:
        if any(time is not None and time < job.created for time in (job.started, job.finished)):
            yield "times_out_of_order"
        if job.created > settings.as_of:
            yield "created_in_future"
