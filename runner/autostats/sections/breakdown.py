"""One row per instrument and hour, day, week, month, quarter or beam cycle."""

from autostats.catalogue import names
from autostats.queries.buckets import Bucket, By, calendar_buckets
from autostats.queries.cycles import beyond_the_cycles, cycle_buckets
from autostats.queries.days import daily_rows, recorded_period
from autostats.queries.hours import hourly_rows
from autostats.queries.scope import Scope
from autostats.queries.summary import summarise
from autostats.render.section import Column, Kind, Section
from autostats.sections.counted import COUNTED, DAILY, NUMBER_LAYOUTS, prepared
from autostats.sections.summary import SUMMARY

DAYS = (
    "day",
    "instrument",
    *COUNTED,
    "exe_time_sum",
    "max_exe_time",
    "started_by_auto",
    "started_by_devs",
    "started_by_users",
    "started_by_unknown",
    "cycle",
    "is_maintenance_day",
    "is_complete",
)
HOURS = (
    Column("hour", Kind.HOUR, "Hour", "{}", "The beginning of the hour. UTC timestamp."),
    "day",
    "instrument",
    *COUNTED,
)
# The columns that `--columns` and `--sort` choose from, except the names of weeks and the like.
COUNTED_NAMES = tuple(dict.fromkeys(names((*SUMMARY, *DAYS, *HOURS))))
_BUCKETS = {
    By.WEEK: "The ISO week, such as 2020-W07.",
    By.MONTH: "The month, such as 2020-02.",
    By.QUARTER: "The quarter of the year, such as 2020-Q1.",
    By.CYCLE: "The name of the beam cycle, such as `2019/03`.",
}


def _days_section(scope: Scope) -> Section:
    return Section(
        name="days",
        title="Days",
        columns=scope.warehouse.catalogue.columns(DAILY, *DAYS),
        rows=prepared(daily_rows(scope), scope.instruments),
        layouts=[
            ("day", "instrument", *NUMBER_LAYOUTS[0], "cycle"),
            *(("day", "instrument", *layout) for layout in NUMBER_LAYOUTS),
        ],
        empty="No statistics for this period.",
        notes=beyond_the_cycles(scope),
    )


def _hours_section(scope: Scope) -> Section:
    return Section(
        name="hours",
        title="Hours",
        columns=scope.warehouse.catalogue.columns(DAILY, *HOURS),
        rows=prepared(hourly_rows(scope), scope.instruments),
        layouts=[("hour", "instrument", *layout) for layout in NUMBER_LAYOUTS],
        empty="Nothing happened in this period.",
    )


def buckets(by: By) -> tuple[str | Column, ...]:
    """Return the columns for weeks, months, quarters or beam cycles."""
    return (
        Column(by.value, Kind.TEXT, by.value.capitalize(), "{}", _BUCKETS[by]),
        Column("first_day", Kind.DAY, "First day", "{}", "The first local date that is counted."),
        Column("last_day", Kind.DAY, "Last day", "to {}", "The last local date that is counted."),
        "instrument",
        *COUNTED,
    )


def breakdown_section(scope: Scope, by: By) -> Section:
    """Return one row per instrument and hour, day, week, month, quarter or beam cycle.

    Raises UsageError for the hours of a long period.
    """
    if by is By.HOUR:
        return _hours_section(scope)
    if by is By.DAY:
        return _days_section(scope)
    within = recorded_period(scope)
    spans: list[Bucket] = []
    if within is not None:
        spans = cycle_buckets(scope.during(within)) if by is By.CYCLE else calendar_buckets(within, by)
    rows = [
        {**row, by.value: row["label"]}
        for row in prepared(summarise(scope, spans), scope.instruments)
        if row["instrument"] is not None
    ]
    return Section(
        name=f"{by.value}s",
        title=f"{by.value.capitalize()}s",
        columns=scope.warehouse.catalogue.columns(DAILY, *buckets(by)),
        rows=rows,
        layouts=[
            (by.value, "first_day", "last_day", "instrument", *NUMBER_LAYOUTS[0]),
            *((by.value, "instrument", *layout) for layout in NUMBER_LAYOUTS),
        ],
        empty=f"No {by.value} within this period has statistics.",
        notes=beyond_the_cycles(scope) if by is By.CYCLE else (),
    )
