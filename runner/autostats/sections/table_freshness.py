"""The table of monitored tables' freshness."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.queries.rows import Row
from autostats.render.section import Column, Kind, Section

_NOW = "fct_table_freshness"
_DAILY = "fct_table_freshness_daily"
_NO_CHECKS = "There are none: `autostats freshness check` checks tables, and the next run counts the checks."
_NAMES = (
    Column("table", Kind.TEXT, "Table", "{}", "The monitored table, as `database.table`."),
    Column("column", Kind.TEXT, "Column", "", "The monitored column."),
)
NOW = ("state", "since", "lag_seconds", "last_update", "last_checked_at", "last_status")
_CONNECTION = ("dbobject", "server", "db_type")
_SHARE = Column(
    "fresh_share",
    Kind.SHARE,
    "Fresh",
    "fresh for {} of the known time",
    "The share of the known time for which it was fresh (0 to 1). NULL if none is known.",
    is_nullable=True,
)
_SUMS = (
    "checks",
    "worst_lag_seconds",
    "median_lag_seconds",
    "observed_seconds",
    "fresh_seconds",
    "warn_seconds",
    "stale_seconds",
    "unknown_seconds",
)


def table_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of the report."""
    now = catalogue.columns(_NOW, *_NAMES, *NOW)
    return (*now, _SHARE, *catalogue.columns(_DAILY, *_SUMS), *catalogue.columns(_NOW, *_CONNECTION))


def tables_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of a period; what needs attention comes first."""
    # Only one column of each table, as a rule: then it says nothing.
    name = ("table", "column") if len({row["table"] for row in rows}) < len(rows) else ("table",)
    brief = (*name, "state", "since", "lag_seconds", "fresh_share")
    lags = ("worst_lag_seconds", "median_lag_seconds")
    return Section(
        name="tables",
        title="Freshness of tables",
        columns=table_columns(catalogue),
        rows=rows,
        layouts=[
            (*brief, *lags, "last_update", "last_status"),
            (*brief, *lags),
            brief,
            (*name, "state", "since"),
        ],
        empty=_NO_CHECKS,
    )
