"""Monitored databases: their URLs, their time-outs, one question, and how to stop it."""

import logging
import re
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    NullPool,
    column,
    create_engine,
    func,
    make_url,
    quoted_name,
    select,
    table,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from autostats.errors import UsageError
from autostats.freshness.tables_file import MonitoredTable
from autostats.installation import install_line
from autostats.log import hide, redact
from autostats.source.url import Source

# What the extra `freshness` brings; a site may name another driver in the URL.
_DRIVERS = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_PORTS = {"postgresql": ":5432", "mysql": ":3306"}
_SECRET = re.compile(r"(?:pass|pwd|secret|token|key|credential)[^=;&]*=([^;&]+)", re.IGNORECASE)
# How drivers interrupt a query from another thread, the best way first.
_INTERRUPTS = ("cancel_safe", "cancel", "interrupt")
# What a driver waits beyond the time-out of the server and the one here.
_LAST_RESORT = 1.0

# They complain about connections that break, which is what the statuses say.
for _name in ("sqlalchemy", "psycopg"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Database:
    """A database with monitored tables; nothing that is asked of it takes longer than `timeout` seconds."""

    url: URL
    timeout: float

    @property
    def db_type(self) -> str:
        """SQLAlchemy's name of its dialect."""
        return self.url.get_backend_name()

    @property
    def server(self) -> str:
        """The host, with its port if that is given, or the file."""
        host, port = self.url.host, self.url.port
        if not host:
            return str(self._file) if self._file else str(self.url.query.get("host") or "localhost")
        return (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")

    @property
    def place(self) -> str:
        """What has the connections that it shares with others: the server, however its URL is written."""
        kind = "mysql" if self.db_type == "mariadb" else self.db_type
        if self._file or self.url.host:
            port = "" if self.url.port else _PORTS.get(kind, "")
            return f"{kind} {self.server}{port}"
        # Only the driver knows which server it is.
        return self.url.set(username=None, password=None).render_as_string(hide_password=True)

    @property
    def _file(self) -> Path | None:
        """The file, if it is one; its path is percent-encoded in the URL."""
        if self.db_type not in {"sqlite", "duckdb"} or not self.url.database:
            return None
        return Path(unquote(self.url.database)).expanduser().absolute()

    @cached_property
    def _engine(self) -> Engine:
        url, seconds = self.url, ceil(self.timeout)
        options: dict[str, Any] = {}
        driver = url.drivername.partition("+")[2]
        if driver.startswith("psycopg"):
            options = {"connect_timeout": seconds, "application_name": "autostats"}
        elif driver == "pymysql":
            options = dict.fromkeys(("read_timeout", "write_timeout"), self.timeout + _LAST_RESORT)
            options["connect_timeout"] = seconds
        elif self.db_type == "sqlite" and self._file:
            # Otherwise it would make a file that does not exist.
            path = quote(str(self._file))
            url = url.set(database=f"file:{path}").update_query_dict({"mode": "ro", "uri": "true"})
            options = {"timeout": self.timeout}
        elif self.db_type == "duckdb":
            url = url.set(database=str(self._file)) if self._file else url
            options = {"read_only": True}
        return create_engine(url, connect_args=options, poolclass=NullPool)

    def connect(self) -> Connection:
        """Return a connection that may only read. Raises what SQLAlchemy and the driver raise."""
        connection = self._engine.connect()
        if self.db_type == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        elif self.db_type in {"mysql", "mariadb"}:
            connection.info["id"] = connection.scalar(text("select connection_id()"))
            connection.execute(text("set session transaction read only"))
            limit = (
                f"max_statement_time = {self.timeout}"
                if getattr(connection.dialect, "is_mariadb", False)
                else f"max_execution_time = {ceil(self.timeout * 1000)}"
            )
            # Servers that are too old for it are interrupted from here.
            with suppress(DBAPIError):
                connection.execute(text(f"set session {limit}"))
            connection.rollback()
        return connection

    def newest(self, connection: Connection, monitored: MonitoredTable) -> object:
        """Return the largest value of the table's column, None if there is none.

        Raises what SQLAlchemy and the driver raise.
        """
        # Its dialect takes PostgreSQL's reserved words for those of DuckDB.
        always = True if self.db_type == "duckdb" else None
        names = (monitored.database, monitored.table, monitored.column)
        schema, name, newest = (quoted_name(each, always) for each in names)
        asked = table(name, schema=schema or None)
        with connection.begin():
            if self.db_type == "postgresql":
                limit = ceil(self.timeout * 1000)
                connection.execute(text(f"set local statement_timeout = {limit}"))
            return connection.scalar(select(func.max(column(newest))).select_from(asked))

    def stop(self, connection: Connection) -> None:
        """Stop what another thread runs on a connection, which is of no use afterwards."""
        with suppress(Exception):
            if "id" in connection.info:
                with closing(self._engine.connect()) as other:
                    other.execute(text(f"kill {connection.info['id']}"))
                return
            driver: Any = connection.connection.dbapi_connection
            next(getattr(driver, name) for name in _INTERRUPTS if hasattr(driver, name))()


def configured_database(
    monitored: MonitoredTable, timeout: float, environment: Mapping[str, str]
) -> Database:
    """Return the database of a table, and hide its secrets from now on.

    Raises UsageError, which never repeats the URL, when the table's variable holds none.
    """
    variable = monitored.variable
    written = environment.get(variable, "").strip()
    if not written:
        raise UsageError(f"{variable} is not set.")
    _hide(*_SECRET.findall(written), *_SECRET.findall(unquote_plus(written)))
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        url = None
    # Raised here and not above, so that no message that quotes the URL is chained to it.
    if url is None or (url.host and "@" in url.host + (url.database or "")):
        raise UsageError(f"{variable} is no URL such as postgresql://user:password@host/database.")
    if url.password:
        _hide(str(url.password), quote(str(url.password), safe=""))
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    return Database(_with_login_files(url), timeout)


def _hide(*secrets: str) -> None:
    # The gaps that hiding leaves would reveal a shorter one, and every message would have some.
    hide(secret for secret in secrets if len(secret) > 3)


def _with_login_files(url: URL) -> URL:
    """Return a URL of MySQL with its gaps filled from option files; libpq reads `.pgpass` itself."""
    if url.get_backend_name() not in {"mysql", "mariadb"}:
        return url
    password = str(url.password) if url.password is not None else None
    found = Source("mysql", url.host, url.port, url.username, password, url.database).with_login_files()
    if found.password:
        _hide(found.password)
    if "socket" in found.options:
        url = url.update_query_dict({"unix_socket": found.options["socket"]})
    return url.set(host=found.host, port=found.port, username=found.user, password=found.password)


def reason(error: Exception) -> str:
    """Return what went wrong in one line, without secrets."""
    if isinstance(error, NoSuchModuleError):
        return "no SQLAlchemy dialect for this kind of database is installed"
    if isinstance(error, ModuleNotFoundError):
        known = error.name in {"psycopg", "pymysql"}
        advice = f": {install_line('freshness')}" if known else ""
        return f"the driver {error.name} is not installed{advice}"
    told: BaseException = error
    if isinstance(error, DBAPIError) and error.orig is not None:
        told = error.orig
    # MySQL's drivers put a number before the message.
    arguments = told.args
    message = str(arguments[1] if len(arguments) == 2 and isinstance(arguments[0], int) else told)
    # PostgreSQL's library asks back, and quotes the statement.
    message = re.split(r"\s+Is the server running|\nLINE ", message)[0]
    return redact(" ".join(message.split())) or type(told).__name__
