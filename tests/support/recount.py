"""A recount of every mart in plain Python, straight from the definitions, to hold the models against.

It is written for obviousness and not for speed: no SQL, no data frames, no cleverness shared with the models.
Rows come back as dictionaries with the column names of the marts; times are naive UTC.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

STATUSES = {
    "c": "completed",
    "completed": "completed",
    "e": "error",
    "error": "error",
    "s": "skipped",
    "skipped": "skipped",
    "q": "queued",
    "queued": "queued",
    "p": "processing",
    "processing": "processing",
}
TERMINAL = ("completed", "error")
PENDING = ("queued", "processing")

KEYS: dict[str, tuple[str, ...]] = {
    "fct_jobs": ("job_id",),
    "fct_run_daily": ("instrument", "run_number", "day"),
    "fct_instrument_daily": ("instrument", "day"),
    "fct_resolved_runs": ("instrument", "run_number", "resolved_day"),
    "fct_unresolved_runs": ("instrument", "run_number"),
    "fct_missing_runs": ("instrument", "run_number"),
    "fct_run_number_jumps": ("instrument", "run_number_before"),
    "rpt_missing_runs": ("instrument", "first_run_number"),
    "fct_data_problems": ("job_id", "problem"),
}


@dataclass(frozen=True)
class SourceJob:
    """One row of `reductionrun` and what its foreign keys name; naive times of the source's time zone."""

    job_id: int
    instrument: str | None
    rb_number: int | None
    run_version: int
    started_by: int | None
    status: str
    batch_run: bool
    run_numbers: tuple[int, ...]
    created: datetime
    started: datetime | None
    finished: datetime | None
    last_updated: datetime


@dataclass(frozen=True)
class Cycle:
    """One line of the seed `beam_cycles`; both days are included."""

    name: str
    first_day: date
    last_day: date
    maintenance_days: tuple[date, ...] = ()


@dataclass(frozen=True)
class IgnoredRuns:
    """One line of the seed `ignored_runs`; both numbers are included."""

    instrument: str
    first_run_number: int
    last_run_number: int
    reason: str | None


@dataclass(frozen=True)
class Settings:
    """What the statistics depend on besides the jobs. `as_of` is naive UTC."""

    as_of: datetime
    facility_timezone: str = "Europe/London"
    source_timezone: str = "UTC"
    max_gap: int = 1000
    lookback_days: int = 14
    cycles: tuple[Cycle, ...] = ()
    ignored: tuple[IgnoredRuns, ...] = ()

    def local_day(self, moment: datetime) -> date:
        """The facility's calendar day of a naive UTC moment."""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.facility_timezone)).date()

    def day_start(self, day: date) -> datetime:
        """The naive UTC moment at which a local day begins."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.facility_timezone))
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def utc(self, source_time: datetime) -> datetime:
        """The naive UTC moment of a naive time of the source (the earlier one where it occurs twice)."""
        local = source_time.replace(tzinfo=ZoneInfo(self.source_timezone), fold=0)
        return local.astimezone(UTC).replace(tzinfo=None)

    def cycle(self, day: date) -> str | None:
        """The name of the beam cycle that holds a day."""
        for cycle in self.cycles:
            if cycle.first_day <= day <= cycle.last_day:
                return cycle.name
        return None

    def is_maintenance_day(self, day: date) -> bool:
        """Whether a day is one of a cycle's maintenance days."""
        return any(day in cycle.maintenance_days for cycle in self.cycles)


def read_cycles(path: Path) -> tuple[Cycle, ...]:
    """Read the seed `beam_cycles`."""
    with path.open(newline="", encoding="utf-8") as lines:
        return tuple(
            Cycle(
                row["cycle"],
                date.fromisoformat(row["first_day"]),
                date.fromisoformat(row["last_day"]),
                tuple(date.fromisoformat(day) for day in (row["maintenance_days"] or "").split()),
            )
            for row in csv.DictReader(lines)
        )


