"""One row per instrument, and one for all instruments together."""

from autostats.queries.days import unfinished
from autostats.queries.scope import Scope
from autostats.queries.summary import jobs_per_day, summarise
from autostats.render.section import Column, Kind, Section
from autostats.sections.counted import COUNTED, DAILY, NUMBER_LAYOUTS, prepared

SUMMARY = (
    "instrument",
    *COUNTED,
    Column(
        "jobs_per_day",
        Kind.SERIES,
        "Jobs per day",
        "{} jobs a day",
        description="Jobs created on each day, from the first day of the period with a record to the last.",
        short_heading="Per day",
    ),
)


def summary_section(scope: Scope) -> Section:
    """Return one row per instrument for the whole period, and the total."""
    rows = prepared(summarise(scope), scope.instruments)
    jobs = jobs_per_day(scope)
    trend = ("jobs_per_day",) if scope.period.days > 1 else ()
    rows = [{**row, "jobs_per_day": jobs[row["instrument"]]} for row in rows]
    return Section(
        name="summary",
        title="Summary",
        columns=scope.warehouse.catalogue.columns(DAILY, *SUMMARY),
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[("instrument", *layout, *trend) for layout in NUMBER_LAYOUTS],
        empty="No statistics for this period.",
        notes=unfinished(scope) if rows else (),
    )
