"""Checking tables until somebody stops it."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, UsageError
from autostats.freshness.look import Known, Last, Look, due, last_checks, state
from autostats.freshness.tables_file import MonitoredTable, read_tables
from autostats.observations.store import opened
from autostats.text import counted

_BEAT_SECONDS = 60.0
_PAUSE_SECONDS = 1.0


class _TablesFile:
    """The tables of a file that may change; a broken one is told once, and the last good one kept."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen = self._stamp()
        self.tables: list[MonitoredTable] = read_tables(path)

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def look(self, told: Callable[[str], None]) -> bool:
        """Read the file again if it has changed; return whether it has other tables now."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        self._seen = stamp
        try:
            self.tables = read_tables(self._path)
        except UsageError as error:
            told(" ".join(filter(None, (str(error), error.remedy, "The last good file still counts."))))
            return False
        told(f"{self._path} has changed: {counted(len(self.tables), 'table')}.")
        return True


def watch(setup: Setup, config: Path, look: Look, told: Callable[[str], None], *, all_now: bool) -> None:
    """Check what is due until `look.stop` is set, and leave a look without rows in a minute without any.

    `all_now`: check all tables at first. Raises UsageError when the file is broken at the beginning; later
    failures are told, and tried again.
    """
    file = _TablesFile(config)
    known: Known | None = {} if all_now else None
    beat, failure = -_BEAT_SECONDS, ""
    while not look.stop.is_set():
        look.progress()
        if file.look(told):
            known = None
        try:
            wanted = None if known is None else due(file.tables, known, look.clock(), timedelta())
            if wanted or wanted is None or time.monotonic() >= beat + _BEAT_SECONDS:
                with opened(setup) as store:
                    if known is None:
                        known = last_checks(store, file.tables, look.clock())
                        wanted = due(file.tables, known, look.clock(), timedelta())
                    rows = look.at(store, wanted or [])
                beat, failure = time.monotonic(), ""
                known |= {
                    (row["dbobject"], row["_table"], row["_column"]): Last(
                        row["_query_timestamp"], row["duration_seconds"]
                    )
                    for row in rows
                }
                if rows:
                    states = [state(row) for row in rows]
                    found = ", ".join(f"{states.count(each)} {each}" for each in sorted(set(states)))
                    told(f"{counted(len(rows), 'table')} checked: {found}.")
        except AutostatsError as error:
            # The observations may be writable again soon; nothing is asked of a server until then.
            if str(error) != failure:
                told(f"{error} {error.remedy}")
            failure = str(error)
        look.stop.wait(_PAUSE_SECONDS)
