"""Runs that were resolved, and runs that still fail."""

from collections.abc import Sequence
from datetime import timedelta

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.sections.counted import INSTRUMENT
from autostats.statistics.runs import resolved_rows, unresolved_before, unresolved_rows
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

RESOLVED_COLUMNS = (
    INSTRUMENT,
    Column("run_number", Kind.NUMBER, "Run"),
    Column("resolved_day", Kind.DAY, "Resolved\non"),
    Column("first_failed_at", Kind.TIME, "Failed at"),
    Column("resolved_at", Kind.TIME, "Resolved at"),
    Column("attempts", Kind.COUNT, "Attempts", "{} attempt(s)"),
    Column("hours_to_resolve", Kind.HOURS, "After"),
    Column("resolved_by", Kind.TEXT, "By"),
    Column("is_still_passing", Kind.FLAG, "Still\npassing"),
)
UNRESOLVED_COLUMNS = (
    INSTRUMENT,
    Column("run_number", Kind.NUMBER, "Run"),
    Column("failed_day", Kind.DAY, "Failing\nfrom"),
    Column("failed_since", Kind.TIME, "Failing since"),
    Column("last_failed_at", Kind.TIME, "Last failed"),
    Column("attempts", Kind.COUNT, "Attempts", "{} attempt(s)"),
    Column("last_job_id", Kind.NUMBER, "Last job"),
    Column("last_started_by", Kind.TEXT, "Last\nstarted by"),
)


def resolved_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    """Return the runs that were resolved in the period."""
    return Section(
        name="resolved",
        title="Resolved runs (failed before, passed in this period)",
        columns=RESOLVED_COLUMNS,
        rows=resolved_rows(warehouse, period, instruments),
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
        short_headings={"attempts": "Tries"},
        empty="None in this period.",
    )


def unresolved_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    """Return the runs that failed in the period and have not passed since; older ones are counted below."""
    begins_at = settings.midnight(period.first)
    ends_at = settings.midnight(period.last + timedelta(days=1))
    older = unresolved_before(warehouse, begins_at, instruments)
    return Section(
        name="unresolved",
        title="Unresolved runs (failed in this period, not passed since)",
        columns=UNRESOLVED_COLUMNS,
        rows=unresolved_rows(warehouse, begins_at, ends_at, instruments),
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
        short_headings={"attempts": "Tries", "last_started_by": "By"},
        empty="None in this period.",
        notes=[f"{older} more that last failed before {period.first}."] if older else (),
    )
