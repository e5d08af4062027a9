"""Holds the daily statistics of chosen days against a count from the source."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isclose
from typing import Any

from autostats.statistics.settings import Settings
from autostats.verification.counting import Cell, Counts, count_cells, count_resolved
from autostats.verification.job import Job, job_of_copy
from autostats.verification.source_jobs import SourceJobs, Span
from autostats.warehouse import Warehouse

_COPY = (
    "job_id, instrument, status, starter, run_number, run_numbers, is_batch, created_at, started_at, "
    "finished_at, last_updated_at"
)


@dataclass(frozen=True)
class Difference:
    """A cell in which the statistics and the source differ; None is a mean, or a row, that is not there."""

    instrument: str
    day: date
    column: str
    statistics: float | int | None
    source: float | int | None


@dataclass(frozen=True)
class Verification:
    """What a verification found.

    `remembered` jobs are no longer at the source and count as they were seen last; `newer` ones changed there
    since the statistics were built and count as they were then.
    """

    days: int
    cells: int
    jobs: int
    remembered: int
    newer: int
    differences: Sequence[Difference]


def recorded_days(warehouse: Warehouse) -> list[date]:
    """Return the complete days of the statistics, in order."""
    rows = warehouse.rows("select distinct day from fct_instrument_daily where is_complete order by day")
    return [row["day"] for row in rows]


def source_timezone(warehouse: Warehouse) -> str:
    """Return the zone of the source's naive times, as the statistics read them."""
    return str(warehouse.rows("select source_timezone from dim_settings")[0]["source_timezone"])


def spans_of(days: Iterable[date], settings: Settings) -> list[Span]:
    """Return the moments of local days; neighbours share a span."""
    spans: list[Span] = []
    for day in sorted(days):
        start, end = settings.midnight(day), settings.midnight(day + timedelta(days=1))
        if spans and spans[-1].end == start:
            start = spans.pop().start
        spans.append(Span(start, end))
    return spans


def verify_days(
    warehouse: Warehouse, source: SourceJobs, settings: Settings, days: Collection[date]
) -> Verification:
    """Count `days` anew and compare every cell of `fct_instrument_daily` that counts jobs or runs."""
    spans = spans_of(days, settings)
    jobs = _Jobs(warehouse, source, settings.as_of)
    jobs.add(source.ids_of(spans), _copied_on(warehouse, days))
    ended = [job for job in jobs.counted() if job.ended is not None and _within(job.ended, spans)]
    numbers = {job.run_number for job in ended if job.run_number is not None}
    # Whether a run was resolved shows in its history of any age.
    jobs.add(source.ids_with_numbers(numbers), _copied_with(warehouse, numbers))

    def local_day(moment: datetime) -> date:
        return settings.local(moment).date()

    on_days = [job for job in jobs.counted() if _within(job.created, spans)]
    marts = {
        (row["instrument"], row["day"]): row
        for row in warehouse.rows(
            "select * from fct_instrument_daily where day in (select unnest(?))", [sorted(days)]
        )
    }
    cells = marts.keys() | {(job.instrument, local_day(job.created)) for job in on_days}
    counts = count_cells(on_days, cells, count_resolved(jobs.counted(), local_day), local_day)
    return Verification(
        days=len(days),
        cells=len(cells),
        jobs=len(on_days),
        remembered=sum(job.job_id in jobs.remembered for job in on_days),
        newer=len(jobs.newer),
        differences=list(_differences(marts, counts)),
    )


class _Jobs:
    """The jobs to count: as the source has them, unless only our copy can tell."""

    def __init__(self, warehouse: Warehouse, source: SourceJobs, as_of: datetime) -> None:
        self._warehouse = warehouse
        self._source = source
        self._as_of = as_of
        self._jobs: dict[int, Job] = {}
        self._looked_at: set[int] = set()
        self.remembered: set[int] = set()
        self.newer: set[int] = set()

    def add(self, source_ids: Collection[int], copied_ids: Collection[int]) -> None:
        """Take up jobs, from either side."""
        ids = {*source_ids, *copied_ids} - self._looked_at
        self._looked_at |= ids
        now = self._source.jobs(ids)
        then = _copies(self._warehouse, ids)
        for job_id in ids:
            job, copy = now.get(job_id), then.get(job_id)
            if job is not None and max(job.created, job.last_updated) > self._as_of:
                self.newer.add(job_id)
                job = copy
            elif job is None and copy is not None:
                self.remembered.add(job_id)
                job = copy
            if job is not None:
                self._jobs[job_id] = job

    def counted(self) -> Collection[Job]:
        """Return all of them."""
        return self._jobs.values()


def _copies(warehouse: Warehouse, ids: Collection[int]) -> dict[int, Job]:
    """Return the jobs that our copy has and does not know to be deleted."""
    rows = warehouse.rows(
        f"select {_COPY} from fct_jobs where job_id in (select unnest(?::bigint[])) and not is_deleted",
        [sorted(ids)],
    )
    return {row["job_id"]: job_of_copy(row) for row in rows}


def _copied_on(warehouse: Warehouse, days: Collection[date]) -> set[int]:
    """Return the ids of the jobs that our copy has on the days, by creation or by end."""
    query = """
        select job_id from fct_jobs where day in (select unnest($1)) or ended_day in (select unnest($1))
    """
    return {row["job_id"] for row in warehouse.rows(query, [sorted(days)])}


def _copied_with(warehouse: Warehouse, run_numbers: Collection[int]) -> set[int]:
    """Return the ids of the jobs that our copy has with one of the run numbers."""
    query = "select job_id from fct_jobs where run_number in (select unnest(?::bigint[]))"
    return {row["job_id"] for row in warehouse.rows(query, [sorted(run_numbers)])}


def _within(moment: datetime, spans: Iterable[Span]) -> bool:
    return any(span.start <= moment < span.end for span in spans)


def _differences(marts: dict[Cell, dict[str, Any]], counts: dict[Cell, Counts]) -> Iterable[Difference]:
    """Yield the cells that differ, by day and instrument; a row that is missing counts as None throughout."""
    for cell in sorted(counts, key=lambda cell: (cell[1], cell[0])):
        for column, ours in counts[cell].items():
            theirs = marts[cell][column] if cell in marts else None
            if not _same(theirs, ours):
                yield Difference(*cell, column, theirs, ours)


def _same(left: float | int | None, right: float | int | None) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return left == right
