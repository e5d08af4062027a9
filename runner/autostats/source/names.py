"""The names of the source in SQL, and how names and strings are written there."""

from collections.abc import Iterable

# The views that everybody sees, and the database behind them.
CATALOG = "autoreduction"
SOURCE_CATALOG = "autoreduction_source"
PREFIX = "reduction_viewer_"
# The last holds the run numbers if they are not a column of the job itself (era C).
TABLES = ("reductionrun", "status", "instrument", "experiment", "runnumber")


def literal(text: str) -> str:
    """Return `text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return `name` as an identifier in standard SQL, DuckDB and PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def backticked(name: str) -> str:
    """Return `name` as a MySQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def mysql_grants(schema: str, tables: Iterable[str], account: str) -> str:
    """Return the MySQL statements that let `account`, written as `'user'@'host'`, read the tables."""
    place = backticked(schema)
    return " ".join(f"GRANT SELECT ON {place}.{backticked(table)} TO {account};" for table in tables)
