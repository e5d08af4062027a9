"""Attaching the source read-only to a DuckDB connection, its tables as views of one name in every kind."""

import duckdb

from autostats.errors import AutostatsError, UsageError
from autostats.source.connection import SOURCE_CATALOG, literal, open_source
from autostats.source.failures import check_file, explained
from autostats.source.schema import PREFIX, TABLES, SourceSchema, find_schema
from autostats.source.url import Source

CATALOG = "autoreduction"


def attach(connection: duckdb.DuckDBPyConnection, source: Source) -> SourceSchema:
    """Attach the source to `connection`, read-only, and return its schema.

    Its tables become views of the in-memory catalog `autoreduction`, schema `main`. The time zone of all
    sessions becomes UTC. Attaching the same source again only looks at its schema anew.

    Raises `UnreachableError` when there is no way to the database or it refuses the account, and
    `UsageError` when what is there is not an Autoreduction database.
    """
    # A `timestamptz` of PostgreSQL and a `timestamp` of MySQL come out as UTC only in a session of UTC.
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set TimeZone = 'UTC'")
    if not _is_attached(connection, source):
        _detach(connection)
        if source.is_file:
            check_file(source)
        open_source(connection, source, SOURCE_CATALOG)
    try:
        schema = find_schema(connection, source)
        if schema.missing:
            raise UsageError(
                f"{source.redacted} is not an Autoreduction database that autostats can read: "
                f"it has no {', '.join(schema.missing)}.",
                f"Check {source.origin}, and that the account may SELECT from these tables.",
            )
        _make_views(connection, source, schema)
    except AutostatsError:
        _detach(connection)
        raise
    except duckdb.Error as error:
        failure = explained(source, str(error))
    else:
        return schema
    _detach(connection)
    raise failure


def _is_attached(connection: duckdb.DuckDBPyConnection, source: Source) -> bool:
    try:
        row = connection.execute(f"select source from {CATALOG}.main.attached_source").fetchone()
    except duckdb.Error:
        return False
    return row == (_identity(source),)


def _identity(source: Source) -> str:
    return f"{source.redacted}?schema={source.schema or ''}"


def _detach(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"detach database if exists {CATALOG}")
    connection.execute(f"detach database if exists {SOURCE_CATALOG}")


def _make_views(connection: duckdb.DuckDBPyConnection, source: Source, schema: SourceSchema) -> None:
    connection.execute(f"attach if not exists ':memory:' as {CATALOG}")
    for table in TABLES:
        view = f"{CATALOG}.main.{PREFIX}{table}"
        if table not in schema.columns:
            connection.execute(f"drop view if exists {view}")
            continue
        relation = f"{SOURCE_CATALOG}.{_identifier(schema.name)}.{PREFIX}{table}"
        connection.execute(f"create or replace view {view} as select * from {relation}")
    connection.execute(
        f"create or replace view {CATALOG}.main.attached_source as "
        f"select {literal(_identity(source))} as source"
    )


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
