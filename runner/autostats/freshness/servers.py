"""Asking many servers at once, so that none waits for another, and no table for a neighbour that hangs."""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Condition, Event, Thread
from typing import Any

from sqlalchemy import Connection

from autostats.errors import UsageError
from autostats.freshness.databases import Database, configured_database, reason
from autostats.freshness.moments import utc_moment
from autostats.freshness.tables_file import MonitoredTable

Row = dict[str, Any]
CONNECTIONS = 4
OKAY, NO_ROWS = "Okay", "no rows"
_LONGEST_STATUS = 1000
# How long after the time-out a query is stopped from here, and how long after that its thread is given up.
_GRACE = 0.4
_PATIENCE = 1.2
# Time-outs in a row after which a server is left alone until the next time.
_ENOUGH = 2 * CONNECTIONS
_LOOK_SECONDS = 0.1


@dataclass(eq=False)
class _Check:
    table: MonitoredTable
    database: Database | None
    asked_at: datetime
    began: float = field(default_factory=time.monotonic)
    # Nobody has a connection to its database yet.
    is_first: bool = True
    is_stopped: bool = False
    is_settled: bool = False

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def late(self) -> float:
        """By how many seconds it has passed its time-out."""
        assert self.database is not None
        return self.seconds - self.database.timeout

    def row(self, status: str, last_update: datetime | None = None, seconds: float = 0.0) -> Row:
        """Return the row of `obs_table_checks`."""
        return {
            "dbobject": self.table.dbobject,
            "_table": self.table.name,
            "_column": self.table.column,
            "_server": self.database.server[:300] if self.database else "",
            "_db_type": self.database.db_type[:40] if self.database else "",
            "_last_update": last_update,
            "_query_timestamp": self.asked_at,
            "_status": status[:_LONGEST_STATUS],
            "duration_seconds": seconds,
            "interval_seconds": self.table.interval_seconds,
            "warn_seconds": self.table.warn_seconds,
            "error_seconds": self.table.error_seconds,
        }


@dataclass(eq=False)
class _Worker:
    """A thread with at most one connection."""

    database: Database | None = None
    connection: Connection | None = None
    check: _Check | None = None
    # To another database, to be closed.
    leftover: Connection | None = None
    # It hangs in a check that has been given up.
    is_lost: bool = False

    def disconnect(self, *, is_broken: bool = False) -> None:
        self.database = None
        self.leftover, self.connection = self.connection, None
        self.close_leftover(is_broken=is_broken)

    def close_leftover(self, *, is_broken: bool = False) -> None:
        """Close it, outside of any lock: a server that hangs may let it wait."""
        connection, self.leftover = self.leftover, None
        with suppress(Exception):
            if connection is not None:
                if is_broken:
                    connection.invalidate()
                connection.close()