@dataclass(frozen=True)
class Job:
    """A job as the definitions read it; times are naive UTC."""

    source: SourceJob
    settings: Settings
    is_deleted: bool = False

    @property
    def job_id(self) -> int:
        return self.source.job_id

    @property
    def instrument(self) -> str:
        return "unknown" if self.source.instrument is None else self.source.instrument

    @property
    def numbers(self) -> list[int]:
        return sorted(set(self.source.run_numbers))

    @property
    def run_number(self) -> int | None:
        return self.numbers[0] if len(self.numbers) == 1 else None

    @property
    def is_batch(self) -> bool:
        return self.source.batch_run or len(self.numbers) > 1

    @property
    def status(self) -> str:
        return STATUSES.get(self.source.status.strip().lower(), "other")

    @property
    def starter(self) -> str:
        started_by = self.source.started_by
        if started_by is None or started_by < -1:
            return "unknown"
        return {0: "auto", -1: "devs"}.get(started_by, "users")

    @property
    def created(self) -> datetime:
        return self.settings.utc(self.source.created)

    @property
    def started(self) -> datetime | None:
        return None if self.source.started is None else self.settings.utc(self.source.started)

    @property
    def finished(self) -> datetime | None:
        return None if self.source.finished is None else self.settings.utc(self.source.finished)

    @property
    def last_updated(self) -> datetime:
        return self.settings.utc(self.source.last_updated)

    @property
    def day(self) -> date:
        return self.settings.local_day(self.created)

    @property
    def is_terminal(self) -> bool:
        return self.status in TERMINAL

    @property
    def end(self) -> datetime:
        """The end of a terminal job."""
        return self.last_updated if self.finished is None else self.finished

    @property
    def end_day(self) -> date:
        return self.settings.local_day(self.end)

    @property
    def exe_time(self) -> float | None:
        """Seconds, for a completed job with both times in order."""
        if self.status != "completed" or self.started is None or self.finished is None:
            return None
        if self.finished < self.started:
            return None
        return (self.finished - self.started).total_seconds()


@dataclass
class Memory:
    """What our copy of the source remembers from one run to the next.

    A run looks again at every job within reach: all ids from the smallest of a job created in the look-back
    on, the open jobs, and the id range of the jobs created on the days of a rebuild. Of these, one that
    vanished is flagged as deleted. Everything else stays as it was seen last, until a full refresh, which
    reads all.
    """

    seen: dict[int, SourceJob] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    last_change: datetime | None = None

    def run(
        self,
        source: Mapping[int, SourceJob],
        settings: Settings,
        rebuilt: tuple[date, date] | None = None,
        full_refresh: bool = False,
    ) -> None:
        """Take up what one run sees of the source; `rebuilt` is the first and last day of a rebuild."""
        reach = self.reach(settings, rebuilt)
        before = (dict(self.seen), set(self.deleted))
        for job_id, job in source.items():
            if full_refresh or job_id in reach:
                self.seen[job_id] = job
                self.deleted.discard(job_id)
        self.deleted |= {job_id for job_id in self.seen if job_id in reach and job_id not in source}
        if full_refresh:
            self.last_change = settings.as_of
        elif before != (self.seen, self.deleted):
            self.last_change = max(settings.as_of, self.last_change or settings.as_of)

    def reach(self, settings: Settings, rebuilt: tuple[date, date] | None = None) -> Reach:
        """What a run looks at again."""
        known = [Job(job, settings) for job in self.seen.values()]
        latest = settings.as_of if self.last_change is None else min(settings.as_of, self.last_change)
        start = latest - timedelta(days=settings.lookback_days)
        recent = [job.job_id for job in known if start <= job.created <= settings.as_of]
        from_id = min(recent, default=max(self.seen, default=-1) + 1)
        still_open = {job.job_id for job in known if job.status in PENDING}
        of_days = [
            job.job_id
            for job in known
            if rebuilt is not None and rebuilt[0] <= job.day <= rebuilt[1] and job.job_id < from_id
        ]
        return Reach(from_id, still_open, range(min(of_days), max(of_days) + 1) if of_days else range(0))

    def jobs(self, settings: Settings) -> list[Job]:
        """What the statistics are made of: every job as it was seen last, and whether it was deleted."""
        return [
            Job(job, settings, is_deleted=job_id in self.deleted) for job_id, job in sorted(self.seen.items())
        ]


