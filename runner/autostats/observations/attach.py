"""Showing dbt the observations of a home.

Through DuckDB's own reader alone: two SQLite libraries on one file in one process end in a crash.
"""

import duckdb

from autostats.errors import UsageError
from autostats.home import Home
from autostats.source.connection import load_reader
from autostats.source.names import literal

_CATALOG = "observations"


def attach_observations(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Attach the file, read-only, as catalog `observations`, if it is there.

    Raises UsageError when it is something else, or cannot be read.
    """
    if not home.observations.exists():
        return
    load_reader(connection, "sqlite")
    try:
        connection.execute(
            f"attach if not exists {literal(str(home.observations))} as {_CATALOG} (type sqlite, read_only)"
        )
    except duckdb.Error as error:
        reason = str(error).split("\n", 1)[0]
        raise UsageError(
            f"The observations {home.observations} cannot be read: {reason}.",
            "Fix the file's permissions, restore it from a backup, or move it away.",
        ) from error
