"""Trying a source before its settings are written, and what was found there, in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autostats.errors import UsageError
from autostats.source.url import Source
from autostats.text import counted

if TYPE_CHECKING:
    import duckdb

    from autostats.dbt_setup.server_target import ServerTarget

_VERSIONS = {
    "mysql": "select version() as version",
    "postgresql": "select current_setting('server_version') as version",
}


@dataclass(frozen=True)
class Found:
    """A source that answered; `newest` is when its newest job was created, in its own time zone."""

    engine: str
    schema: str
    era: str
    instruments: int
    newest: str | None

    def __str__(self) -> str:
        instruments = counted(self.instruments, "instrument")
        newest = f"the newest job of {self.newest}" if self.newest else "no job yet"
        return f"{self.engine}, era {self.era}, {instruments}, {newest}"


def try_source(source: Source, server: "ServerTarget | None" = None) -> Found:
    """Connect to the source and inspect it; also check a target's server for the right to build there.

    Raises UsageError or UnreachableError, with a remedy.
    """
    import duckdb

    from autostats.source.attach import attach
    from autostats.source.names import CATALOG

    table = f"{CATALOG}.main.reduction_viewer"
    with duckdb.connect(":memory:") as connection:
        schema = attach(connection, source)
        if server is not None:
            _check_rights(connection, server)
        (instruments,) = _row(connection, f"select count(*) from {table}_instrument")
        (newest_id,) = _row(connection, f"select max(id) from {table}_reductionrun")
        newest = None
        if newest_id is not None:
            query = f"select cast(created as varchar) from {table}_reductionrun where id = {newest_id}"
            (created,) = _row(connection, query)
            newest = str(created)[:16]
        return Found(_engine(connection, source), schema.name, schema.era, int(str(instruments)), newest)


def _check_rights(connection: "duckdb.DuckDBPyConnection", server: "ServerTarget") -> None:
    from autostats.doctor.findings import State
    from autostats.doctor.server_checks import check_server

    for check in check_server(connection, server):
        if check.state is State.FAIL:
            raise UsageError(f"{server.statistics.redacted}: {check.detail}.", check.remedy)


def _engine(connection: "duckdb.DuckDBPyConnection", source: Source) -> str:
    from autostats.source.ask import ask

    if source.kind not in _VERSIONS:
        return {"sqlite": "SQLite", "duckdb": "DuckDB"}[source.kind]
    ((version,),) = ask(connection, source.kind, _VERSIONS[source.kind])
    number = str(version).split("-")[0].split(" ")[0]
    if source.kind == "postgresql":
        return f"PostgreSQL {number}"
    return f"{'MariaDB' if 'mariadb' in str(version).lower() else 'MySQL'} {number}"


def _row(connection: "duckdb.DuckDBPyConnection", query: str) -> tuple[object, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row
