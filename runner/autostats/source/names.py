"""The names of the source in SQL."""

from collections.abc import Iterable

from autostats.sql_text import backticked

# The views that everybody sees, and the database behind them.
CATALOG = "autoreduction"
SOURCE_CATALOG = "autoreduction_source"
PREFIX = "reduction_viewer_"
# The last but one holds the run numbers if they are not a column of the job itself (era C).
TABLES = ("reductionrun", "status", "instrument", "experiment", "runnumber", "software")
# What is read if the account may read it, by table; without it, nothing is known of software, host or title.
OPTIONAL = {
    "software": frozenset({"id", "name", "version"}),
    "reductionrun": frozenset({"reduction_host", "run_title", "software_id"}),
}


def mysql_grants(schema: str, tables: Iterable[str], account: str) -> str:
    """Return the MySQL statements that let `account`, written as `'user'@'host'`, read the tables."""
    place = backticked(schema)
    return " ".join(f"GRANT SELECT ON {place}.{backticked(table)} TO {account};" for table in tables)
