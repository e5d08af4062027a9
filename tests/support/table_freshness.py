"""What the freshness of monitored tables is, second by second: slow, plain, and with a clock of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from math import ceil
from pathlib import Path
from typing import Any

from support.clocks import DAY, SECOND, Clock
from support.dbt_project import statistics

STATES = ("fresh", "warn", "stale", "unknown")
_WRITER = Path(__file__).with_name("write_checks.py")


@dataclass(frozen=True)
class Check:
    """A check at a whole second, UTC, and what was configured then; without a last update it failed."""

    at: datetime
    last_update: datetime | None
    interval: int = 600
    warn: int = 1200
    error: int = 2400
    status: str = "Okay"

    @property
    def lag(self) -> float | None:
        """How old the newest row was, in seconds."""
        return None if self.last_update is None else (self.at - self.last_update) / SECOND

    def state(self, seconds: float) -> str:
        """What the check says of a moment so many seconds after it."""
        lag = self.lag
        if lag is None or seconds >= 3 * self.interval:
            return "unknown"
        lag += seconds
        return "stale" if lag >= self.error else "warn" if lag >= self.warn else "fresh"


@dataclass(frozen=True)
class Monitored:
    """A monitored table and column."""

    table: str
    dbobject: str = "LIMS"
    column: str = "updated_at"
    server: str = "localhost:5432"
    db_type: str = "postgresql"

    @property
    def key(self) -> str:
        """Its key in the statistics."""
        text = f"{len(self.dbobject)} {len(self.table)} {self.dbobject}{self.table}{self.column}"
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def names(self) -> dict[str, str]:
        """The columns that say which table it is."""
        return {
            "table_key": self.key,
            "dbobject": self.dbobject,
            "table_name": self.table,
            "column_name": self.column,
        }


@dataclass
class Watched:
    """A monitored table, second by second from its first check to `as_of`, and what follows from that."""

    monitored: Monitored
    checks: Sequence[Check]
    as_of: datetime
    zone: str = "Europe/London"
    states: list[str] = field(init=False)

    def __post_init__(self) -> None:
        # Of two at one instant, the last one counts.
        known = {check.at: check for check in self.checks if check.at <= self.as_of}
        self.checks = [known[at] for at in sorted(known)]
        self.states = []
        ends = [*(check.at for check in self.checks[1:]), self.as_of]
        for check, end in zip(self.checks, ends, strict=False):
            self.states += map(check.state, range(int((end - check.at) / SECOND)))

    def daily(self) -> list[dict[str, Any]]:
        """The rows of fct_table_freshness_daily, without the load."""
        if not self.checks:
            return []
        clock = Clock(self.zone)
        day, rows, first = clock.at(self.checks[0].at).date(), [], self.checks[0].at
        while day <= clock.at(self.as_of).date():
            start = max(clock.midnight(day), first)
            end = max(min(clock.midnight(day + DAY), self.as_of), start)
            states = self.states[int((start - first) / SECOND) : int((end - first) / SECOND)]
            checks = [check for check in self.checks if clock.at(check.at).date() == day]
            lags = sorted(check.lag for check in checks if check.lag is not None)
            rows.append(
                {
                    "table_day_key": f"{self.monitored.key}|{day}",
                    "day": day,
                    **self.monitored.names,
                    "checks": len(checks),
                    "worst_lag_seconds": max(lags, default=None),
                    "median_lag_seconds": lags[ceil(len(lags) / 2) - 1] if lags else None,
                    "observed_seconds": len(states),
                    **{f"{state}_seconds": states.count(state) for state in STATES},
                    "first_checked_at": min((check.at for check in checks), default=None),
                    "last_checked_at": max((check.at for check in checks), default=None),
                    "last_answered_at": max(
                        (check.at for check in checks if check.last_update), default=None
                    ),
                    **{f"{state}_until": _until(states, state, start) for state in STATES},
                }
            )
            day += DAY
        return rows

    def now(self) -> list[dict[str, Any]]:
        """The row of fct_table_freshness, or none when it was never checked, or not for long."""
        if not self.checks:
            return []
        newest = self.checks[-1]
        if self.as_of - newest.at >= max(30 * DAY, 3 * newest.interval * SECOND):
            return []
        state = newest.state((self.as_of - newest.at) / SECOND)
        since = self.as_of
        for second in reversed(range(len(self.states))):
            if self.states[second] != state:
                break
            since = self.checks[0].at + second * SECOND
        answers = [check.last_update for check in self.checks if check.last_update]
        lag = None if state == "unknown" else (self.as_of - answers[-1]) / SECOND
        return [
            {
                **self.monitored.names,
                "server": self.monitored.server,
                "db_type": self.monitored.db_type,
                "state": state,
                "last_status": newest.status,
                # No test has four weeks of checks.
                "is_unusual": False,
                "lag_seconds": lag,
                "last_update": answers[-1] if answers else None,
                "since": since,
                "last_checked_at": newest.at,
            }
        ]

    def each_check(self) -> list[dict[str, Any]]:
        """The rows of fct_table_checks, without the load."""
        return [
            {
                **_observed(self.monitored, check),
                "state": check.state(0),
                "lag_seconds": check.lag,
            }
            for check in self.checks
        ]


def _until(states: Sequence[str], state: str, start: datetime) -> datetime | None:
    last = max((second for second, each in enumerate(states) if each == state), default=None)
    return None if last is None else start + (last + 1) * SECOND


def _observed(monitored: Monitored, check: Check) -> dict[str, Any]:
    return {
        **monitored.names,
        "server": monitored.server,
        "db_type": monitored.db_type,
        "status": check.status,
        "duration_seconds": 0.25,
        "interval_seconds": check.interval,
        "warn_after_seconds": check.warn,
        "error_after_seconds": check.error,
        "last_update": check.last_update,
        "checked_at": check.at,
    }


def freshness_marts(tables: Sequence[Watched]) -> dict[str, list[dict[str, Any]]]:
    """Every mart of the freshness of tables, as one load."""
    return {
        "fct_table_checks": [row | {"load_number": 1} for table in tables for row in table.each_check()],
        "fct_table_freshness_daily": [row | {"load_number": 1} for table in tables for row in table.daily()],
        "fct_table_freshness": [row for table in tables for row in table.now()],
    }


NEVER_CHECKED = freshness_marts([])


def insert_checks(home: Path, tables: Sequence[Watched]) -> None:
    """Put checks into statistics that dbt has built, as if a run had copied them."""
    rows = [_observed(table.monitored, check) for table in tables for check in table.checks]
    rows = [{**row, "collection_id": 1, "load_number": 1} for row in rows]
    with statistics(home) as connection:
        places = ", ".join(f"${name}" for name in rows[0])
        connection.executemany(f"insert into int_table_checks ({', '.join(rows[0])}) values ({places})", rows)


def look(checks: Mapping[Monitored, Sequence[Check]], state: str = "complete") -> dict[str, Any]:
    """One look of the collector for `write_looks`, which is complete, incomplete or failed."""
    rows = [
        {
            "dbobject": monitored.dbobject,
            "_table": monitored.table,
            "_column": monitored.column,
            "_server": monitored.server,
            "_db_type": monitored.db_type,
            "_last_update": check.last_update and check.last_update.isoformat(),
            "_query_timestamp": check.at.isoformat(),
            "_status": check.status,
            "duration_seconds": 0.25,
            "interval_seconds": check.interval,
            "warn_seconds": check.warn,
            "error_seconds": check.error,
        }
        for monitored, those in checks.items()
        for check in those
    ]
    return {"rows": rows, "state": state}


def write_looks(
    looks: Sequence[Mapping[str, Any]],
    environment: Mapping[str, str],
    *,
    target: str = "duckdb",
    completed: Sequence[int] = (),
    python: Path = Path(sys.executable),
) -> None:
    """Write looks as the collector does, and complete some that were incomplete, by their number.

    In a process of its own: two SQLite libraries on one file in one process end in a crash.
    """
    subprocess.run(
        [str(python), str(_WRITER), target],
        input=json.dumps({"looks": list(looks), "completed": list(completed)}),
        env=dict(environment),
        text=True,
        check=True,
        timeout=120,
    )
