"""What our copy of the source keeps about jobs that changed or vanished there, run by run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from autostats.verification.job import PENDING, Job, SourceJob
from autostats.verification.settings import DAYS_AHEAD, Settings

# The names of the source's rows, by column and key.
Names = Mapping[str, Mapping[int, str | int]]


@dataclass
class Memory:
    """What our copy of the source remembers from one run to the next.

    A run looks again at every job within reach: all ids from the smallest of a job created in the look-back
    on, the jobs that may change by themselves, those that the source has and we lack, and the id range of the
    jobs created on the days of a rebuild. Of these, the ones that vanished are flagged as deleted. Everything
    else stays as last seen until a full refresh, which reads everything.

    A name belongs to a row of the source, to which jobs refer by key: each job has the name that its row had
    when a run last saw that row. Another source's rows do not name the jobs that only our copy has.
    """

    seen: dict[int, SourceJob] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    # The moment of the run that last read each job.
    read_at: dict[int, datetime] = field(default_factory=dict)
    # By column and key, and by job: the key in each column.
    names: dict[tuple[str, int], str | int] = field(default_factory=dict)
    keys: dict[int, dict[str, int]] = field(default_factory=dict)
    last_change: datetime | None = None
    settings: Settings = field(default_factory=lambda: Settings(datetime(2020, 1, 1)))

    def run(
        self,
        source: Mapping[int, SourceJob],
        settings: Settings,
        rebuilt: tuple[date, date] | None = None,
        full_refresh: bool = False,
        accepts_source: bool = False,
        names: Names | None = None,
    ) -> None:
        """Record what one run sees of the source; `rebuilt` is the first and last day of a rebuild."""
        names = names or {}
        self.settings = settings
        reach = self.reach(settings, rebuilt)
        before = (self.rows(), set(self.deleted))
        for job_id, job in source.items():
            is_late = job_id not in self.seen or job_id in self.deleted
            if full_refresh or is_late or job_id in reach:
                self.seen[job_id] = job
                self.read_at[job_id] = settings.as_of
                self.keys[job_id] = {
                    column: key
                    for column, of_column in names.items()
                    for key, name in of_column.items()
                    if name == getattr(job, column)
                }
                self.deleted.discard(job_id)
        gone = self.seen.keys() - source.keys()
        self.deleted |= {job_id for job_id in gone if accepts_source or job_id in reach}
        if accepts_source:
            self.names = {}
            self.keys = {job_id: keys for job_id, keys in self.keys.items() if job_id in source}
        self.names |= {
            (column, key): name for column, of_column in names.items() for key, name in of_column.items()
        }
        for job_id, keys in self.keys.items():
            called = {column: self.names[column, key] for column, key in keys.items()}
            self.seen[job_id] = self.seen[job_id].with_cells(called)
        if full_refresh:
            self.last_change = settings.as_of
        elif before != (self.rows(), self.deleted):
            self.last_change = max(settings.as_of, self.last_change or settings.as_of)

    def rows(self) -> dict[int, tuple[SourceJob, tuple[object, ...]]]:
        """Each job as it was seen, and as it was read, which may depend on the moment of the run."""
        return {
            job_id: (job, tuple(self.as_read(job_id).time(name) for name in DAYS_AHEAD))
            for job_id, job in self.seen.items()
        }

    def as_read(self, job_id: int, settings: Settings | None = None) -> Job:
        """A job as it was read by the last run that looked at it."""
        settings = replace(settings or self.settings, as_of=self.read_at[job_id])
        return Job(self.seen[job_id], settings, is_deleted=job_id in self.deleted)

    def reach(self, settings: Settings, rebuilt: tuple[date, date] | None = None) -> Reach:
        """The ids that a run looks at again."""
        known = [self.as_read(job_id, settings) for job_id in self.seen]
        latest = settings.as_of if self.last_change is None else min(settings.as_of, self.last_change)
        start = latest - timedelta(days=settings.lookback_days)
        recent = [job.job_id for job in known if job.created and start <= job.created <= settings.as_of]
        from_id = min(recent, default=max(self.seen, default=-1) + 1)
        may_change = {
            job.job_id
            for job in known
            if job.status in PENDING or job.has_future_time or self.is_future_now(job, settings)
        }
        of_days = [
            job.job_id
            for job in known
            if rebuilt is not None
            and job.day is not None
            and rebuilt[0] <= job.day <= rebuilt[1]
            and job.job_id < from_id
        ]
        return Reach(from_id, may_change, range(min(of_days), max(of_days) + 1) if of_days else range(0))

    def is_future_now(self, job: Job, settings: Settings) -> bool:
        """Whether a run in the past has to read a job again because its times are in the future."""
        if self.last_change is None or self.last_change <= settings.as_of:
            return False
        return any(
            (moment := job.time(name)) is not None and moment > settings.as_of + timedelta(days=days)
            for name, days in DAYS_AHEAD.items()
        )

    def jobs(self, settings: Settings) -> list[Job]:
        """What the statistics are made of: every job as it was last seen, and whether it was deleted."""
        return [
            self.as_read(job_id, settings) if job_id in self.deleted else Job(job, settings)
            for job_id, job in sorted(self.seen.items())
        ]


@dataclass(frozen=True)
class Reach:
    """The ids that a run reads from the source."""

    from_id: int
    may_change: set[int]
    rebuilt: range

    def __contains__(self, job_id: int) -> bool:
        return job_id >= self.from_id or job_id in self.may_change or job_id in self.rebuilt
