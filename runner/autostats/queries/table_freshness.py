"""The freshness of monitored tables: their state now, and how fresh they were in a period."""

from datetime import timedelta

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.warehouse import Warehouse

# What needs attention comes first.
STATES = ("stale", "unknown", "warn", "fresh")
_ORDER = f"list_position({list(STATES)}, state), 1, 2, dbobject"
_NOW = """select table_name as "table", column_name as "column", dbobject, server, db_type, state, since,
    lag_seconds, is_unusual, last_update, last_checked_at, last_status"""
# Of no day since the first check, nothing is known.
_IN_PERIOD = """
{now},
    coalesce(checks, 0) as checks, worst_lag_seconds, median_lag_seconds,
    coalesce(observed_seconds, 0) as observed_seconds, coalesce(fresh_seconds, 0) as fresh_seconds,
    coalesce(warn_seconds, 0) as warn_seconds, coalesce(stale_seconds, 0) as stale_seconds,
    coalesce(unknown_seconds, 0) as unknown_seconds,
    fresh_seconds / nullif(fresh_seconds + warn_seconds + stale_seconds, 0) as fresh_share
from fct_table_freshness
left join (
    select table_key, cast(sum(checks) as bigint) as checks, max(worst_lag_seconds) as worst_lag_seconds,
        sum(observed_seconds) as observed_seconds, sum(fresh_seconds) as fresh_seconds,
        sum(warn_seconds) as warn_seconds, sum(stale_seconds) as stale_seconds,
        sum(unknown_seconds) as unknown_seconds
    from fct_table_freshness_daily
    where day between ? and ?
    group by table_key
) as sums using (table_key)
left join (
    select table_key, percentile_disc(0.5) within group (order by lag_seconds) as median_lag_seconds
    from fct_table_checks
    where checked_at >= ? and checked_at < ? and checked_at <= ?
    group by table_key
) as medians using (table_key)
where {chosen}
order by {order}
"""


def table_rows(scope: Scope) -> list[Row]:
    """Return one row per monitored table and column: its state now, and sums of the period.

    `scope` names tables for instruments. `fresh_share` is the part of the known time for which it was fresh
    (0 to 1; None when none is known).
    """
    settings, period = scope.settings, scope.period
    chosen, names = scope.among("table_name")
    bounds = [settings.midnight(period.first), settings.midnight(period.last + timedelta(days=1))]
    return scope.warehouse.rows(
        _IN_PERIOD.format(now=_NOW, chosen=chosen, order=_ORDER),
        [period.first, period.last, *bounds, settings.as_of, *names],
    )


def tables_now(warehouse: Warehouse) -> list[Row]:
    """Return the state of each monitored table and column."""
    return warehouse.rows(f"{_NOW} from fct_table_freshness order by {_ORDER}")


def monitored_tables(warehouse: Warehouse) -> list[str]:
    """Return the tables that were ever checked, as `database.table`, in order."""
    query = "select distinct table_name from fct_table_freshness order by 1"
    return [row["table_name"] for row in warehouse.rows(query)]
