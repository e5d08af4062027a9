"""What is known of one run: whether it is missing, its jobs, and the looks at the archive."""

from dataclasses import dataclass

from autostats.queries.rows import Row
from autostats.warehouse import Warehouse

_MISSING = """
select kind, state, noticed_at, noticed_day, cycle, arrived_at, ignored_reason
from fct_missing_runs
where instrument = ? and run_number = ?
order by noticed_at, kind
"""
# Of a batch, only the list names the run.
_JOBS = """
select job_id, rb_number, run_title, run_version, run_number, run_numbers, status, starter, started_by,
    is_batch, is_deleted, created_at, started_at, finished_at, exe_time
from fct_jobs
where instrument = ? and (run_number = ? or list_contains(string_split(run_numbers, ','), cast(? as varchar)))
order by created_at, job_id
"""
# If the newest look proves nothing, the one before it stays in force.
_LOOKS = """
select counts.location, counts.file_type, counts.cycle, looks.started_at, looks.ended_at,
    coalesce(bool_or(looks.first_run_number <= ? and looks.last_run_number >= ?), false) as has_run,
    bool_or(looks.is_settled) filter (looks.first_run_number <= ? and looks.last_run_number >= ?)
        as is_settled,
    counts.looks_unmounted
from fct_file_counts as counts
inner join int_file_runs as looks using (file_count_key)
where counts.instrument = ?
group by all
order by has_run desc, looks.started_at desc, counts.location, counts.file_type, counts.cycle
"""
_NEWEST_LOAD = "select load_number, loaded_at from fct_loads order by load_number desc limit 1"


@dataclass(frozen=True)
class KnownRun:
    """What is known of a run; `load` is the newest load, None if there is none."""

    missing: list[Row]
    jobs: list[Row]
    looks: list[Row]
    load: Row | None

    @property
    def is_known(self) -> bool:
        """Whether anything is known of it."""
        return bool(self.missing or self.jobs or any(look["has_run"] for look in self.looks))


def explain_run(warehouse: Warehouse, instrument: str, run_number: int) -> KnownRun:
    """Return what the statistics know of a run."""
    run = [instrument, run_number]
    return KnownRun(
        missing=warehouse.rows(_MISSING, run),
        jobs=warehouse.rows(_JOBS, [*run, run_number]),
        looks=warehouse.rows(_LOOKS, [*[run_number] * 4, instrument]),
        load=next(iter(warehouse.rows(_NEWEST_LOAD)), None),
    )
