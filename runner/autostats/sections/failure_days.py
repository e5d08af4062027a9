"""The days with the most failed jobs."""

from autostats.queries.days import failure_days
from autostats.queries.scope import Scope
from autostats.render.section import Section
from autostats.sections.counted import DAILY


def failure_days_section(scope: Scope, limit: int) -> Section:
    """Return the table of the days with the most failed jobs."""
    layout = ("instrument", "day", "jobs_failed", "jobs_total", "pass_rate")
    rows = failure_days(scope, limit)
    return Section(
        name="failure_days",
        title="The days with the most failed jobs",
        columns=scope.warehouse.catalogue.columns(DAILY, *layout),
        rows=rows,
        layouts=[layout],
        empty="No jobs failed in this period.",
    )
