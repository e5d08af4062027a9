"""The jobs to count: as the source has them, unless only our copy knows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from autostats.verification.copied_jobs import CopiedJobs
from autostats.verification.job import Job
from autostats.verification.known_runs import Run
from autostats.verification.recount import arrivals
from autostats.verification.settings import Settings
from autostats.verification.source_jobs import SourceJobs, Span


class Jobs:
    """Jobs from either side, loaded step by step.

    Those that the source no longer has, but no run has found deleted, are `remembered`; those that changed
    there since the statistics were built are `newer`. Both count as our copy has them.
    """

    def __init__(self, source: SourceJobs, copy: CopiedJobs, settings: Settings) -> None:
        self._source = source
        self._copy = copy
        self._settings = settings
        self._jobs: dict[int, Job] = {}
        self._copies: dict[int, Job] = {}
        self._looked_at: set[int] = set()
        self.remembered: set[int] = set()
        self.newer: set[int] = set()

    def counted(self) -> Collection[Job]:
        """Return all of them."""
        return self._jobs.values()

    def images(self) -> Iterator[tuple[Job, Job | None]]:
        """Yield each job as it is counted and as our copy has it, then again the other way round."""
        for job_id in self._jobs.keys() | self._copies.keys():
            copy = self._copies.get(job_id)
            for job in filter(None, (self._jobs.get(job_id), copy)):
                yield job, copy

    def add_on(self, days: Collection[date], spans: Sequence[Span]) -> None:
        """Load the jobs that have a time on one of the days, which are the times in `spans`."""
        self._add(self._source.ids_of(spans) | self._copy.ids_on(days))

    def add_runs(self, runs: Collection[Run]) -> None:
        """Load all jobs of the runs."""
        self._add(self._source.runs.jobs_of(runs) | self._copy.runs.jobs_of(runs))

    def add_runs_below(self, runs: Collection[Run]) -> None:
        """Load the jobs of the next lower run that counts, for each of the runs."""
        while runs:
            theirs, ours = self._source.runs.next_below(runs), self._copy.runs.next_below(runs)
            below = {
                (run[0], max(side[run] for side in (theirs, ours) if run in side))
                for run in theirs.keys() | ours.keys()
            }
            self.add_runs(below)
            known = arrivals(self.counted())
            # A run that does not count, such as one whose jobs are newer than the statistics, is skipped.
            runs = {run for run in below if run[0] != "unknown" and run[1] not in known.get(run[0], {})}

    def _add(self, ids: Collection[int]) -> None:
        new = set(ids) - self._looked_at
        self._looked_at |= new
        now, then = self._source.jobs(new), self._copy.jobs(new)
        self._copies |= then
        for job_id in new:
            job, copy = now.get(job_id), then.get(job_id)
            if job is not None and self._is_newer(job):
                self.newer.add(job_id)
                job = copy
            elif job is None and copy is not None:
                self.remembered.add(job_id)
                job = copy
            elif job is not None and copy is not None and not self._source.names_software:
                # What the source no longer names keeps its last name.
                job = replace(job, source=job.source.with_cells({"software": copy.source.software}))
            if job is not None:
                self._jobs[job_id] = job

    def _is_newer(self, job: Job) -> bool:
        """Return whether a job was created or changed after the statistics were built, however long after."""
        moments = map(self._settings.read, (job.source.created, job.source.last_updated))
        return any(moment is not None and moment > self._settings.as_of for moment in moments)
