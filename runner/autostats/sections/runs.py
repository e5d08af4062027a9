"""Runs that were resolved, and runs that still fail."""

from datetime import timedelta

from autostats.queries.runs import resolved_rows, unresolved_before, unresolved_rows
from autostats.queries.scope import Scope
from autostats.render.section import Section

RESOLVED = (
    "instrument",
    "run_number",
    "resolved_day",
    "first_failed_at",
    "resolved_at",
    "attempts",
    "hours_to_resolve",
    "resolved_by",
    "is_still_passing",
)
UNRESOLVED = (
    "instrument",
    "run_number",
    "failed_day",
    "failed_since",
    "last_failed_at",
    "attempts",
    "last_job_id",
    "last_started_by",
)


def resolved_section(scope: Scope) -> Section:
    """Return the runs that were resolved in the period."""
    rows = resolved_rows(scope)
    return Section(
        name="resolved",
        title="Resolved runs",
        which="failed before and passed in this period",
        columns=scope.warehouse.catalogue.columns("fct_resolved_runs", *RESOLVED),
        rows=rows,
        layouts=[
            (
                "instrument",
                "run_number",
                "first_failed_at",
                "resolved_at",
                "hours_to_resolve",
                "attempts",
                "resolved_by",
                "is_still_passing",
            ),
            (
                "instrument",
                "run_number",
                "resolved_at",
                "hours_to_resolve",
                "attempts",
                "resolved_by",
                "is_still_passing",
            ),
            ("instrument", "run_number", "resolved_at", "hours_to_resolve", "attempts"),
        ],
        empty="None in this period.",
        count=len(rows),
    )


def unresolved_section(scope: Scope) -> Section:
    """Return the runs that failed in the period and have not passed since; older ones are counted below."""
    begins_at = scope.settings.midnight(scope.period.first)
    ends_at = scope.settings.midnight(scope.period.last + timedelta(days=1))
    rows = unresolved_rows(scope, begins_at, ends_at)
    older = unresolved_before(scope, begins_at)
    return Section(
        name="unresolved",
        title="Unresolved runs",
        which="failed in this period and not passed since",
        columns=scope.warehouse.catalogue.columns("fct_unresolved_runs", *UNRESOLVED),
        rows=rows,
        layouts=[
            (
                "instrument",
                "run_number",
                "failed_since",
                "last_failed_at",
                "attempts",
                "last_job_id",
                "last_started_by",
            ),
            ("instrument", "run_number", "failed_since", "last_failed_at", "attempts", "last_job_id"),
            ("instrument", "run_number", "failed_since", "attempts"),
        ],
        empty="None in this period.",
        count=len(rows),
        notes=[f"{older} more that last failed before {scope.period.first}."] if older else (),
    )
