"""The statistics per time bucket: which there are, and the rows of one."""

from collections.abc import Sequence

from autostats.published.query import Values
from autostats.published.reader import Statistic
from autostats.render.section import Column, Kind, Section
from autostats.text import printable

LIST_COLUMNS = (
    Column("ident", Kind.TEXT, "Statistic", "{}", "The name and the length of the buckets."),
    Column("summary", Kind.TEXT, "What it tells", description="What it tells, in one line."),
    Column("bucket", Kind.TEXT, "Bucket", description="The length of its buckets.", is_nullable=True),
    Column("plugin", Kind.TEXT, "Plug-in", description="The plug-in; null for our own.", is_nullable=True),
    Column("row_count", Kind.COUNT, "Rows", "{} row(s)", "How many rows it has."),
    Column(
        "state",
        Kind.TEXT,
        "State",
        description="`ok`, or `failed`: then its rows are those of the last build that succeeded.",
    ),
    Column("error", Kind.TEXT, "Error", description="Why it failed; null if it did not.", is_nullable=True),
)


def statistics_section(statistics: Sequence[Statistic]) -> Section:
    """Return the list of the statistics."""
    plugins = ["plugin"] if any(statistic.plugin for statistic in statistics) else []
    return Section(
        name="statistics",
        title="Statistics",
        columns=LIST_COLUMNS,
        rows=[
            {column.name: getattr(statistic, column.name) for column in LIST_COLUMNS}
            for statistic in statistics
        ],
        layouts=[
            ["ident", "summary", *plugins, "row_count", "state"],
            ["ident", "summary", "row_count", "state"],
            ["ident", "row_count", "state"],
        ],
        empty="There are none.",
        notes=[
            f"{statistic.ident} failed: {printable(statistic.error).rstrip('.!')}."
            for statistic in statistics
            if statistic.error
        ],
    )


def statistic_section(
    statistic: Statistic, columns: Sequence[Column], rows: Sequence[Values], title: str
) -> Section:
    """Return rows of a statistic, with values in the order of its columns."""
    names = [column.name for column in columns]
    labels = 1 + len(statistic.dimensions)
    return Section(
        name="rows",
        title=title,
        columns=columns,
        rows=[dict(zip(names, values, strict=True)) for values in rows],
        # Narrower ones leave out the last measures.
        layouts=[names[:count] for count in range(len(names), labels, -1)],
        empty="There are no rows.",
    )
