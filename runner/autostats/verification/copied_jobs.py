"""The jobs as our copy has them, for those that the source no longer has or has changed since."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from autostats.verification.job import Job, SourceJob
from autostats.verification.known_runs import KnownRuns
from autostats.verification.settings import IgnoredRuns, Settings
from autostats.warehouse import Warehouse

_COLUMNS = (
    "job_id, instrument, rb_number, run_version, started_by, status, software, reduction_host, run_title, "
    "run_number, run_numbers, is_batch, created_at, started_at, finished_at, last_updated_at"
)
_KNOWN_RUNS = """
    select
        job_id,
        instrument,
        unnest(string_split(coalesce(run_numbers, cast(run_number as varchar)), ','))::bigint as run_number
    from fct_jobs
    where not is_deleted and coalesce(run_numbers, cast(run_number as varchar)) is not null
"""


def read_recount_settings(warehouse: Warehouse) -> Settings:
    """Return the settings of the statistics, without the beam cycles, which are not recounted."""
    [row] = warehouse.rows(
        "select as_of, facility_timezone, source_timezone, max_gap, lookback_days, earliest_time"
        " from dim_settings"
    )
    ignored = warehouse.rows("select instrument, first_run_number, last_run_number, reason from ignored_runs")
    return Settings(**row, ignored=tuple(IgnoredRuns(**line) for line in ignored))


class CopiedJobs:
    """The jobs of `fct_jobs` that are not known to be deleted."""

    def __init__(self, warehouse: Warehouse, settings: Settings) -> None:
        self._warehouse = warehouse
        self._settings = settings
        self.runs = KnownRuns(warehouse.rows, _KNOWN_RUNS)

    def first_days(self) -> dict[str, date]:
        """Return the day of each instrument's first job."""
        rows = self._warehouse.rows(
            "select instrument, min(day) as day from fct_jobs where not is_deleted and day is not null"
            " group by instrument"
        )
        return {row["instrument"]: row["day"] for row in rows}

    def ids_on(self, days: Collection[date]) -> set[int]:
        """Return the ids of the jobs that were created, or ended, on the days."""
        query = (
            "select job_id from fct_jobs where day in (select unnest($1)) or ended_day in (select unnest($1))"
        )
        return {row["job_id"] for row in self._warehouse.rows(query, [sorted(days)])}

    def jobs(self, ids: Collection[int]) -> dict[int, Job]:
        """Return the jobs among `ids` that our copy has, by id."""
        return self._jobs("job_id in (select unnest(?::bigint[]))", [sorted(ids)])

    def oldest(self) -> dict[int, Job]:
        """Return the ten jobs with the lowest ids that have a creation time, by id."""
        return self._jobs("created_at is not null order by job_id limit 10", [])

    def _jobs(self, which: str, parameters: list[Any]) -> dict[int, Job]:
        rows = self._warehouse.rows(
            f"select {_COLUMNS} from fct_jobs where not is_deleted and {which}", parameters
        )
        return {row["job_id"]: Job(_source_job(row), self._settings) for row in rows}


def _source_job(row: Mapping[str, Any]) -> SourceJob:
    if row["run_numbers"] is not None:
        numbers = tuple(int(number) for number in row["run_numbers"].split(","))
    else:
        numbers = () if row["run_number"] is None else (row["run_number"],)
    return SourceJob(
        job_id=row["job_id"],
        instrument=row["instrument"],
        rb_number=row["rb_number"],
        run_version=row["run_version"],
        started_by=row["started_by"],
        status=row["status"],
        batch_run=row["is_batch"],
        run_numbers=numbers,
        created=_utc(row["created_at"]),
        started=_utc(row["started_at"]),
        finished=_utc(row["finished_at"]),
        last_updated=_utc(row["last_updated_at"]),
        reduction_host=row["reduction_host"],
        run_title=row["run_title"],
        software=row["software"],
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
