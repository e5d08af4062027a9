"""Querying the source's server directly, in its own SQL."""

from typing import Any

import duckdb

from autostats.source.names import SOURCE_CATALOG
from autostats.source.url import Engine
from autostats.sql_text import literal

_FUNCTIONS = {"mysql": "mysql_query", "postgresql": "postgres_query"}


def ask(connection: duckdb.DuckDBPyConnection, kind: Engine, query: str) -> list[tuple[Any, ...]]:
    """Return the rows with which the attached server answers. Raises duckdb.Error when it does not answer."""
    return connection.execute(f"from {_FUNCTIONS[kind]}('{SOURCE_CATALOG}', {literal(query)})").fetchall()
