"""Connecting to a source: readers, time-outs, retries, and a password that no message shows."""

import threading
import time

import duckdb

from autostats.errors import UnreachableError
from autostats.source.extensions import load_extension
from autostats.source.failures import explained
from autostats.source.names import SOURCE_CATALOG
from autostats.source.url import Engine, Source
from autostats.sql_text import literal

CONNECT_SECONDS = 10
# How long to wait before trying an unreachable server again.
PAUSES_SECONDS = (1.0, 3.0)

_EXTENSIONS = {"mysql": "mysql_scanner", "postgresql": "postgres_scanner", "sqlite": "sqlite_scanner"}
_SECRET = "autostats_source"


def open_source(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    """Attach the database read-only as `catalog`, whatever it holds; for a server, only the named schema.

    An unreachable server is tried again after each of `PAUSES_SECONDS`; one that refuses the account is not.
    Raises `UnreachableError` or `UsageError` when it cannot be attached.
    """
    load_reader(connection, source.kind)
    for pause in () if source.is_file else PAUSES_SECONDS:
        try:
            return _open_source(connection, source, catalog)
        except UnreachableError:
            time.sleep(pause)
    return _open_source(connection, source, catalog)


def _open_source(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    if source.kind == "mysql":
        _check_answers(source)
    try:
        _execute_attach(connection, source, catalog)
    except duckdb.Error as error:
        failure = explained(source, str(error))
    else:
        return
    # Raised here, so that DuckDB's own message is not chained to it.
    raise failure


def load_reader(connection: duckdb.DuckDBPyConnection, kind: Engine) -> None:
    """Load DuckDB's reader of a kind of database, set as our models expect it."""
    name = _EXTENSIONS.get(kind)
    if name is None:
        return
    load_extension(connection, name)
    if kind == "sqlite":
        # A SQLite column holds values of any type: read as text, they are left for the models to judge.
        connection.execute("set global sqlite_all_varchar = true")
    if kind == "postgresql":
        # Scans split by row position read a large table completely where an index would lead to a few rows.
        connection.execute("set global pg_use_ctid_scan = false")
    if kind == "mysql":
        connection.execute("set global mysql_session_time_zone = '+00:00'")
        # Zero and partial dates mean nothing, and must not stop the reader.
        connection.execute("set global mysql_incomplete_dates_as_nulls = true")
        # An aggregate pushed down through a view, like ours, ends in an internal error in reader 1.5.5.
        connection.execute("set global mysql_aggregate_pushdown_enabled = false")
        # On MySQL, the reader stops long queries after its own estimate; a first load may take longer.
        connection.execute("set global mysql_query_timeout_enabled = false")


def _check_answers(source: Source) -> None:
    """Connect once, for at most `CONNECT_SECONDS`: unlike PostgreSQL's, MySQL's client has no time-out.

    In a thread, and in a separate DuckDB: if the server never answers, both are left behind, and a connection
    that shared them could not be closed.
    """
    failure: list[duckdb.Error] = []
    done = threading.Event()

    def work() -> None:
        try:
            with duckdb.connect() as connection:
                load_reader(connection, source.kind)
                _execute_attach(connection, source, SOURCE_CATALOG)
        except duckdb.Error as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=work, name="autostats-connect", daemon=True).start()
    if not done.wait(CONNECT_SECONDS):
        raise UnreachableError(
            f"{source.redacted} did not answer within {CONNECT_SECONDS} seconds.",
            "Check the host and port, and that no firewall is in the way.",
        )
    if failure:
        raise explained(source, str(failure[0]))


def _execute_attach(connection: duckdb.DuckDBPyConnection, source: Source, catalog: str) -> None:
    if source.path is not None:
        connection.execute(f"attach {literal(str(source.path))} as {catalog} (type {source.kind}, read_only)")
        return
    login = source.with_login_files()
    extension = "postgres" if source.kind == "postgresql" else "mysql"
    # Only the secret holds the password: DuckDB shows the other string in its messages and lists. The
    # reader keeps what it needs, so the secret is dropped as soon as the connection is established.
    password = "" if login.password is None else f", password {literal(login.password)}"
    # Otherwise, listing the tables of this DuckDB, as dbt does, would read the definitions of the whole
    # server, and fail if one of its tables is dropped in the meantime.
    schema = "" if login.named_schema is None else f", schema {literal(login.named_schema)}"
    connection.execute(f"create or replace temporary secret {_SECRET} (type {extension}{password})")
    try:
        connection.execute(
            f"attach {literal(_connection_string(login))} as {catalog} "
            f"(type {extension}, secret {_SECRET}, read_only{schema})"
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
