"""What the source is called in SQL, and how names and texts are written there."""

from collections.abc import Iterable

# The views that all see, and the database behind them.
CATALOG = "autoreduction"
SOURCE_CATALOG = "autoreduction_source"
PREFIX = "reduction_viewer_"
# The last has the run numbers where they are no column of the job itself (era C).
TABLES = ("reductionrun", "status", "instrument", "experiment", "runnumber")


def literal(text: str) -> str:
    """Return `text` as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """Return `name` as an identifier of standard SQL, DuckDB and PostgreSQL."""
    return '"' + name.replace('"', '""') + '"'


def backticked(name: str) -> str:
    """Return `name` as an identifier of MySQL."""
    return "`" + name.replace("`", "``") + "`"


def mysql_grants(schema: str, tables: Iterable[str], account: str) -> str:
    """Return MySQL's statements that let `account`, written as `'user'@'host'`, read the tables."""
    place = backticked(schema)
    return " ".join(f"GRANT SELECT ON {place}.{backticked(table)} TO {account};" for table in tables)
