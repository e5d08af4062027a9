"""One row per instrument, and one for all of them together."""

from collections.abc import Sequence

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.sections.counted import COUNTED, INSTRUMENT, NUMBER_LAYOUTS, SHORT_HEADINGS, prepared
from autostats.statistics.buckets import Bucket
from autostats.statistics.settings import Settings
from autostats.statistics.summary import jobs_per_day, summarise
from autostats.warehouse import Warehouse

SUMMARY_COLUMNS = (
    INSTRUMENT,
    *COUNTED,
    Column("jobs_per_day", Kind.SERIES, "Jobs per day", "{} jobs a day"),
)


def _unfinished(period: Period, settings: Settings) -> list[str]:
    """Say which day of the period was not over when the statistics were built."""
    day = settings.local(settings.as_of).date()
    if not period.first <= day <= period.last:
        return []
    return [f"{day} was not over when the statistics were built."]


def summary_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    """Return one row per instrument for the whole period, and the total."""
    rows = prepared(
        summarise(warehouse, [Bucket("period", period.first, period.last)], instruments), instruments
    )
    jobs = jobs_per_day(warehouse, period, instruments)
    trend = ("jobs_per_day",) if period.days > 1 else ()
    rows = [{**row, "jobs_per_day": jobs[row["instrument"]]} for row in rows]
    return Section(
        name="summary",
        title="Summary",
        columns=SUMMARY_COLUMNS,
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[("instrument", *layout, *trend) for layout in NUMBER_LAYOUTS],
        short_headings=SHORT_HEADINGS,
        empty="No statistics for this period.",
        notes=_unfinished(period, settings) if rows else (),
    )
