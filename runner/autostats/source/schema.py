"""What a source must have, and what it has: its schema, and which of the three eras that belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import duckdb

from autostats.errors import UsageError
from autostats.source.names import OPTIONAL, PREFIX, SOURCE_CATALOG, TABLES
from autostats.source.privileges import lacking_select, may_not_read
from autostats.source.url import Source
from autostats.sql_text import literal

Era = Literal["A", "B", "C"]
# By schema, by table, by column: whether the account may read it.
_Found = dict[str, dict[str, dict[str, bool]]]

_REQUIRED: Mapping[str, frozenset[str]] = {
    "reductionrun": frozenset(
        {
            "id",
            "created",
            "started",
            "finished",
            "last_updated",
            "started_by",
            "run_version",
            "instrument_id",
            "status_id",
            "experiment_id",
        }
    ),
    "status": frozenset({"id", "value"}),
    "instrument": frozenset({"id", "name"}),
    "experiment": frozenset({"id", "reference_number"}),
}
# Where the run number is not a column of the job itself (era C).
_RUN_NUMBERS = frozenset({"run_number", "reduction_run_id"})


@dataclass(frozen=True)
class SourceSchema:
    """What was found in the source: the schema and, by table name without prefix, the columns.

    `unreadable` are the columns that the account may not read, by table. An optional table is among the
    columns only if all that is read of it is readable.
    """

    name: str
    columns: Mapping[str, frozenset[str]]
    unreadable: Mapping[str, frozenset[str]]

    @property
    def era(self) -> Era:
        """The era of the Autoreduction schema, one of three."""
        if "runnumber" in self.columns:
            return "C"
        return "A" if "cancel" in self.columns.get("reductionrun", frozenset()) else "B"

    @property
    def unread(self) -> list[str]:
        """The optional tables that were not found, and the optional columns that the account may not read."""
        absent = [PREFIX + table for table in OPTIONAL if table not in self.columns]
        for table in OPTIONAL.keys() & self.columns.keys():
            absent += [f"{PREFIX}{table}.{name}" for name in sorted(OPTIONAL[table] & self.unreadable[table])]
        return absent

    @property
    def missing(self) -> list[str]:
        """The tables and columns, such as `reduction_viewer_status.value`, that are needed but missing."""
        needed = dict(_REQUIRED)
        if "runnumber" in self.columns or "run_number" not in self.columns.get("reductionrun", frozenset()):
            needed["runnumber"] = _RUN_NUMBERS
            needed["reductionrun"] = needed["reductionrun"] | {"batch_run"}
        absent = []
        for table, columns in needed.items():
            if table not in self.columns:
                absent.append(PREFIX + table)
            else:
                absent += [f"{PREFIX}{table}.{name}" for name in sorted(columns - self.columns[table])]
        return absent


def find_schema(connection: duckdb.DuckDBPyConnection, source: Source) -> SourceSchema:
    """Return the schema of an attached source.

    Raises UsageError when there is none or more than one, and PrivilegeError, which names the GRANT, when the
    account may not read one of its tables.
    """
    found: _Found = {}
    for schema, table, column, is_readable in connection.execute(_columns_query(source)).fetchall():
        columns = found.setdefault(schema, {}).setdefault(table.lower().removeprefix(PREFIX), {})
        columns[column.lower()] = bool(is_readable)
    wanted = _wanted(source, found)
    if wanted is None or "reductionrun" not in found.get(wanted, {}):
        _check_hidden(connection, source, wanted, [name for name in TABLES if name != "software"])
        raise _no_schema(source, wanted, _with_jobs(found))
    software = found[wanted].get("software", {})
    if not all(software.get(name) for name in OPTIONAL["software"]):
        found[wanted].pop("software", None)
    denied = [table for table, columns in found[wanted].items() if not any(columns.values())]
    if denied:
        raise lacking_select(connection, source, wanted, [PREFIX + table for table in denied])
    chosen = SourceSchema(
        wanted,
        {
            table: frozenset(name for name, is_readable in columns.items() if is_readable)
            for table, columns in found[wanted].items()
        },
        {
            table: frozenset(name for name, is_readable in columns.items() if not is_readable)
            for table, columns in found[wanted].items()
        },
    )
    _check_hidden(connection, source, wanted, [name.removeprefix(PREFIX) for name in chosen.missing])
    return chosen


def _columns_query(source: Source) -> str:
    """Return a query for the server itself, if there is one: DuckDB would read all table definitions.

    PostgreSQL also lists what the account may not read; MySQL lists what it has any privilege on.
    """
    names = ", ".join(literal(PREFIX + table) for table in TABLES)
    if source.is_file:
        return (
            "select schema_name, table_name, column_name, true from duckdb_columns() "
            f"where database_name = '{SOURCE_CATALOG}' and lower(table_name) in ({names})"
        )
    if source.kind == "postgresql":
        function, query = (
            "postgres_query",
            "select n.nspname::text as schema_name, c.relname::text as name, a.attname::text as column_name,"
            " has_schema_privilege(n.oid, 'USAGE') and has_column_privilege(c.oid, a.attnum, 'SELECT')"
            " as is_readable"
            " from pg_catalog.pg_attribute as a"
            " join pg_catalog.pg_class as c on c.oid = a.attrelid"
            " join pg_catalog.pg_namespace as n on n.oid = c.relnamespace"
            " where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'f', 'p')"
            f" and lower(c.relname) in ({names})",
        )
    else:
        # MySQL returns the names of schemas and tables as bytes.
        function, query = (
            "mysql_query",
            "select cast(table_schema as char) as schema_name, cast(table_name as char) as name,"
            " cast(column_name as char) as column_name, privileges like '%select%' as is_readable"
            f" from information_schema.columns where lower(table_name) in ({names})",
        )
    return f"from {function}('{SOURCE_CATALOG}', {literal(query)})"


def _with_jobs(found: _Found) -> list[str]:
    """Return the schemas that hold jobs: those that the account may read, if there are any."""
    candidates = sorted(schema for schema, tables in found.items() if "reductionrun" in tables)
    return [schema for schema in candidates if any(found[schema]["reductionrun"].values())] or candidates


def _wanted(source: Source, found: _Found) -> str | None:
    """Return the schema that is named, else the obvious one; None if that is not clear."""
    if source.named_schema is not None:
        return source.named_schema
    candidates = _with_jobs(found)
    if "public" in candidates:
        return "public"
    return candidates[0] if len(candidates) == 1 else None


def _check_hidden(
    connection: duckdb.DuckDBPyConnection, source: Source, schema: str | None, tables: Sequence[str]
) -> None:
    """Raise PrivilegeError when tables that were not found are ones that MySQL hides from the account."""
    if source.kind != "mysql" or schema is None:
        return
    names = [PREFIX + table for table in tables if table in TABLES]
    hidden = [name for name in names if may_not_read(connection, schema, name)]
    if hidden:
        raise lacking_select(connection, source, schema, hidden)


def _no_schema(source: Source, wanted: str | None, candidates: Sequence[str]) -> UsageError:
    elsewhere = ", ".join(candidates)
    if wanted is None and candidates:
        return UsageError(
            f"{source.redacted} holds several Autoreduction databases: {elsewhere}.",
            f"Choose one with ?schema= at the end of {source.origin}.",
        )
    place = f" in schema {wanted}" if wanted else ""
    how = "set AUTOSTATS_SOURCE_SCHEMA" if source.is_of_target else "add ?schema= and its name"
    return UsageError(
        f"{source.redacted} is not an Autoreduction database: it has no table {PREFIX}reductionrun{place}.",
        f"There is one in {elsewhere}: {how}." if candidates else f"Check {source.origin}.",
    )
