"""The jobs of the source, read for a second count: few columns, and whole rows only of what is counted."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo

from autostats.source.attach import attach
from autostats.source.url import Source
from autostats.verification.job import Job, job_of_source

if TYPE_CHECKING:
    pass

_AT_ONCE = 2000
_TABLE = "autoreduction.main.reduction_viewer_"
_TIMES = ("created", "started", "finished", "last_updated")


@dataclass(frozen=True)
class Span:
    """The UTC moments from `start` up to, and without, `end`."""

    start: datetime
    end: datetime


class SourceJobs:
    """An attached source. Its naive times are in the zone `source_timezone`."""

    def __init__(self, source: Source, source_timezone: str) -> None:
        """Attach `source`; raises as `source.attach` does."""
        import duckdb

        self._zone = ZoneInfo(source_timezone)
        self._connection: duckdb.DuckDBPyConnection = duckdb.connect(":memory:")
        try:
            self._era = attach(self._connection, source).era
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def ids_of(self, spans: Sequence[Span]) -> set[int]:
        """Return the ids of the jobs created, or ended, within one of the spans (or a day around it).

        No index helps here: the source reads four columns of all its jobs.
        """
        # The bounds are UTC and the column may not be: a day more on each side holds every zone.
        margin = timedelta(0) if self._zone.key == "UTC" else timedelta(days=1)
        within, bounds = [], []
        for moment in ("created", "coalesce(finished, last_updated)"):
            for span in spans:
                within.append(f"cast({moment} as timestamp) >= ? and cast({moment} as timestamp) < ?")
                bounds += [span.start - margin, span.end + margin]
        query = f"select id as job_id from {_TABLE}reductionrun where {' or '.join(within)}"
        return {row["job_id"] for row in self._rows(query, bounds)} if spans else set()

    def ids_with_numbers(self, run_numbers: Collection[int]) -> set[int]:
        """Return the ids of the jobs, of any instrument, that have one of the run numbers."""
        found = set()
        for some in _portions(run_numbers):
            if self._era == "C":
                query = (
                    f"select reduction_run_id as job_id from {_TABLE}runnumber where run_number in ({some})"
                )
            else:
                query = f"select id as job_id from {_TABLE}reductionrun where run_number in ({some})"
            found |= {row["job_id"] for row in self._rows(query)}
        return found

    def jobs(self, ids: Collection[int]) -> dict[int, Job]:
        """Return those of the jobs `ids` that the source still has, by their ids."""
        found = {}
        for some in _portions(ids):
            numbers = self._numbers(some)
            for row in self._rows(self._query(some)):
                times = {name: self._utc(row[name]) for name in _TIMES}
                found[row["job_id"]] = job_of_source(row | times, numbers[row["job_id"]])
        return found

    def _query(self, some: str) -> str:
        batch_run = "runs.batch_run" if self._era == "C" else "false"
        times = ", ".join(f"cast(runs.{name} as timestamp) as {name}" for name in _TIMES)
        return f"""
            select
                runs.id as job_id,
                instruments.name as instrument,
                statuses.value as status,
                runs.started_by,
                {batch_run} as batch_run,
                {times}
            from (select * from {_TABLE}reductionrun where id in ({some})) as runs
            left join {_TABLE}instrument as instruments on runs.instrument_id = instruments.id
            left join {_TABLE}status as statuses on runs.status_id = statuses.id
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
            if row["run_number"] is not None:
                numbers[row["job_id"]].append(row["run_number"])
        return numbers

    def _rows(self, query: str, bounds: Sequence[datetime] = ()) -> list[dict[str, Any]]:
        result = self._connection.execute(query, list(bounds))
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def _utc(self, moment: datetime | None) -> datetime | None:
        """Return a time of the source in UTC; of one that occurs twice, the first."""
        if moment is None:
            return None
        return moment.replace(tzinfo=self._zone, fold=0).astimezone(UTC).replace(tzinfo=None)


def _portions(numbers: Collection[int]) -> Iterator[str]:
    """Yield the whole numbers as lists for SQL's IN, some thousand at a time."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ", ".join(str(int(number)) for number in ordered[start : start + _AT_ONCE])
