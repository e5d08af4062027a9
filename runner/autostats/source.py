"""Attaching the Autoreduction database, whatever kind it is, read-only to a DuckDB connection."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb

from autostats.errors import AutostatsError, RefusedError, UnreachableError, UsageError
from autostats.extensions import load_extension
from autostats.source_url import ENVIRONMENT_VARIABLE, Source

__all__ = ["ENVIRONMENT_VARIABLE", "Source", "SourceSchema", "attach"]

SOURCE_CATALOG = "autoreduction_source"
CATALOG = "autoreduction"
CONNECT_SECONDS = 10
# How long to wait before a server that cannot be reached is tried again.
PAUSES_SECONDS = (1.0, 3.0)

Era = Literal["A", "B", "C"]

_PREFIX = "reduction_viewer_"
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
_VIEWS = (*_REQUIRED, "runnumber")
_EXTENSIONS = {"mysql": "mysql_scanner", "postgresql": "postgres_scanner", "sqlite": "sqlite_scanner"}
_SECRET = "autostats_source"


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
                absent.append(_PREFIX + table)
            else:
                absent += [f"{_PREFIX}{table}.{name}" for name in sorted(columns - self.columns[table])]
        return absent


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
            _check_file(source)
        open_source(connection, source, SOURCE_CATALOG)
    try:
        schema = _find_schema(connection, source)
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
        failure = _explained(source, str(error))
    else:
        return schema
    _detach(connection)
    raise failure


def open_source(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    """Attach the whole database, read-only, as `catalog`, whatever it holds.

    A server that cannot be reached is tried again after each of `PAUSES_SECONDS`, one that refuses the
    account is not. Raises `UnreachableError` or `UsageError` when it cannot be attached.
    """
    _load_extension(connection, source)
    for pause in () if source.is_file else PAUSES_SECONDS:
        try:
            return _open_source(connection, source, catalog)
        except RefusedError:
            raise
        except UnreachableError:
            time.sleep(pause)
    return _open_source(connection, source, catalog)


def _open_source(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    if source.kind == "mysql":
        _check_answers(source)
    try:
        _execute_attach(connection, source, catalog)
    except duckdb.Error as error:
        failure = _explained(source, str(error))
    else:
        return
    # Raised here, so that DuckDB's own message does not hang on it.
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


def _load_extension(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    name = _EXTENSIONS.get(source.kind)
    if name is None:
        return
    load_extension(connection, name)
    if source.kind == "postgresql":
        # Scans in pieces, by the place of the rows, read a large table whole where an index leads to a few.
        connection.execute("set global pg_use_ctid_scan = false")
    if source.kind == "mysql":
        connection.execute("set global mysql_session_time_zone = '+00:00'")
        # An aggregate pushed down through a view, as ours are, ends in an internal error of reader 1.5.5.
        connection.execute("set global mysql_aggregate_pushdown_enabled = false")
        # The reader stops long queries on MySQL after an estimate of its own; a first load may be longer.
        connection.execute("set global mysql_query_timeout_enabled = false")


def _check_answers(source: Source) -> None:
    """Connect once, for at most `CONNECT_SECONDS`: unlike PostgreSQL's, MySQL's client has no time-out.

    In a thread, and in a DuckDB of its own: where the server never answers, both are left behind, and a
    connection that shared them could not be closed.
    """
    failure: list[duckdb.Error] = []
    done = threading.Event()

    def work() -> None:
        try:
            with duckdb.connect() as connection:
                _load_extension(connection, source)
                _execute_attach(connection, source, SOURCE_CATALOG)
        except duckdb.Error as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="autostats-connect", daemon=True).start()
    if not done.wait(CONNECT_SECONDS):
        raise UnreachableError(
            f"{source.redacted} did not answer within {CONNECT_SECONDS} seconds.",
            "Check the host and port, and that no firewall is between.",
        )
    if failure:
        raise _explained(source, str(failure[0]))


def _execute_attach(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    if source.path is not None:
        connection.execute(
            f"attach {_literal(str(source.path))} as {catalog} (type {source.kind}, read_only)"
        )
        return
    login = source.with_login_files()
    extension = "postgres" if source.kind == "postgresql" else "mysql"
    # Only the secret holds the password: DuckDB puts the other string into its messages and lists. The
    # reader keeps what it needs, so the secret goes as soon as the connection stands.
    password = "" if login.password is None else f", password {_literal(login.password)}"
    connection.execute(f"create or replace temporary secret {_SECRET} (type {extension}{password})")
    try:
        connection.execute(
            f"attach {_literal(_connection_string(login))} as {catalog} "
            f"(type {extension}, secret {_SECRET}, read_only)"
        )
    finally:
        connection.execute(f"drop secret if exists {_SECRET}")


def _connection_string(source: Source) -> str:
    words: dict[str, str | None] = {
        "host": source.host,
        "port": str(source.port) if source.port else None,
        "user": source.user,
    }
    if source.kind == "mysql":
        words["database"] = source.database or source.schema
        mark = '"'
    else:
        words |= {
            "dbname": source.database,
            "connect_timeout": str(CONNECT_SECONDS),
            "application_name": "autostats",
        }
        mark = "'"
    words |= source.options
    return " ".join(
        f"{name}={mark}{_escaped(value, mark)}{mark}" for name, value in words.items() if value is not None
    )


def _escaped(value: str, mark: str) -> str:
    return value.replace("\\", "\\\\").replace(mark, "\\" + mark)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _check_file(source: Source) -> None:
    """Say what is wrong with the file before the readers, which make little of a wrong one."""
    path = source.path
    assert path is not None
    head = b""
    problem = ""
    try:
        if path.is_dir():
            problem = "is a folder and not a file"
        else:
            with path.open("rb") as file:
                head = file.read(16)
    except FileNotFoundError:
        problem = "does not exist"
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
    if problem:
        raise UnreachableError(
            f"The source file {path} {problem}.", f"Check the path in {ENVIRONMENT_VARIABLE}."
        )
    found = "sqlite" if head.startswith(b"SQLite format 3\0") else "duckdb" if head[8:12] == b"DUCK" else ""
    if not head:
        raise UsageError(f"The source file {path} is empty.", f"Check the path in {ENVIRONMENT_VARIABLE}.")
    if found != source.kind:
        remedy = f"It is a {found} database: write {found}:// instead." if found else "Check the path."
        raise UsageError(f"The source file {path} is not a {source.kind} database.", remedy)


def _explained(source: Source, text: str) -> AutostatsError:
    """Return the error for people. Of DuckDB's text only what the server or the system said is kept."""
    # Up to and with the connection string in quotes, DuckDB's own words.
    reason = " ".join(text.rsplit('": ', 1)[-1].split()).removesuffix(".")
    reason = reason.removesuffix(
        "Is the server running on that host and accepting TCP/IP connections?"
    ).strip()
    reason = reason.split(" Attempted host:")[0].split(" First attempted host:")[0].rstrip(".")
    # A password of a letter or two would only show by the holes it leaves.
    if source.password and len(source.password) > 3:
        reason = reason.replace(source.password, "***")
    if source.is_file and ("Could not set lock" in text or "database is locked" in text):
        return UnreachableError(
            f"The source file {source.path} is in use by another process.",
            "Wait until it has finished, or read a copy of the file.",
        )
    if source.is_file and "already attached" in text:
        return UsageError(
            f"The source file {source.path} is open in this process already.",
            f"The statistics need a file of their own, not that of {source.origin}.",
        )
    if source.is_file:
        return UsageError(
            f"The source file {source.path} cannot be opened as a {source.kind} database: {reason}.",
            f"Check the path in {source.origin}.",
        )
    lowered = reason.lower()
    if "unknown database" in lowered or ("database" in lowered and "does not exist" in lowered):
        return UsageError(
            f"{source.redacted}: there is no such database on the server.",
            f"Check the name after the last slash of {source.origin}.",
        )
    refused = ("access denied", "authentication failed", "no password supplied", "role", "pg_hba")
    if any(word in lowered for word in refused):
        return RefusedError(
            f"{source.redacted} refused the account: {reason}.",
            f"Check user name and password in {source.origin}; the account needs SELECT alone.",
        )
    return UnreachableError(
        f"{source.redacted} cannot be reached: {reason}.",
        "Check the host and port, and that the server runs.",
    )


