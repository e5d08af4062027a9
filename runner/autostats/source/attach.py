"""Attaching the source read-only to a DuckDB connection, with the same views for every kind of source."""

from dataclasses import replace

import duckdb

from autostats.errors import AutostatsError, UsageError
from autostats.source.connection import open_source
from autostats.source.failures import check_file, explained
from autostats.source.identity import make_identity, url_of
from autostats.source.names import CATALOG, OPTIONAL, PREFIX, SOURCE_CATALOG, TABLES
from autostats.source.schema import SourceSchema, find_schema
from autostats.source.url import Source
from autostats.sql_text import backticked, literal, quoted

# The columns that hold names.
_TEXTS = frozenset({"name", "value", "version", "reduction_host", "run_title"})


def attach(connection: duckdb.DuckDBPyConnection, source: Source) -> SourceSchema:
    """Attach the source to `connection`, read-only, and return its schema.

    Its tables become views of the in-memory catalog `autoreduction`, schema `main`. The time zone of all
    sessions becomes UTC. Attaching the same source again only reads its schema again.

    Raises `UnreachableError` when the database cannot be reached, and `UsageError` when it refuses the
    account, or is not an Autoreduction database.
    """
    # PostgreSQL's `timestamptz` and MySQL's `timestamp` come out as UTC only if the session is in UTC.
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set TimeZone = 'UTC'")
    is_new = not _is_attached(connection, source)
    if is_new:
        _detach(connection)
        if source.is_file:
            check_file(source)
        open_source(connection, source, SOURCE_CATALOG)
    try:
        schema = find_schema(connection, source)
        if schema.missing:
            raise UsageError(
                f"{source.redacted} is not an Autoreduction database that autostats can read: "
                f"it lacks {', '.join(schema.missing)}.",
                f"Check {source.origin}, and that the account has SELECT on these tables.",
            )
        if is_new and not source.is_file and source.named_schema is None:
            connection.execute(f"detach database {SOURCE_CATALOG}")
            open_source(connection, replace(source, schema=schema.name), SOURCE_CATALOG)
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
        row = connection.execute(f"select url from {CATALOG}.main.attached_source").fetchone()
    except duckdb.Error:
        return False
    return row == (url_of(source),)


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
        relation = f"{SOURCE_CATALOG}.{quoted(schema.name)}.{PREFIX}{table}"
        columns = _columns(connection, source, schema, table)
        connection.execute(f"create or replace view {view} as select {columns} from {relation}")
    make_identity(connection, source, schema)
    counts = _id_counts(source, schema)
    connection.execute(f"create or replace view {CATALOG}.main.job_id_counts as {counts}")


def _columns(connection: duckdb.DuckDBPyConnection, source: Source, schema: SourceSchema, table: str) -> str:
    """Return what a view selects: all columns, some cast to a different type than the reader's.

    Optional columns that the account may not read are left out.
    """
    if source.kind == "sqlite":
        keys = sorted(name for name in schema.columns[table] if name == "id" or name.endswith("_id"))
        retyped = {name: f"try_cast({name} as bigint)" for name in keys}
        # SQLite does not check that a text is one: its reader passes on any bytes.
        for name in sorted(_TEXTS & schema.columns[table]):
            retyped[name] = f"coalesce(try(decode(encode({name}))), cast(encode({name}) as varchar))"
    elif source.kind == "mysql":
        # For an instant, MySQL's TIMESTAMP, the reader returns the time in UTC, but not that it is an
        # instant.
        query = (
            "select cast(column_name as char) from information_schema.columns"
            f" where table_schema = {literal(schema.name)} and table_name = {literal(PREFIX + table)}"
            " and data_type = 'timestamp'"
        )
        rows = connection.execute(f"from mysql_query('{SOURCE_CATALOG}', {literal(query)})").fetchall()
        retyped = {name: f"cast({quoted(name)} as timestamptz)" for (name,) in rows}
    else:
        retyped = {}
    unreadable = sorted(OPTIONAL.get(table, frozenset()) & schema.unreadable[table])
    excluded = f" exclude ({', '.join(map(quoted, unreadable))})" if unreadable else ""
    replaced = ", ".join(f"{expression} as {quoted(name)}" for name, expression in retyped.items())
    return f"*{excluded} replace ({replaced})" if replaced else f"*{excluded}"


def _id_counts(source: Source, schema: SourceSchema) -> str:
    """Return the query behind `job_id_counts`, which a server answers itself, from an index.

    Per ten thousand ids: how many there are, and the sums of their last four digits and of the squares and
    cubes of these. The macro `id_counts` does the same for our own copy.
    """
    if source.is_file:
        relation, division, integer = f"{CATALOG}.main.{PREFIX}reductionrun", "//", "bigint"
    elif source.kind == "mysql":
        relation, division, integer = f"{backticked(schema.name)}.{PREFIX}reductionrun", "div", "signed"
    else:
        relation, division, integer = f"{quoted(schema.name)}.{PREFIX}reductionrun", "/", "bigint"
    block = f"id {division} 10000"
    digits = f"cast(id % 10000 as {integer})"
    sums = {
        "block": block,
        "ids": "count(*)",
        "sum_1": f"sum({digits})",
        "sum_2": f"sum({digits} * {digits})",
        "sum_3": f"sum({digits} * {digits} * {digits})",
    }
    columns = ", ".join(f"cast({expression} as {integer}) as {name}" for name, expression in sums.items())
    query = f"select {columns} from {relation} group by {block}"
    if source.is_file:
        return query
    function = "mysql_query" if source.kind == "mysql" else "postgres_query"
    return f"select * from {function}('{SOURCE_CATALOG}', {literal(query)})"