class _Server:
    """The checks of one server, done by a few threads with a connection each.

    The first connection to each database is made by one thread alone: if it fails, no other tries again, so
    that a wrong password is sent once.
    """

    def __init__(
        self, waiting: Mapping[Database, deque[MonitoredTable]], clock: Callable[[], datetime]
    ) -> None:
        self._waiting = waiting
        self._clock = clock
        self._changed = Condition()
        self._workers: list[_Worker] = []
        self._threads: list[Thread] = []
        self._late_in_a_row = 0

    def start(self, workers: int, results: SimpleQueue[Row]) -> None:
        """Begin to put a row into `results` for each table."""
        self._results = results
        self._workers = [_Worker() for _ in range(min(workers, sum(map(len, self._waiting.values()))))]
        # They do not keep the process from ending when a driver hangs.
        self._threads = [Thread(target=self._work, args=(each,), daemon=True) for each in self._workers]
        for thread in self._threads:
            thread.start()

    def mind(self) -> None:
        """Stop what has passed its time-out, and give up what cannot be stopped."""
        with self._changed:
            for worker in self._workers:
                check = worker.check
                if check is None or check.is_settled or check.late < _GRACE:
                    continue
                assert check.database is not None
                if worker.connection is not None and not check.is_stopped:
                    check.is_stopped = True
                    _in_background(check.database.stop, worker.connection)
                elif check.late > _PATIENCE:
                    worker.is_lost = True
                    self._fail(worker, check, check.database, "")
            pairs = zip(self._workers, self._threads, strict=True)
            if all(worker.is_lost or not thread.is_alive() for worker, thread in pairs):
                self._give_up("not asked: all connections to the server hang")

    def close(self) -> None:
        """Stop everything."""
        with self._changed:
            for tables in self._waiting.values():
                tables.clear()
            self._changed.notify_all()
            for worker in self._workers:
                check = worker.check
                if check is None or check.is_settled or check.database is None:
                    continue
                # Nobody knows what it would have found.
                check.is_settled = True
                if worker.connection is not None:
                    _in_background(check.database.stop, worker.connection)

    def wait(self, until: float) -> None:
        """Wait until its connections are closed, but no longer than until a moment of the monotonic clock."""
        for worker, thread in zip(self._workers, self._threads, strict=True):
            thread.join(0 if worker.is_lost else max(until - time.monotonic(), 0))

    def _work(self, worker: _Worker) -> None:
        while (check := self._take(worker)) is not None:
            database = check.database
            assert database is not None
            worker.close_leftover()
            try:
                if worker.connection is None:
                    worker.connection = database.connect()
                    with self._changed:
                        self._changed.notify_all()
                value = database.newest(worker.connection, check.table)
            except Exception as error:
                with self._changed:
                    if worker.connection is None and not (check.is_first or check.is_settled):
                        # The account may have no more connections: those that it has do the rest.
                        self._waiting[database].appendleft(check.table)
                        worker.database = worker.check = None
                        if self._is_connected(database):
                            return
                    else:
                        self._fail(worker, check, database, reason(error))
            else:
                self._succeed(check, value)
            if check.late >= 0 or (worker.connection is not None and worker.connection.invalidated):
                worker.disconnect(is_broken=True)
        worker.disconnect()

    def _take(self, worker: _Worker) -> _Check | None:
        """Return the next check for a thread, None when nothing is left for it."""
        with self._changed:
            worker.check, worker.is_lost = None, False
            while (database := self._choice(worker)) is None:
                if not any(self._waiting.values()):
                    # Nobody counts on its connection from here on.
                    worker.database = None
                    return None
                # For databases that other threads are just connecting to.
                self._changed.wait()
            if database is not worker.database:
                worker.leftover, worker.connection = worker.connection, None
            worker.check = _Check(self._waiting[database].popleft(), database, self._clock())
            worker.check.is_first = not self._is_connected(database)
            worker.database = database
            return worker.check

    def _choice(self, worker: _Worker) -> Database | None:
        if worker.database is not None and worker.connection is not None and self._waiting[worker.database]:
            return worker.database
        others = [each.database for each in self._workers if each is not worker]
        possible = [
            database
            for database, tables in self._waiting.items()
            if tables and (database not in others or self._is_connected(database))
        ]
        return min(possible, key=others.count, default=None)

    def _is_connected(self, database: Database) -> bool:
        return any(each.database is database and each.connection is not None for each in self._workers)

    def _succeed(self, check: _Check, value: object) -> None:
        moment = None
        status = NO_ROWS if value is None else OKAY
        if value is not None:
            try:
                moment = utc_moment(value, check.table.zone)
            except ValueError as error:
                status = f"the newest {check.table.column}, {error}"
        with self._changed:
            self._late_in_a_row = 0
            self._settle(check, status, moment)

    def _fail(self, worker: _Worker, check: _Check, database: Database, status: str) -> None:
        if check.is_settled:
            return
        is_late = check.late >= 0
        if is_late:
            status = f"no answer within {database.timeout:g} s"
        self._settle(check, status)
        if worker.connection is None and not self._is_connected(database):
            self._give_up(status, database)
        if is_late:
            self._late_in_a_row += 1
            if self._late_in_a_row >= _ENOUGH:
                self._give_up(f"not asked: {_ENOUGH} checks in a row had no answer from the server")
        self._changed.notify_all()

    def _give_up(self, status: str, only: Database | None = None) -> None:
        for database, tables in self._waiting.items():
            while tables and only in (None, database):
                self._settle(_Check(tables.popleft(), database, self._clock()), status)
        self._changed.notify_all()

    def _settle(self, check: _Check, status: str, last_update: datetime | None = None) -> None:
        if not check.is_settled:
            check.is_settled = True
            self._results.put(check.row(status, last_update, check.seconds))


def check_tables(
    tables: Iterable[MonitoredTable],
    timeout: float,
    jobs: int,
    clock: Callable[[], datetime],
    stop: Event,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[list[Row]]:
    """Ask each table for its newest moment, and yield rows of `obs_table_checks` as they arrive.

    A check takes `timeout` seconds at most. There are up to `jobs` at once, of which each server gets an
    equal share, between one and four. `clock` returns the present moment, UTC without a zone. Once `stop` is
    set, what still runs is stopped and yields nothing.
    """
    results: SimpleQueue[Row] = SimpleQueue()
    databases: dict[str, Database | str] = {}
    waiting: dict[str, dict[Database, deque[MonitoredTable]]] = {}
    left = 0
    for table in tables:
        left += 1
        if table.variable not in databases:
            try:
                databases[table.variable] = configured_database(table, timeout, environment)
            except UsageError as error:
                databases[table.variable] = str(error)
        found = databases[table.variable]
        if isinstance(found, str):
            results.put(_Check(table, None, clock()).row(found))
        else:
            of_server = waiting.setdefault(found.place, {})
            of_server.setdefault(found, deque()).append(table)
    servers = [_Server(each, clock) for each in waiting.values()]
    for server in servers:
        server.start(min(max(jobs // len(servers), 1), CONNECTIONS), results)
    try:
        while left and not stop.is_set():
            batch = _arrived(results)
            left -= len(batch)
            yield batch
            for server in servers:
                server.mind()
    finally:
        for server in servers:
            server.close()
        patience = time.monotonic() + _PATIENCE
        for server in servers:
            server.wait(patience)
    if left:
        yield _arrived(results)


def _arrived(results: SimpleQueue[Row]) -> list[Row]:
    """Return the rows that are there, after a moment's wait if there are none."""
    rows = []
    with suppress(Empty):
        rows.append(results.get(timeout=_LOOK_SECONDS))
        while True:
            rows.append(results.get_nowait())
    return rows


def _in_background(work: Callable[[Connection], None], connection: Connection) -> None:
    Thread(target=work, args=(connection,), daemon=True).start()