@dataclass(frozen=True)
class Reach:
    """The ids that a run reads from the source."""

    from_id: int
    still_open: set[int]
    rebuilt: range

    def __contains__(self, job_id: int) -> bool:
        return job_id >= self.from_id or job_id in self.still_open or job_id in self.rebuilt


def recount(jobs: Sequence[Job], settings: Settings) -> dict[str, list[Row]]:
    """Count every mart anew; the rows of each, in no particular order, by the mart's name."""
    counted = [job for job in jobs if not job.is_deleted]
    missing = missing_runs(counted, settings)
    resolved = resolved_runs(counted, settings)
    return {
        "fct_jobs": [job_row(job) for job in jobs],
        "fct_run_daily": run_daily(counted),
        "fct_instrument_daily": instrument_daily(counted, resolved, settings),
        "fct_resolved_runs": resolved,
        "fct_unresolved_runs": unresolved_runs(counted, settings),
        "fct_missing_runs": missing,
        "fct_run_number_jumps": run_number_jumps(counted, settings),
        "rpt_missing_runs": folded_missing_runs(missing, settings),
        "fct_data_problems": data_problems(counted, settings),
    }


def job_row(job: Job) -> Row:
    """One row of `fct_jobs`."""
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
        "created_at": job.created,
        "started_at": job.started,
        "finished_at": job.finished,
        "last_updated_at": job.last_updated,
        "ended_at": job.end if job.is_terminal else None,
        "day": job.day,
        "ended_day": job.end_day if job.is_terminal else None,
        "exe_time": job.exe_time,
        "is_deleted": job.is_deleted,
    }


def jobs_of_runs(jobs: Iterable[Job]) -> dict[tuple[str, int], list[Job]]:
    """The non-batch jobs of each run (instrument and run number)."""
    runs = defaultdict(list)
    for job in jobs:
        if not job.is_batch and job.run_number is not None:
            runs[job.instrument, job.run_number].append(job)
    return runs


def run_daily(jobs: Sequence[Job]) -> list[Row]:
    """The rows of `fct_run_daily`."""
    rows = []
    for (instrument, run_number), of_run in jobs_of_runs(jobs).items():
        for day in {job.day for job in of_run}:
            of_day = sorted((j for j in of_run if j.day == day), key=lambda j: (j.created, j.job_id))
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
    """The smallest value that at least `percent` % of the values do not exceed."""
    for value in sorted(values):
        if sum(other <= value for other in values) * 100 >= percent * len(values):
            return value
    return None


def instrument_daily(jobs: Sequence[Job], resolved: Sequence[Row], settings: Settings) -> list[Row]:
    """The rows of `fct_instrument_daily`: every day from an instrument's first job to the day of `as_of`."""
    rows = []
    last_day = settings.local_day(settings.as_of)
    for instrument in {job.instrument for job in jobs}:
        of_instrument = [job for job in jobs if job.instrument == instrument]
        day = min(job.day for job in of_instrument)
        while day <= last_day:
            of_day = [job for job in of_instrument if job.day == day]
            row: Row = {"day": day, "instrument": instrument}
            row |= job_counts(of_day) | exe_times(of_day) | run_counts(of_day)
            row["resolved_runs"] = sum(
                run["instrument"] == instrument and run["resolved_day"] == day for run in resolved
            )
            row["cycle"] = settings.cycle(day)
            row["is_maintenance_day"] = settings.is_maintenance_day(day)
            row["is_complete"] = settings.day_start(day + timedelta(days=1)) <= settings.as_of
            rows.append(row)
            day += timedelta(days=1)
    return rows


def job_counts(jobs: Sequence[Job]) -> Row:
    """The columns of `fct_instrument_daily` that count jobs."""

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
    """The columns of `fct_instrument_daily` about execution times, in seconds."""
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
    """The columns of `fct_instrument_daily` that count runs."""
    outcomes = [row["outcome"] for row in run_daily(jobs_of_day)]
    return {
        "runs_total": len(outcomes),
        "runs_passed": outcomes.count("passed"),
        "runs_failed": outcomes.count("failed"),
        "runs_other": outcomes.count("other"),
    }


def terminal_jobs(jobs: Iterable[Job]) -> list[Job]:
    """The jobs that have ended, in the order of their ends."""
    return sorted((job for job in jobs if job.is_terminal), key=lambda job: (job.end, job.job_id))


