"""Reading observations through DuckDB.

Its own reader alone reads the file of a home: two SQLite libraries on one file in one process end in a crash.
"""

import duckdb

from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.home import Home
from autostats.source.connection import load_reader
from autostats.source.names import literal, quoted

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


def collected(connection: duckdb.DuckDBPyConnection, setup: Setup) -> dict[str, str]:
    """Return the collectors' tables that are there, and their names on `connection`, to the statistics.

    Raises UsageError when the file of a home cannot be read.
    """
    if setup.server is None:
        attach_observations(connection, setup.home)
        catalog, schema = _CATALOG, "main"
    else:
        catalog, schema = connection.execute("select current_catalog(), current_schema()").fetchall()[0]
    query = "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
    names = [name for (name,) in connection.execute(query, [catalog, schema]).fetchall()]
    place = f"{quoted(catalog)}.{quoted(schema)}"
    return {name: f"{place}.{quoted(name)}" for name in names if name.startswith("obs_")}
