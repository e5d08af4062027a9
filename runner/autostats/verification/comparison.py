"""Comparison of the statistics of chosen days with a count from the source."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isclose
from typing import Any

from autostats.verification.concerned import Concerned
from autostats.verification.copied_jobs import CopiedJobs
from autostats.verification.job import Job
from autostats.verification.jobs import Jobs
from autostats.verification.recount import (
    KEYS,
    Row,
    arrivals,
    consecutive,
    day_counts,
    job_volume_daily,
    missing_between,
    resolved_runs,
    run_daily,
    unresolved_runs,
)
from autostats.verification.settings import Settings
from autostats.verification.source_jobs import SourceJobs, Span
from autostats.warehouse import Warehouse

Value = float | int | str | bool | None
OnDay = Callable[[int, int], None]

# The tables that are compared, and the day that a row of each belongs to.
DAY_OF = {
    "fct_instrument_daily": "day",
    "fct_job_volume_daily": "day",
    "fct_run_daily": "day",
    "fct_resolved_runs": "resolved_day",
    "fct_unresolved_runs": "failed_day",
    "fct_missing_runs": "noticed_day",
}
# Columns that come from the calendar or the build, not from the source.
_LEFT_OUT = {
    *("cycle", "is_maintenance_day", "is_complete", "kind", "is_counted"),
    *("instrument_day_key", "load_number", "loaded_at"),
}
_JOBS_AT_ONCE = 50_000
# The missing runs that the jobs tell of, without what the archive says of them.
_FROM_JOBS_ALONE = """(
    select missing.* replace (case missing.state when 'settling' then 'open' else missing.state end as state)
    from fct_missing_runs as missing
    anti join fct_run_number_jumps as jumps
        on missing.instrument = jumps.instrument
        and missing.run_number > jumps.run_number_before
        and missing.run_number < jumps.run_number_after
    left join (
        select instrument, min(run_number) as first_run_number, max(run_number) as last_run_number
        from (
            select
                instrument,
                unnest(string_split(coalesce(run_numbers, run_number::varchar), ','))::bigint as run_number
            from fct_jobs
            where not is_deleted
        )
        group by instrument
    ) as known using (instrument)
    where missing.kind in ('gap', 'archive_only', 'never_written')
        or missing.kind = 'announced_only'
        and missing.run_number between known.first_run_number and known.last_run_number
)"""


@dataclass(frozen=True)
class Difference:
    """A cell in which the statistics and the source differ; None means an empty cell or no such row.

    What else the key of the row consists of is in brackets after the column.
    """

    table: str
    instrument: str
    run_number: int | None
    day: date
    column: str
    statistics: Value
    source: Value


@dataclass
class Verification:
    """What a verification found.

    `cells` are the rows of the daily record, and `rows` those of all tables. `remembered` jobs are no longer
    at the source and count as they were last seen; `newer` ones changed there since the statistics were built
    and count as they were then. `days_to_rebuild` holds the days on which our copy has the jobs behind the
    differences, and `needs_full_refresh` says that a rebuild of these days cannot reach them.
    """

    days: int
    cells: int = 0
    rows: int = 0
    jobs: int = 0
    remembered: int = 0
    newer: int = 0
    differences: list[Difference] = field(default_factory=list)
    days_to_rebuild: set[date] = field(default_factory=set)
    needs_full_refresh: bool = False
    is_another_source: bool = False


def days_to_verify(warehouse: Warehouse, settings: Settings) -> list[date]:
    """Return the complete days since the first job, in order."""
    [row] = warehouse.rows("select min(day) as day from fct_jobs where not is_deleted")
    last = settings.local_day(settings.as_of) - timedelta(days=1)
    if row["day"] is None:
        return []
    return [row["day"] + timedelta(days=offset) for offset in range((last - row["day"]).days + 1)]


def spans_of(days: Iterable[date], settings: Settings) -> list[Span]:
    """Return the time spans of local days; adjacent days share a span."""
    spans: list[Span] = []
    for day in sorted(days):
        start, end = settings.day_start(day), settings.day_start(day + timedelta(days=1))
        if spans and spans[-1].end == start:
            start = spans.pop().start
        spans.append(Span(start, end))
    return spans


def verify_days(
    warehouse: Warehouse,
    source: SourceJobs,
    settings: Settings,
    days: Collection[date],
    on_day: OnDay = lambda done, total: None,
) -> Verification:
    """Recount `days` and compare every row that belongs to them.

    `on_day` is called with the number of days done and their total. Only some of their jobs are in memory at
    once.
    """
    found = Verification(len(days))
    source.read_times(spans_of(days, settings))
    source.read_runs()
    copy = CopiedJobs(warehouse, settings)
    first_days = copy.first_days()
    done = 0
    on_day(done, len(days))
    for some in _portions(days, source):
        _Portion(warehouse, Jobs(source, copy, settings), settings, some).verify(found, first_days)
        done += len(some)
        on_day(done, len(days))
    if found.differences:
        known = copy.oldest()
        there = source.jobs(known)
        found.is_another_source = bool(there) and all(
            job.created != known[job_id].created for job_id, job in there.items()
        )
    return found


def _portions(days: Collection[date], source: SourceJobs) -> Iterator[set[date]]:
    """Yield the days in order, as many at once as have a manageable number of jobs."""
    per_day = source.jobs_per_day()
    portion: set[date] = set()
    jobs = 0
    for day in sorted(days):
        jobs += per_day.get(day, 0)
        if portion and jobs > _JOBS_AT_ONCE:
            yield portion
            portion, jobs = set(), per_day.get(day, 0)
        portion.add(day)
    if portion:
        yield portion


class _Portion:
    """Some of the days, whose jobs are in memory together."""

    def __init__(self, warehouse: Warehouse, jobs: Jobs, settings: Settings, days: set[date]) -> None:
        self._warehouse = warehouse
        self._jobs = jobs
        self._settings = settings
        self._days = days

    def verify(self, found: Verification, first_days: dict[str, date]) -> None:
        """Add the findings for these days."""
        self._read()
        statistics = {table: self._rows(table) for table in DAY_OF}
        on_days = [job for job in self._jobs.counted() if job.day in self._days]
        counts = self._count(on_days, statistics["fct_instrument_daily"], first_days)
        differences = [
            difference
            for table in DAY_OF
            for difference in _differences(table, statistics[table], counts[table])
        ]
        tables = list(DAY_OF)
        differences.sort(
            key=lambda one: (one.day, tables.index(one.table), one.instrument, one.run_number or 0)
        )
        found.cells += len(counts["fct_instrument_daily"])
        found.rows += sum(map(len, counts.values()))
        found.jobs += len(on_days)
        found.remembered += sum(job.job_id in self._jobs.remembered for job in on_days)
        found.newer += len(self._jobs.newer)
        found.differences += differences
        if differences:
            concerned = Concerned(self._jobs)
            for one in differences:
                is_missing = one.table == "fct_missing_runs"
                days = concerned.days_of(one.instrument, one.run_number, one.day, is_missing=is_missing)
                found.days_to_rebuild |= days
                found.needs_full_refresh |= not days

    def _read(self) -> None:
        """Load the jobs of these days, of all their runs, and of the runs before those that arrived."""
        jobs, days, settings = self._jobs, self._days, self._settings
        jobs.add_on(days, spans_of(days, settings))
        jobs.add_runs(
            {
                (job.instrument, number)
                for job in jobs.counted()
                if days & {job.day, job.end_day, settings.local_day(job.arrived)}
                for number in job.numbers
            }
        )
        jobs.add_runs_below(
            {
                (instrument, number)
                for instrument, arrived in arrivals(jobs.counted()).items()
                for number, moment in arrived.items()
                if settings.local_day(moment) in days
            }
        )

    def _rows(self, table: str) -> list[Row]:
        place = _FROM_JOBS_ALONE if table == "fct_missing_runs" else table
        query = f"select * from {place} where {DAY_OF[table]} in (select unnest(?))"
        return self._warehouse.rows(query, [sorted(self._days)])

    def _count(
        self, on_days: Sequence[Job], cells: Sequence[Row], first_days: dict[str, date]
    ) -> dict[str, list[Row]]:
        """Return the rows that each table should have for these days."""
        settings, days = self._settings, self._days
        jobs = list(self._jobs.counted())
        resolved = [row for row in resolved_runs(jobs, settings) if row["resolved_day"] in days]
        of_cell: dict[tuple[str, date | None], list[Job]] = {
            (row["instrument"], row["day"]): [] for row in cells
        }
        of_cell |= {(name, day): [] for name, first in first_days.items() for day in days if day >= first}
        for job in on_days:
            of_cell.setdefault((job.instrument, job.day), []).append(job)
        resolutions = [(row["instrument"], row["resolved_day"]) for row in resolved]
        return {
            "fct_instrument_daily": [
                {"instrument": cell[0], "day": cell[1]}
                | day_counts(of_day)
                | {"resolved_runs": resolutions.count(cell)}
                for cell, of_day in of_cell.items()
            ],
            "fct_job_volume_daily": job_volume_daily(on_days),
            "fct_run_daily": run_daily(on_days),
            "fct_resolved_runs": resolved,
            "fct_unresolved_runs": [
                row for row in unresolved_runs(jobs, settings) if row["failed_day"] in days
            ],
            "fct_missing_runs": [
                row
                for instrument, arrived in arrivals(jobs).items()
                for before, after in consecutive(arrived)
                if settings.local_day(arrived[after]) in days
                for row in missing_between(
                    instrument, (before, arrived[before]), (after, arrived[after]), settings
                )
            ],
        }


def _differences(table: str, theirs: Sequence[Row], ours: Sequence[Row]) -> Iterator[Difference]:
    """Yield the cells that differ; a missing row counts as all empty."""
    key, day = KEYS[table], DAY_OF[table]
    statistics = {tuple(row[name] for name in key): row for row in theirs}
    source = {tuple(row[name] for name in key): row for row in ours}
    for at in statistics.keys() | source.keys():
        left, right = statistics.get(at, {}), source.get(at, {})
        row = right or left
        others = [str(row[name]) for name in key if name not in ("instrument", "run_number", day)]
        of_row = f" ({', '.join(others)})" if others else ""
        for column in row:
            if column not in (*key, *_LEFT_OUT) and not _same(left.get(column), right.get(column)):
                yield Difference(
                    table=table,
                    instrument=row["instrument"],
                    run_number=row.get("run_number"),
                    day=row[day],
                    column=column + of_row,
                    statistics=_value(left.get(column)),
                    source=_value(right.get(column)),
                )


def _same(left: object, right: object) -> bool:
    if isinstance(left, float | Decimal) and isinstance(right, float):
        return isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return left == right


def _value(cell: Any) -> Value:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat() if isinstance(cell, date | datetime) else cell
