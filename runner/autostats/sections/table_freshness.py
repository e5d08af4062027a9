"""The table of monitored tables' freshness."""

from collections.abc import Sequence

from autostats.catalogue import Catalogue
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.table_freshness import tables_now
from autostats.render.section import Column, Kind, Section

_NOW = "fct_table_freshness"
_DAILY = "fct_table_freshness_daily"
_NO_CHECKS = "There are none: `autostats freshness check` checks tables, and the next run counts the checks."
_NAMES = (
    Column("table", Kind.TEXT, "Table", "{}", "The monitored table, as `database.table`."),
    Column("column", Kind.TEXT, "Column", "", "The monitored column."),
)
NOW = ("state", "since", "lag_seconds", "is_unusual", "last_update", "last_checked_at", "last_status")
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


def now_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of the tables' present states."""
    return catalogue.columns(_NOW, *_NAMES, *NOW, *_CONNECTION)


def table_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of the report."""
    now = catalogue.columns(_NOW, *_NAMES, *NOW)
    return (*now, _SHARE, *catalogue.columns(_DAILY, *_SUMS), *catalogue.columns(_NOW, *_CONNECTION))


def _name(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return what names a table: as a rule, only one column of each is monitored."""
    for name in (("table",), ("table", "column")):
        if len({tuple(row[part] for part in name) for row in rows}) == len(rows):
            return name
    return ("dbobject", "table", "column")


def tables_section(catalogue: Catalogue, rows: Sequence[Row]) -> Section:
    """Return the table of a period; what needs attention comes first."""
    name = _name(rows)
    brief = (*name, "state", "since", "lag_seconds", "is_unusual", "fresh_share")
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
            (*name, "state", "lag_seconds", "since"),
            (*name, "state", "lag_seconds"),
        ],
        empty=_NO_CHECKS,
    )


def tables_now_sections(scope: Scope, *, whole: bool) -> list[Section]:
    """Return the tables that are not fresh, or unusual, or all if `whole`; none when there are none."""
    rows = [
        row for row in tables_now(scope.warehouse) if whole or row["state"] != "fresh" or row["is_unusual"]
    ]
    layout = (*_name(rows), "state", "since", "lag_seconds", "is_unusual", "last_update", "last_status")
    section = Section(
        name="tables",
        title="Monitored tables" if whole else "Tables that are not fresh, or unusual",
        columns=now_columns(scope.warehouse.catalogue),
        rows=rows,
        layouts=[layout, layout[:-1], layout[:-2]],
        count=len(rows),
    )
    return [section] if rows else []
