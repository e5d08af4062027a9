"""One row per instrument and hour, day, week, month, quarter or beam cycle."""

from collections.abc import Sequence

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.sections.counted import COUNTED, INSTRUMENT, NUMBER_LAYOUTS, SHORT_HEADINGS, prepared
from autostats.sections.summary import SUMMARY_COLUMNS
from autostats.statistics.buckets import Bucket, By, calendar_buckets
from autostats.statistics.cycles import cycle_buckets
from autostats.statistics.days import daily_rows, recorded_period
from autostats.statistics.hours import hourly_rows
from autostats.statistics.settings import Settings
from autostats.statistics.summary import summarise
from autostats.warehouse import Warehouse

DAY_COLUMNS = (
    Column("day", Kind.DAY, "Day", "{}"),
    INSTRUMENT,
    *COUNTED,
    Column("exe_time_sum", Kind.SECONDS, "Sum", "execution time in all {}"),
    Column("max_exe_time", Kind.SECONDS, "Longest", "longest {}"),
    Column("started_by_auto", Kind.COUNT, "By\nauto", "{} started by the service"),
    Column("started_by_devs", Kind.COUNT, "By\ndevs", "{} by the development team"),
    Column("started_by_users", Kind.COUNT, "By\nusers", "{} by users"),
    Column("started_by_unknown", Kind.COUNT, "By\nunknown", "{} by unknown"),
    Column("cycle", Kind.TEXT, "Cycle"),
    Column("is_maintenance_day", Kind.FLAG, "Mainte-\nnance", "maintenance day {}"),
    Column("is_complete", Kind.FLAG, "Complete"),
)
HOUR_COLUMNS = (
    Column("hour", Kind.HOUR, "Hour", "{}"),
    Column("day", Kind.DAY, "Day", "{}"),
    INSTRUMENT,
    *COUNTED,
)
# Those that `--columns` and `--sort` choose from, but for the names of weeks and the like.
COUNTED_COLUMNS = tuple(
    {column.name: column for column in (*SUMMARY_COLUMNS, *DAY_COLUMNS, *HOUR_COLUMNS)}.values()
)


def _days_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    return Section(
        name="days",
        title="Days",
        columns=DAY_COLUMNS,
        rows=prepared(daily_rows(warehouse, period, instruments), instruments),
        layouts=[
            ("day", "instrument", *NUMBER_LAYOUTS[0], "cycle"),
            *(("day", "instrument", *layout) for layout in NUMBER_LAYOUTS),
        ],
        short_headings=SHORT_HEADINGS,
        empty="No statistics for this period.",
    )


def _hours_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    return Section(
        name="hours",
        title="Hours",
        columns=HOUR_COLUMNS,
        rows=prepared(hourly_rows(warehouse, settings, period, instruments), instruments),
        layouts=[("hour", "instrument", *layout) for layout in NUMBER_LAYOUTS],
        short_headings=SHORT_HEADINGS,
        empty="Nothing happened in this period.",
    )


def bucket_columns(by: By) -> tuple[Column, ...]:
    """Return the columns of weeks, months, quarters or beam cycles."""
    return (
        Column(by.value, Kind.TEXT, by.value.capitalize(), "{}"),
        Column("first_day", Kind.DAY, "First day", "{}"),
        Column("last_day", Kind.DAY, "Last day", "to {}"),
        INSTRUMENT,
        *COUNTED,
    )


def breakdown_section(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    by: By,
) -> Section:
    """Return one row per instrument and hour, day, week, month, quarter or beam cycle.

    Raises UsageError for the hours of a long period.
    """
    if by is By.HOUR:
        return _hours_section(warehouse, settings, period, instruments)
    if by is By.DAY:
        return _days_section(warehouse, period, instruments)
    within = recorded_period(warehouse, period, instruments)
    buckets: list[Bucket] = []
    if within is not None:
        buckets = cycle_buckets(warehouse, within) if by is By.CYCLE else calendar_buckets(within, by)
    rows = [
        {**row, by.value: row["label"]}
        for row in prepared(summarise(warehouse, buckets, instruments), instruments)
        if row["instrument"] is not None
    ]
    return Section(
        name=f"{by.value}s",
        title=f"{by.value.capitalize()}s",
        columns=bucket_columns(by),
        rows=rows,
        layouts=[
            (by.value, "first_day", "last_day", "instrument", *NUMBER_LAYOUTS[0]),
            *((by.value, "instrument", *layout) for layout in NUMBER_LAYOUTS),
        ],
        short_headings=SHORT_HEADINGS,
        empty=f"No {by.value} within this period has statistics.",
    )
