"""The jobs of the source, read for a second count: a few columns of all, whole rows of those counted."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from autostats.source.attach import attach
from autostats.source.url import Source
from autostats.verification.cells import read_number
from autostats.verification.job import Job, SourceJob
from autostats.verification.known_runs import KnownRuns
from autostats.verification.settings import DAYS_AHEAD, Settings

_AT_ONCE = 2000
_TABLE = "autoreduction.main.reduction_viewer_"
# The bounds are UTC, but a time may have an offset: an extra day on each side covers every zone.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """The UTC moments from `start` up to, but not including, `end`."""

    start: datetime
    end: datetime


class SourceJobs:
    """An attached source, with the settings for reading it."""

    def __init__(self, source: Source, settings: Settings) -> None:
        """Attach `source`. Raises as `source.attach` does."""
        import duckdb

        self._settings = settings
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        try:
            self._schema = attach(self._connection, source)
            self._era = self._schema.era
        except BaseException:
            self._connection.close()
            raise

    @property
    def names_software(self) -> bool:
        """Whether the account may read which software ran a job."""
        columns = self._schema.columns
        return "software" in columns and "software_id" in columns["reductionrun"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def read_times(self, spans: Sequence[Span]) -> None:
        """Find which jobs have a time within the spans: one pass over five columns of all jobs."""
        within, bounds = [], []
        for name in DAYS_AHEAD:
            for span in spans:
                within.append(f"{name} >= ? and {name} < ?")
                bounds += [span.start - _MARGIN, span.end + _MARGIN]
        times = ", ".join(f"try_cast({name} as timestamp) as {name}" for name in DAYS_AHEAD)
        self._rows(
            "create temp table times as select *"
            f" from (select id as job_id, {times} from {_TABLE}reductionrun) where {' or '.join(within)}",
            bounds,
        )

    def read_runs(self) -> None:
        """Find which jobs have which run numbers: one pass over these columns."""
        run_number = "try_cast(run_number as bigint) as run_number"
        jobs = f"{_TABLE}reductionrun"
        if self._era == "C":
            jobs = (
                "(select runs.id, runs.instrument_id, numbers.run_number"
                f" from {_TABLE}runnumber as numbers"
                f" inner join {_TABLE}reductionrun as runs on numbers.reduction_run_id = runs.id)"
            )
        self.runs = KnownRuns(
            self._rows,
            f"select jobs.id as job_id, coalesce(instruments.name, 'unknown') as instrument, {run_number}"
            f" from {jobs} as jobs left join {_TABLE}instrument as instruments"
            " on jobs.instrument_id = instruments.id where try_cast(run_number as bigint) >= 1",
        )

    def jobs_per_day(self) -> dict[date, int]:
        """Return roughly how many jobs each UTC day has."""
        query = """
            select cast(coalesce(created, last_updated, finished, started) as date) as day, count(*) as jobs
            from times group by day
        """
        return {row["day"]: row["jobs"] for row in self._rows(query)}

    def ids_of(self, spans: Sequence[Span]) -> set[int]:
        """Return the ids of the jobs with a time within one of the spans (or a day around it)."""
        within = " or ".join(f"{name} >= $1 and {name} < $2" for name in DAYS_AHEAD)
        return {
            row["job_id"]
            for span in spans
            for row in self._rows(
                f"select job_id from times where {within}", [span.start - _MARGIN, span.end + _MARGIN]
            )
        }

    def jobs(self, ids: Collection[int]) -> dict[int, Job]:
        """Return the jobs among `ids` that the source still has, by id."""
        found = {}
        for some in _portions(ids):
            numbers = self._numbers(some)
            for row in self._rows(self._query(some)):
                cells = row | {
                    "status": row["status"] or "",
                    "started_by": read_number(row["started_by"]),
                    "rb_number": read_number(row["rb_number"]),
                    "run_numbers": tuple(numbers[row["job_id"]]),
                }
                found[row["job_id"]] = Job(SourceJob(**cells), self._settings)
        return found

    def _query(self, some: str) -> str:
        batch_run = "runs.batch_run" if self._era == "C" else "false"
        times = ", ".join(f"cast(runs.{name} as varchar) as {name}" for name in DAYS_AHEAD)
        host, title = (
            f"runs.{name}" if name in self._schema.columns["reductionrun"] else "null"
            for name in ("reduction_host", "run_title")
        )
        software, join = "null", ""
        if self.names_software:
            name, version = (
                f"trim(coalesce(cast(softwares.{part} as varchar), ''))" for part in ("name", "version")
            )
            software = f"{name} || ' ' || {version}"
            join = f"left join {_TABLE}software as softwares on runs.software_id = softwares.id"
        return f"""
            select
                runs.id as job_id,
                instruments.name as instrument,
                experiments.reference_number as rb_number,
                0 as run_version,
                statuses.value as status,
                runs.started_by,
                coalesce(try_cast({batch_run} as boolean), false) as batch_run,
                cast({host} as varchar) as reduction_host,
                cast({title} as varchar) as run_title,
                {software} as software,
                {times}
            from (select * from {_TABLE}reductionrun where id in ({some})) as runs
            left join {_TABLE}instrument as instruments on runs.instrument_id = instruments.id
            left join {_TABLE}status as statuses on runs.status_id = statuses.id
            left join {_TABLE}experiment as experiments on runs.experiment_id = experiments.id
            {join}
        """

    def _numbers(self, some: str) -> Mapping[int, list[int]]:
        if self._era == "C":
            query = f"""
                select reduction_run_id as job_id, run_number
                from {_TABLE}runnumber where reduction_run_id in ({some})
            """
        else:
            query = f"select id as job_id, run_number from {_TABLE}reductionrun where id in ({some})"
        numbers = defaultdict(list)
        for row in self._rows(query):
            number = read_number(row["run_number"])
            if number is not None:
                numbers[row["job_id"]].append(number)
        return numbers

    def _rows(self, query: str, bounds: Sequence[Any] = ()) -> list[dict[str, Any]]:
        result = self._connection.execute(query, list(bounds))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _portions(numbers: Collection[int]) -> Iterator[str]:
    """Yield the numbers as lists for SQL's IN, a few thousand at a time."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ", ".join(str(int(number)) for number in ordered[start : start + _AT_ONCE])
