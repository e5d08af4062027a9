"""Reading observations through DuckDB.

Its own reader alone reads the file of a home: two SQLite libraries on one file in one process end in a crash.
"""

import duckdb

from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.observations.failures import failure
from autostats.observations.version import check_version
from autostats.source.connection import load_reader
from autostats.sql_text import literal, quoted
from autostats.warehouse import connect

CATALOG = "observations"


def attach_observations(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Attach the file, read-only, as catalog `observations`, if it is there.

    Raises UsageError when it is something else, of a newer version, or cannot be read, and LockedError when
    another process keeps it for itself.
    """
    if not home.observations.exists():
        return
    place = str(home.observations)
    load_reader(connection, "sqlite")
    try:
        connection.execute(f"attach if not exists {literal(place)} as {CATALOG} (type sqlite, read_only)")
        # Attaching does not look into the file yet.
        asked = connection.execute(f"select * from sqlite_query('{CATALOG}', 'pragma user_version')")
        version = asked.fetchall()[0][0]
    except duckdb.Error as error:
        raise failure(place, str(error), "read") from error
    check_version(place, int(version))


def check_observations(home: Home) -> None:
    """Attach the file and detach it again. Raises UsageError or LockedError as `attach_observations` does."""
    with duckdb.connect(":memory:") as connection:
        attach_observations(connection, home)


def collected(connection: duckdb.DuckDBPyConnection, setup: Setup) -> dict[str, str]:
    """Return the collectors' tables that are there, and their names on `connection`, to the statistics.

    Raises UsageError when the file of a home cannot be read.
    """
    if setup.server is None:
        attach_observations(connection, setup.home)
        catalog, schema = CATALOG, "main"
    else:
        catalog, schema = connection.execute("select current_catalog(), current_schema()").fetchall()[0]
    query = "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
    names = [name for (name,) in connection.execute(query, [catalog, schema]).fetchall()]
    place = f"{quoted(catalog)}.{quoted(schema)}"
    return {name: f"{place}.{quoted(name)}" for name in names if name.startswith("obs_")}


def newest_looks(setup: Setup) -> tuple[object, ...] | None:
    """Return what changes with each look that has seen anything; None where nobody has looked.

    Raises UsageError, LockedError or UnreachableError when the observations cannot be read.
    """
    if setup.server is not None:
        with connect(setup) as warehouse:
            return _newest(warehouse.connection, setup)
    with duckdb.connect(":memory:") as connection:
        return _newest(connection, setup)


def _newest(connection: duckdb.DuckDBPyConnection, setup: Setup) -> tuple[object, ...] | None:
    collections = collected(connection, setup).get("obs_collections")
    if collections is None:
        return None
    # DuckDB's reader calls every column of SQLite a text.
    rows = 'cast("rows" as bigint)'
    query = f"select count(*), max(collection_id), max(ended_at), sum({rows}) from {collections}"
    return connection.execute(f"{query} where state = 'complete' and {rows} > 0").fetchone()
