"""What a look at the monitored tables has found, in a table."""

from collections.abc import Sequence
from typing import Any

from autostats.freshness.look import lag_seconds, state
from autostats.render.section import Column, Kind, Section

COLUMNS = (
    Column("table", Kind.TEXT, "Table", "{}", "Database (schema) and table, as configured."),
    Column("column", Kind.TEXT, "Column", description="The column whose largest value counts."),
    Column("dbobject", Kind.TEXT, "Connection", description="The name of the connection, as configured."),
    Column(
        "server", Kind.TEXT, "Server", description="The host, with the port if one is given; or the file."
    ),
    Column("db_type", Kind.TEXT, "Kind", description="SQLAlchemy's name for it, such as `postgresql`."),
    Column(
        "last_update",
        Kind.TIME,
        "Last update",
        description="The largest value of the column. UTC timestamp; null if the check found none.",
        is_nullable=True,
    ),
    Column("checked_at", Kind.TIME, "Checked", description="When the check was made. UTC timestamp."),
    Column("status", Kind.TEXT, "Status", description="`Okay`, `no rows`, or the error."),
    Column("state", Kind.TEXT, "State", description="`fresh`, `warn`, `stale` or `unknown`."),
    Column(
        "lag_seconds",
        Kind.SECONDS,
        "Lag",
        description="How old the last update was when the check was made, in seconds; null if unknown.",
        is_nullable=True,
    ),
    Column("duration_seconds", Kind.SECONDS, "Took", description="How long the check took, in seconds."),
)


def checks_section(rows: Sequence[dict[str, Any]]) -> Section:
    """Return the table of checks, which are rows of `obs_table_checks`."""
    is_unique = len({(row["_table"], row["_column"]) for row in rows}) == len(rows)
    name = ["table"] if is_unique else ["dbobject", "table"]
    return Section(
        name="checks",
        title="Checked tables",
        columns=COLUMNS,
        rows=[
            {
                **{name: row[f"_{name}"] for name in ("table", "column", "server", "db_type", "last_update")},
                "dbobject": row["dbobject"],
                "checked_at": row["_query_timestamp"],
                "status": row["_status"],
                "state": state(row),
                "lag_seconds": lag_seconds(row),
                "duration_seconds": row["duration_seconds"],
            }
            for row in rows
        ],
        layouts=[
            [*name, "column", "state", "lag_seconds", "last_update", "duration_seconds", "status"],
            [*name, "column", "state", "lag_seconds", "status"],
            [*name, "state", "lag_seconds", "status"],
            [*name, "state", "status"],
        ],
        empty="No table is due: `--all` checks all that are active.",
    )
