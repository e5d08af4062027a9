"""Write the demonstration source: SQL in DuckDB, batch by batch, into a SQLite or DuckDB file."""

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import duckdb

from autostats.demo.cycles import cycle_anchor
from autostats.demo.instruments import MOST, demo_instruments
from autostats.errors import UsageError
from autostats.source.extensions import load_extension

# The busiest instrument at ISIS makes about this many runs on a day with beam.
_RUNS_A_DAY = 145
# Jobs per run: including reruns and sums, less the missing run numbers.
_JOBS_PER_RUN = 1.062
_BATCH_JOBS = 250_000
_STATUSES = {1: "queued", 2: "processing", 3: "error", 4: "skipped", 5: "completed"}


@dataclass(frozen=True)
class DemoSummary:
    """What was written."""

    path: Path
    kind: Literal["sqlite", "duckdb"]
    first_day: date
    last_day: date
    instruments: tuple[str, ...]
    jobs: int
    run_numbers: int
    statuses: Mapping[str, int]
    seconds: float


def generate(
    path: Path,
    *,
    kind: Literal["sqlite", "duckdb"] = "sqlite",
    jobs: int | None = None,
    days: int = 90,
    instruments: int = 10,
    until: date | None = None,
    now: datetime | None = None,
    seed: int = 1,
) -> DemoSummary:
    """Write a source in the era C schema to `path`, replacing the file, and return what is in it.

    The jobs cover `days` days, the last of them `until` (default: the day of `now`), and stop at `now`, which
    is UTC without a time zone (default: this moment, but not after the end of `until`). `jobs` is roughly how
    many there are (default: as many as ISIS would make). The same arguments give the same data.

    Raises `UsageError` for numbers that make no sense or a folder that does not exist.
    """
    if days < 1 or not 1 <= instruments <= MOST or (jobs is not None and jobs < 1):
        raise UsageError(
            f"A demonstration needs a day, a job and an instrument at least, and at most {MOST} instruments."
        )
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Create it first.")
    began = time.monotonic()
    now = now or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    until = until or now.date()
    now = min(now, datetime.combine(until, time_of_day(23, 59, 59)))
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    try:
        with duckdb.connect() as connection:
            _create(connection, draft, kind)
            chosen = demo_instruments(instruments)
            _set(
                connection,
                seed=seed,
                first_day=until - timedelta(days=days - 1),
                last_day=until,
                anchor=cycle_anchor(until),
                now=now,
            )
            connection.execute(
                "create temp table demo_instrument (id int, name varchar, weight double, seconds int, "
                "first_run bigint, is_paused bool)"
            )
            connection.executemany(
                "insert into demo_instrument values (?, ?, ?, ?, ?, ?)",
                [[i.id, i.name, i.weight, i.seconds, i.first_run, i.is_paused] for i in chosen],
            )
            statuses, numbers = _fill(connection, jobs)
            connection.execute("detach target")
        if kind == "sqlite":
            with sqlite3.connect(draft) as database:
                database.executescript(_sql("indexes"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return DemoSummary(
        path=path,
        kind=kind,
        first_day=until - timedelta(days=days - 1),
        last_day=until,
        instruments=tuple(instrument.name for instrument in chosen),
        jobs=sum(statuses.values()),
        run_numbers=numbers,
        statuses=statuses,
        seconds=time.monotonic() - began,
    )


def _create(connection: duckdb.DuckDBPyConnection, path: Path, kind: str) -> None:
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set memory_limit = '1GB'")
    quoted = str(path).replace("'", "''")
    if kind == "sqlite":
        load_extension(connection, "sqlite_scanner")
        with sqlite3.connect(path) as database:
            script = _sql("schema").replace("{id}", "integer not null primary key autoincrement")
            database.executescript(script.replace("{time}", "datetime"))
        connection.execute(f"attach '{quoted}' as target (type sqlite)")
        return
    connection.execute(f"attach '{quoted}' as target")
    connection.execute("use target")
    # Without a primary key: its index would take more memory than everything else.
    connection.execute(_sql("schema").replace("{id}", "bigint not null").replace("{time}", "timestamp"))
    connection.execute("use memory")


def _fill(connection: duckdb.DuckDBPyConnection, jobs: int | None) -> tuple[dict[str, int], int]:
    connection.execute(_sql("plan"))
    runs = _RUNS_A_DAY * _number(connection, "select coalesce(sum(weight), 0) from plan_weights")
    if jobs is not None:
        runs = jobs / _JOBS_PER_RUN
    _set(connection, runs=max(round(runs), 1))
    for part in ("runs", "later_jobs", "small_tables"):
        connection.execute(_sql(part))
    statuses = dict.fromkeys(_STATUSES.values(), 0)
    before = {"jobs": 0, "numbers": 0, "outputs": 0}
    for first, last in _batches(connection):
        _set(connection, batch_first=first, batch_last=last, **{f"{k}_before": v for k, v in before.items()})
        connection.execute(_sql("batch"))
        counts = connection.execute("select status_id, count(*) from batch_jobs group by all").fetchall()
        for status, count in counts:
            statuses[_STATUSES[status]] += count
        before["jobs"] = sum(statuses.values())
        before["numbers"] += int(_number(connection, "select count(*) from batch_numbers"))
        before["outputs"] += int(
            _number(connection, "select count(*) from batch_numbers where status_id = 5")
        )
    return statuses, before["numbers"]


def _batches(connection: duckdb.DuckDBPyConnection) -> list[tuple[date, date]]:
    """Return ranges of days with about `_BATCH_JOBS` jobs each, which fit into memory."""
    ranges: list[tuple[date, date]] = []
    first: date | None = None
    size = 0
    for day, runs in connection.execute(
        "select day, sum(runs)::bigint from plan group by day order by day"
    ).fetchall():
        first = first or day
        size += runs
        if size >= _BATCH_JOBS:
            ranges.append((first, day))
            first, size = None, 0
        last = day
    if first is not None:
        ranges.append((first, last))
    return ranges


def _set(connection: duckdb.DuckDBPyConnection, **values: Any) -> None:
    for name, value in values.items():
        connection.execute(f"set variable {name} = ?", [value])


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    row = connection.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def _sql(name: str) -> str:
    return files("autostats.demo").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
