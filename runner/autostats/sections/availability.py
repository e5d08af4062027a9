"""The tables of instruments' availability."""

from collections.abc import Sequence
from dataclasses import replace

from autostats.catalogue import Catalogue
from autostats.queries.availability import totals_and_outages
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.render.section import Column, Kind, Section

POLLED = "fct_availability_daily"
_LATELY = "rpt_availability"
_NO_POLLS = "No instrument was polled by then: `autostats availability import` takes polls."
AVAILABILITY = (
    "instrument",
    Column(
        "availability",
        Kind.SHARE,
        "Available",
        description="The share of the known time for which it was up (0 to 1). NULL if none is known.",
        is_nullable=True,
        metric="instrument_availability_ratio",
    ),
    "scheduled_seconds",
    "up_seconds",
    "down_seconds",
    "unknown_seconds",
    "failures",
    Column(
        "outages",
        Kind.BAD_COUNT,
        "Outages",
        "{} outage(s)",
        "How many outages the period has a part of.",
        metric="instrument_outages",
    ),
    Column(
        "mtbf_seconds",
        Kind.SECONDS,
        "Mean time between\nfailures",
        description="Mean time between failures: up time / (outages + 1), in seconds. NULL if none is known.",
        short_heading="MTBF",
        is_nullable=True,
    ),
    Column(
        "mttr_seconds",
        Kind.SECONDS,
        "Mean time\nto repair",
        description="Mean time to repair: down time / outages, in seconds. NULL without an outage.",
        short_heading="MTTR",
        is_nullable=True,
    ),
    "longest_down_seconds",
)
OUTAGES = ("instrument", "started_at", "ended_at", "down_seconds", "reason")
LATELY = (
    "instrument",
    "state",
    *(
        f"{what}_last_{span}"
        for span in ("hour", "day", "week")
        for what in ("uptime", "downtime", "unknown", "availability")
    ),
)

# The file of the uptime monitor of restaurants: its columns, in its order.
STORE: tuple[str | Column, ...] = (
    Column("store_id", Kind.TEXT, "Store", description="The instrument's name."),
    *(f"{what}_last_{span}" for what in ("uptime", "downtime") for span in ("hour", "day", "week")),
)


def availability_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of a period."""
    brief = ("instrument", "availability", "up_seconds", "down_seconds", "unknown_seconds", "outages")
    return Section(
        name="availability",
        title="Availability",
        columns=catalogue.columns(POLLED, *AVAILABILITY),
        rows=rows,
        layouts=[
            (*brief, "mtbf_seconds", "mttr_seconds", "longest_down_seconds"),
            (*brief, "mtbf_seconds", "mttr_seconds"),
            brief,
            ("instrument", "availability", "down_seconds", "outages"),
            ("instrument", "availability"),
        ],
        empty=_NO_POLLS,
    )


def lately_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of the last hour, day and week."""
    columns = catalogue.columns(_LATELY, *LATELY)
    return Section(
        name="availability",
        title="Availability in the last hour, day and week",
        columns=columns,
        rows=rows,
        layouts=[
            LATELY,
            [name for name in LATELY if not name.startswith("unknown")],
            ["instrument", "state", *(name for name in LATELY if name.startswith("availability"))],
        ],
        empty=_NO_POLLS,
    )


def store_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return it as in the file of that monitor: two decimals, the hour in minutes, the rest in hours."""
    columns = catalogue.columns(_LATELY, *STORE)
    names = [column.name for column in columns[1:]]
    return Section(
        name="availability",
        title="Uptime in the last hour, day and week",
        columns=columns,
        rows=[
            {"store_id": row["instrument"], **{name: round(row[name], 2) for name in names}} for row in rows
        ],
        layouts=[[column.name for column in columns]],
        empty=_NO_POLLS,
    )


def outages_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of outages."""
    return Section(
        name="outages",
        title="Outages",
        columns=catalogue.columns("fct_outages", *OUTAGES),
        rows=rows,
        layouts=[OUTAGES, OUTAGES[:-1]],
        empty="There are none.",
        count=len(rows),
    )


def availability_sections(scope: Scope, *, with_outages: bool) -> list[Section]:
    """Return what a report has to say about availability: nothing where no instrument has polls."""
    rows, outages = totals_and_outages(scope)
    if not rows:
        return []
    catalogue = scope.warehouse.catalogue
    section = availability_section(catalogue, rows)
    if with_outages:
        return [section, outages_section(catalogue, outages)]
    return [replace(section, notes=["`autostats availability report` lists the outages."] if outages else ())]
