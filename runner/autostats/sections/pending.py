"""Jobs that are waiting or being processed, in a table."""

from autostats.catalogue import Catalogue
from autostats.queries.pending import pending_before, pending_rows
from autostats.queries.scope import Scope
from autostats.render.section import Column, Kind, Section

_AGE = Column(
    "age_hours", Kind.HOURS, "Age", description="How long ago it was created, as of the statistics, in hours."
)


def pending_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of pending jobs."""
    return catalogue.columns(
        "fct_jobs",
        *("instrument", "job_id", "run_number", "run_numbers", "status", "created_at", "started_at", _AGE),
    )


def pending_section(scope: Scope) -> Section:
    """Return the jobs of the period that are pending now; older ones are counted below."""
    as_of = scope.settings.as_of
    rows = [
        {**row, "age_hours": (as_of - row["created_at"]).total_seconds() / 3600}
        for row in pending_rows(scope)
    ]
    older = pending_before(scope, scope.period.first)
    return Section(
        name="pending",
        title="Pending jobs",
        which="created in this period",
        columns=pending_columns(scope.warehouse.catalogue),
        rows=rows,
        layouts=[
            ("instrument", "job_id", "run_number", "status", "created_at", "started_at", "age_hours"),
            ("instrument", "job_id", "run_number", "status", "created_at", "age_hours"),
            ("instrument", "job_id", "run_number", "age_hours"),
        ],
        count=len(rows),
        empty="None in this period.",
        notes=[f"{older} more were created before {scope.period.first}."] if older else (),
    )
