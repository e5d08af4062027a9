"""Jobs that have neither ended nor been skipped."""

from datetime import date

from autostats.queries.rows import Row
from autostats.queries.scope import Scope

# As `jobs_pending` counts them.
_PENDING = "status in ('queued', 'processing') and not is_deleted"


def pending_rows(scope: Scope) -> list[Row]:
    """Return the pending jobs that were created in the period, the oldest first."""
    chosen, parameters = scope.condition()
    return scope.warehouse.rows(
        f"""
        select instrument, job_id, run_number, run_numbers, status, created_at, started_at, day
        from fct_jobs
        where {_PENDING} and {chosen}
        order by created_at, job_id
        """,
        parameters,
    )


def pending_before(scope: Scope, day: date) -> int:
    """Return how many jobs that were created before a local day are pending."""
    chosen, names = scope.among()
    [row] = scope.warehouse.rows(
        f"select count(*) as jobs from fct_jobs where {_PENDING} and day < ? and {chosen}", [day, *names]
    )
    return int(row["jobs"])