def first_error_before(ended: Sequence[Job], position: int) -> int:
    """The position of the first of the unbroken series of errors that ends just before `position`."""
    while position > 0 and ended[position - 1].status == "error":
        position -= 1
    return position


def resolved_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """The rows of `fct_resolved_runs`."""
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
            hours = (ended[resolved].end - ended[failed].end).total_seconds() / 3600
            rows.append(
                {
                    "instrument": instrument,
                    "run_number": run_number,
                    "resolved_day": day,
                    "first_failed_at": ended[failed].end,
                    "resolved_at": ended[resolved].end,
                    "attempts": resolved - failed + 1,
                    "hours_to_resolve": hours,
                    "resolved_by": ended[resolved].starter,
                    "is_still_passing": ended[-1].status == "completed",
                }
            )
    return rows


def unresolved_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """The rows of `fct_unresolved_runs`."""
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
    """When each known run number of each instrument arrived: the creation of its first job."""
    arrived: dict[str, dict[int, datetime]] = defaultdict(dict)
    for job in jobs:
        for number in job.numbers:
            numbers = arrived[job.instrument]
            numbers[number] = min(job.created, numbers.get(number, job.created))
    arrived.pop("unknown", None)
    return arrived


def consecutive(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The pairs of neighbours among the known numbers."""
    return pairwise(sorted(numbers))


def missing_runs(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """The rows of `fct_missing_runs`: those still missing, and those that came late."""
    rows = []
    for instrument, arrived in arrivals(jobs).items():
        for before, after in consecutive(arrived):
            if after - before - 1 > settings.max_gap:
                continue
            noticed_at = arrived[after]
            for number in range(before + 1, after):
                reasons = [
                    ignored.reason
                    for ignored in settings.ignored
                    if ignored.instrument == instrument
                    and ignored.first_run_number <= number <= ignored.last_run_number
                ]
                state = "ignored" if reasons else "open"
                rows.append(missing_row(instrument, number, noticed_at, settings, state, None, reasons))
            if settings.local_day(arrived[before]) > settings.local_day(noticed_at):
                rows.append(
                    missing_row(instrument, before, noticed_at, settings, "arrived", arrived[before], [])
                )
    return rows


def missing_row(
    instrument: str,
    run_number: int,
    noticed_at: datetime,
    settings: Settings,
    state: str,
    arrived_at: datetime | None,
    reasons: Sequence[str | None],
) -> Row:
    """One row of `fct_missing_runs`."""
    noticed_day = settings.local_day(noticed_at)
    return {
        "instrument": instrument,
        "run_number": run_number,
        "kind": "gap",
        "noticed_at": noticed_at,
        "noticed_day": noticed_day,
        "cycle": settings.cycle(noticed_day),
        "state": state,
        "arrived_at": arrived_at,
        "ignored_reason": reasons[0] if reasons else None,
    }


def run_number_jumps(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """The rows of `fct_run_number_jumps`."""
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
    """The rows of `rpt_missing_runs`: neighbours among the open ones, folded."""
    ranges: list[list[Row]] = []
    still_open = [row for row in missing if row["state"] == "open"]
    for row in sorted(still_open, key=lambda row: (row["instrument"], row["run_number"])):
        previous = ranges[-1][-1] if ranges else None
        if (
            previous is not None
            and previous["instrument"] == row["instrument"]
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
            "age_days": (today - rows[0]["noticed_day"]).days,
        }
        for rows in ranges
    ]


def data_problems(jobs: Sequence[Job], settings: Settings) -> list[Row]:
    """The rows of `fct_data_problems`: each rule by which a job's data had to be read."""
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
    """The names of the rules that one job's data needed."""
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
    if job.is_terminal and job.finished is None:
        yield "no_end"
    if job.status == "completed" and job.started is None:
        yield "no_start"
    if job.started is not None and job.finished is not None and job.finished < job.started:
        yield "finished_before_started"
    if any(time is not None and time < job.created for time in (job.started, job.finished)):
        yield "times_out_of_order"
    if job.created > settings.as_of:
        yield "created_in_future"
