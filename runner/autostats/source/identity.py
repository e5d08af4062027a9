"""Which database a source is, so that no other is mistaken for it."""

import duckdb

from autostats.source.names import CATALOG, SOURCE_CATALOG
from autostats.source.schema import SourceSchema
from autostats.source.url import Source
from autostats.sql_text import literal

_SERVER_IDS = {
    "mysql": ("mysql_query", ("select @@server_uuid", "select @@server_uid")),
    "postgresql": (
        "postgres_query",
        ("select cast(system_identifier as text) from pg_control_system()",),
    ),
}


def url_of(source: Source) -> str:
    """Return what distinguishes attached sources: the URL without the password, and the schema."""
    return f"{source.redacted}?schema={source.schema or ''}"


def make_identity(connection: duckdb.DuckDBPyConnection, source: Source, schema: SourceSchema) -> None:
    """Make the one-row view `attached_source`, by which the models recognise the source."""
    server = _server_id(connection, source)
    columns = {
        "url": literal(url_of(source)),
        "kind": literal(source.kind),
        "database_name": literal(_database(source, schema)),
        "server_id": "cast(null as varchar)" if server is None else literal(server),
    }
    selected = ", ".join(f"{value} as {name}" for name, value in columns.items())
    connection.execute(f"create or replace view {CATALOG}.main.attached_source as select {selected}")


def _database(source: Source, schema: SourceSchema) -> str:
    if source.path is not None:
        return source.path.name
    return schema.name if source.kind == "mysql" else f"{source.database or ''}.{schema.name}"


def _server_id(connection: duckdb.DuckDBPyConnection, source: Source) -> str | None:
    """Return the server's own id, or None for a file or a server that does not reveal it."""
    function, queries = _SERVER_IDS.get(source.kind, ("", ()))
    for query in queries:
        try:
            row = connection.execute(f"from {function}('{SOURCE_CATALOG}', {literal(query)})").fetchone()
        except duckdb.Error:
            continue
        if row and row[0]:
            return str(row[0])
    return None
