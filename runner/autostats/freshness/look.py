"""One look at the monitored tables: which are due, and what the checks find, into the observations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event

from sqlalchemy import and_, func, select

from autostats.freshness.servers import NO_ROWS, OKAY, Row, check_tables
from autostats.freshness.tables_file import Key, MonitoredTable
from autostats.observations.store import Store
from autostats.observations.tables import collections, table_checks

COLLECTOR = "freshness"
_EPOCH = datetime(1970, 1, 1)
# A scheduler does not start its jobs to the second.
_TOLERANCE = timedelta(seconds=30)


@dataclass(frozen=True)
class Last:
    """The last check of a table: when it was made (UTC, without a zone), and how many seconds it took."""

    at: datetime
    seconds: float


Known = dict[Key, Last]


def last_checks(store: Store, tables: Sequence[MonitoredTable], now: datetime) -> Known:
    """Return the last check of each table by its key; without those before the longest interval began."""
    longest = max((table.interval_seconds for table in tables), default=0)
    since = now - min(timedelta(seconds=longest), now - _EPOCH)
    looks = select(collections.c.collection_id).where(
        collections.c.collector == COLLECTOR,
        collections.c.state == "complete",
        collections.c.started_at >= since,
    )
    key = [table_checks.c[name] for name in ("dbobject", "_table", "_column")]
    moment = table_checks.c._query_timestamp
    newest = (
        select(*key, func.max(moment).label("at"))
        .where(table_checks.c.collection_id.in_(looks))
        .group_by(*key)
        .subquery()
    )
    is_newest = and_(moment == newest.c.at, *(column == newest.c[column.name] for column in key))
    asked = select(*key, moment, table_checks.c.duration_seconds).join(newest, is_newest)
    return {(row[0], row[1], row[2]): Last(row[3], row[4]) for row in store.rows(asked)}


def due(
    tables: Sequence[MonitoredTable], last: Known, now: datetime, tolerance: timedelta = _TOLERANCE
) -> list[MonitoredTable]:
    """Return the tables whose interval has passed since their last check, or almost, and in good order.

    Up to a tenth of the interval, or `tolerance` if that is less, may be missing. A check in the future, by a
    clock that was wrong, counts as none.
    """

    def is_due(table: MonitoredTable) -> bool:
        known = last.get(table.key)
        early = min(tolerance.total_seconds(), table.interval_seconds / 10)
        return known is None or not 0 <= (now - known.at).total_seconds() < table.interval_seconds - early

    return in_order([table for table in tables if is_due(table)], last)


def in_order(tables: Sequence[MonitoredTable], last: Known) -> list[MonitoredTable]:
    """Return the tables, with those that took long the last time at the end, where they delay no other."""
    return sorted(tables, key=lambda table: last[table.key].seconds if table.key in last else 0.0)


@dataclass(frozen=True)
class Look:
    """How tables are checked; `clock` returns the present moment, UTC without a zone.

    `progress` is called again and again, at least each second.
    """

    timeout: float
    jobs: int
    keep: timedelta
    clock: Callable[[], datetime]
    stop: Event
    progress: Callable[[], None] = lambda: None

    def at(
        self,
        store: Store,
        tables: Sequence[MonitoredTable],
        advance: Callable[[int, int], None] = lambda done, total: None,
    ) -> list[Row]:
        """Check tables, and return the rows that are in the observations then, in the order of the checks.

        `advance` hears how many have been checked. Raises what `Store.collecting` raises.
        """
        rows: list[Row] = []
        with store.collecting(COLLECTOR, self.clock, [table_checks], self.keep) as collection:
            for batch in check_tables(tables, self.timeout, self.jobs, self.clock, self.stop):
                self.progress()
                collection.append(table_checks, batch)
                rows += batch
                advance(len(rows), len(tables))
        return rows


def lag_seconds(row: Row) -> float | None:
    """Return how old a table's newest moment was when it was checked; None when the check found none."""
    if row["_last_update"] is None:
        return None
    return float((row["_query_timestamp"] - row["_last_update"]).total_seconds())


def state(row: Row) -> str:
    """Return the state of a table at its check: fresh, warn, stale, or unknown."""
    lag = lag_seconds(row)
    if lag is None:
        return "unknown"
    return "stale" if lag >= row["error_seconds"] else "warn" if lag >= row["warn_seconds"] else "fresh"


def could_be_checked(row: Row) -> bool:
    """Return whether the database answered."""
    return row["_status"] in (OKAY, NO_ROWS)
