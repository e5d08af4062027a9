"""What a source must have, and what is there: its schema, and which of the three eras it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb

from autostats.errors import UsageError
from autostats.source.connection import SOURCE_CATALOG, literal
from autostats.source.url import ENVIRONMENT_VARIABLE, Source

Era = Literal["A", "B", "C"]

PREFIX = "reduction_viewer_"
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
# Where the run number is no column of the job itself (era C).
_RUN_NUMBERS = frozenset({"run_number", "reduction_run_id"})
TABLES = (*_REQUIRED, "runnumber")


@dataclass(frozen=True)
class SourceSchema:
    """What was found in the source: the schema and, by table name without its prefix, the columns."""

    name: str
    columns: Mapping[str, frozenset[str]]

    @property
    def era(self) -> Era:
        """Which of the three eras of the Autoreduction schema this is."""
        if "runnumber" in self.columns:
            return "C"
        return "A" if "cancel" in self.columns.get("reductionrun", frozenset()) else "B"

    @property
    def missing(self) -> list[str]:
        """The tables and columns, as `reduction_viewer_status.value`, that are needed and absent."""
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
    """Return the schema of an attached source. Raises UsageError when it is none, or one of several."""
    found: dict[str, dict[str, set[str]]] = {}
    for schema, table, column in connection.execute(_columns_query(source)).fetchall():
        columns = found.setdefault(schema, {}).setdefault(table.lower().removeprefix(PREFIX), set())
        columns.add(column.lower())
    return _chosen(source, found)


def _columns_query(source: Source) -> str:
    """Ask the server itself where there is one: DuckDB would read the definition of all its tables."""
    names = ", ".join(literal(PREFIX + table) for table in TABLES)
    condition = f"lower(table_name) in ({names})"
    if source.is_file:
        return (
            "select schema_name, table_name, column_name from duckdb_columns() "
            f"where database_name = '{SOURCE_CATALOG}' and {condition}"
        )
    # MySQL gives the names of schemas and tables as bytes.
    function, text = ("postgres_query", "text") if source.kind == "postgresql" else ("mysql_query", "char")
    query = (
        f"select cast(table_schema as {text}) as schema_name, cast(table_name as {text}) as name,"
        f" cast(column_name as {text}) as column_name from information_schema.columns where {condition}"
    )
    return f"from {function}('{SOURCE_CATALOG}', {literal(query)})"


def _chosen(source: Source, found: Mapping[str, Mapping[str, set[str]]]) -> SourceSchema:
    candidates = [name for name, tables in found.items() if "reductionrun" in tables]
    wanted = source.schema or (source.database if source.kind == "mysql" else None)
    if wanted is None and "public" in candidates:
        wanted = "public"
    if wanted is None and len(candidates) == 1:
        wanted = candidates[0]
    if wanted in candidates:
        return SourceSchema(wanted, {table: frozenset(columns) for table, columns in found[wanted].items()})
    elsewhere = ", ".join(sorted(candidates))
    if wanted is None and candidates:
        raise UsageError(
            f"{source.redacted} holds several Autoreduction databases: {elsewhere}.",
            f"Choose one with ?schema= at the end of {source.origin}.",
        )
    place = f" in schema {wanted}" if wanted else ""
    how = (
        "add ?schema= and its name"
        if source.origin == ENVIRONMENT_VARIABLE
        else "set AUTOSTATS_SOURCE_SCHEMA"
    )
    hint = f"There is one in {elsewhere}: {how}." if candidates else ""
    raise UsageError(
        f"{source.redacted} is not an Autoreduction database: it has no table {PREFIX}reductionrun{place} "
        "that the account may read.",
        hint or f"Check {source.origin}, and that the account may SELECT from the tables.",
    )
