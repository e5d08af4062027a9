"""The tables of instruments' availability."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.queries.rows import Row
from autostats.render.section import Column, Kind, Section

_DAILY = "fct_availability_daily"
_LATELY = "rpt_availability"
_NO_POLLS = "There are none: `autostats availability import` takes polls, and the next run counts them."
AVAILABILITY = (
    "instrument",
    Column(
        "availability",
        Kind.SHARE,
        "Available",
        description="The share of the known time for which it was up (0 to 1). NULL if none is known.",
        is_nullable=True,
    ),
    "scheduled_seconds",
    "up_seconds",
    "down_seconds",
    "unknown_seconds",
    "failures",
    Column(
        "outages", Kind.BAD_COUNT, "Outages", "{} outage(s)", "How many outages the period has a part of."
    ),
    Column(
        "mtbf_seconds",
        Kind.SECONDS,
        "Mean time\nbetween",
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
        columns=catalogue.columns(_DAILY, *AVAILABILITY),
        rows=rows,
        layouts=[
            (*brief, "mtbf_seconds", "mttr_seconds", "longest_down_seconds"),
            (*brief, "mtbf_seconds", "mttr_seconds"),
            brief,
            ("instrument", "availability", "down_seconds", "outages"),
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
            ["instrument", *(name for name in LATELY if name.startswith("availability"))],
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
    )