def _find_schema(connection: duckdb.DuckDBPyConnection, source: Source) -> SourceSchema:
    found: dict[str, dict[str, set[str]]] = {}
    for schema, table, column in connection.execute(_columns_query(source)).fetchall():
        columns = found.setdefault(schema, {}).setdefault(table.lower().removeprefix(_PREFIX), set())
        columns.add(column.lower())
    return _chosen(source, found)


def _columns_query(source: Source) -> str:
    """Ask the server itself where there is one: DuckDB would read the definition of all its tables."""
    names = ", ".join(_literal(_PREFIX + table) for table in _VIEWS)
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
    return f"from {function}('{SOURCE_CATALOG}', {_literal(query)})"


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
        f"{source.redacted} is not an Autoreduction database: it has no table {_PREFIX}reductionrun{place} "
        "that the account may read.",
        hint or f"Check {source.origin}, and that the account may SELECT from the tables.",
    )


def _make_views(connection: duckdb.DuckDBPyConnection, source: Source, schema: SourceSchema) -> None:
    connection.execute(f"attach if not exists ':memory:' as {CATALOG}")
    for table in _VIEWS:
        view = f"{CATALOG}.main.{_PREFIX}{table}"
        if table not in schema.columns:
            connection.execute(f"drop view if exists {view}")
            continue
        relation = f"{SOURCE_CATALOG}.{_identifier(schema.name)}.{_PREFIX}{table}"
        connection.execute(f"create or replace view {view} as select * from {relation}")
    connection.execute(
        f"create or replace view {CATALOG}.main.attached_source as "
        f"select {_literal(_identity(source))} as source"
    )
