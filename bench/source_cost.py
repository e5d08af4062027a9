"""What a night costs the source's server, according to the server's own counters.

`python -m bench.source_cost` fills a source in the genuine schema on PostgreSQL and on MariaDB with jobs that
have log text, loads it, changes 300 jobs, and prints how many rows the server read for the next run. Options:
`--jobs` (a million), `--log-bytes` (2000 a job), `--engine`, `--target duckdb` or the server's own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.sources import ServerSource, SourceWriter, server_source, wish_fixture  # noqa: E402

TABLES = ("reductionrun", "runnumber", "status", "instrument", "experiment")
SECONDS_A_JOB = 150
CHANGED = 300


def fill(source: ServerSource, jobs: int, log_bytes: int) -> None:
    """Write that many jobs, the newest from yesterday, with log text in each of four columns."""
    with SourceWriter.open(source) as writer:
        # The small tables, and the rows that the bulk insert copies.
        wish_fixture(writer)
    log = f"repeat('x', {log_bytes // 2})"
    age = f"({jobs} - place) * {SECONDS_A_JOB} + 86400"
    if source.engine == "postgres":
        series = f"generate_series(1, {jobs}) as place"
        moment = f"now() - ({age}) * interval '1 second'"
        after = "{} + interval '{} second'"
    else:
        series = f"(select seq as place from seq_1_to_{jobs}) as places"
        moment = f"utc_timestamp(6) - interval ({age}) second"
        after = "{} + interval {} second"
    columns = (
        "run_version, started_by, run_description, run_title, admin_log, reduction_log, reduction_host,"
        " hidden_in_failviewer, overwrite, batch_run, experiment_id, instrument_id, arguments_id, script_id"
    )
    copied = columns.replace("admin_log, reduction_log", f"{log}, {log}")
    letter = "case when place % 50 = 0 then 'e' else 'c' end"
    status = f"(select id from reduction_viewer_status where value = {letter})"
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(
            "insert into reduction_viewer_reductionrun"
            f" (id, created, started, finished, last_updated, status_id, {columns})"
            f" select place + 1000, {moment}, {after.format(moment, 5)}, {after.format(moment, 90)},"
            f" {after.format(moment, 90)}, {status}, {copied}"
            f" from {series} cross join reduction_viewer_reductionrun where id = 2"
        )
        cursor.execute(
            "insert into reduction_viewer_runnumber (id, run_number, reduction_run_id)"
            f" select place + 1000, place + 1000, place + 1000 from {series}"
        )
        # Its old jobs are outside the look-back.
        cursor.execute("delete from reduction_viewer_runnumber where reduction_run_id < 1000")
        cursor.execute("delete from reduction_viewer_reductionrun where id < 1000")
        connection.commit()
        if source.engine == "postgres":
            connection.autocommit = True
            cursor.execute("vacuum analyze")
        else:
            cursor.execute("analyze table reduction_viewer_reductionrun, reduction_viewer_runnumber")
            cursor.fetchall()


def change(source: ServerSource) -> None:
    """Make the newest jobs end later than they did."""
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("select max(id) from reduction_viewer_reductionrun")
        newest = cursor.fetchone()[0]
        later = "interval '7 second'" if source.engine == "postgres" else "interval 7 second"
        cursor.execute(
            f"update reduction_viewer_reductionrun set finished = finished + {later}"
            f" where id > {newest - CHANGED}"
        )
        connection.commit()


def counters(source: ServerSource) -> dict[str, int]:
    """Return the rows read so far from the source's tables, and the blocks of logs (TOAST)."""
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        if source.engine == "postgres":
            # The counters of other sessions are updated a moment after those sessions end.
            cursor.execute("select pg_sleep(2), pg_stat_clear_snapshot()")
            names = ", ".join(f"'reduction_viewer_{table}'" for table in TABLES)
            cursor.execute(
                "select replace(relname, 'reduction_viewer_', ''), seq_tup_read, coalesce(idx_tup_fetch, 0)"
                f" from pg_stat_user_tables where relname in ({names})"
            )
            found = {}
            for table, scanned, fetched in cursor.fetchall():
                found[f"{table}: rows by scan"] = int(scanned)
                found[f"{table}: rows by index"] = int(fetched)
            cursor.execute(
                "select coalesce(sum(toast_blks_hit + toast_blks_read), 0) from pg_statio_user_tables"
                " where relname = 'reduction_viewer_reductionrun'"
            )
            found["reductionrun: blocks of logs"] = int(cursor.fetchone()[0])
            return found
        # It counts by table, where Handler_read% counts our own tables too.
        cursor.execute(
            "select replace(table_name, 'reduction_viewer_', ''), rows_read"
            f" from information_schema.table_statistics where table_schema = '{source.database}'"
        )
        return {f"{table}: rows read": int(rows) for table, rows in cursor.fetchall() if table in TABLES}


def environment(source: ServerSource, target: str, home: str) -> dict[str, str]:
    """Return the settings of a run."""
    server = urlsplit(source.url)
    prefix = f"AUTOSTATS_{target.upper()}_"
    return os.environ | {
        "AUTOSTATS_HOME": home,
        "AUTOSTATS_SOURCE_URL": source.url,
        "AUTOSTATS_SOURCE_SCHEMA": "public" if source.engine == "postgres" else source.database,
        "DBT_ENV_SECRET_AUTOSTATS_PASSWORD": server.password or "",
        f"{prefix}HOST": server.hostname or "",
        f"{prefix}PORT": str(server.port),
        f"{prefix}USER": server.username or "",
        f"{prefix}DATABASE": source.database if target == "postgres" else f"{source.database}_statistics",
    }


def plans(source: ServerSource) -> None:
    """Print PostgreSQL's own account of the query that reads a look-back, as the staging view asks it."""
    query = (
        "explain (analyze, buffers, costs off, timing off, summary off)"
        " select id, created, status_id from reduction_viewer_reductionrun"
        " where id >= (select max(id) - 8000 from reduction_viewer_reductionrun)"
    )
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(query)
        for (line,) in cursor.fetchall():
            print(f"    {line}")


@contextmanager
def counting(source: ServerSource) -> Iterator[None]:
    """Let MariaDB count the rows it reads by table, which it does not by default."""
    if source.engine == "postgres":
        yield
        return
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("select @@global.userstat")
        was = cursor.fetchone()[0]
        cursor.execute("set global userstat = 1")
        try:
            yield
        finally:
            cursor.execute(f"set global userstat = {was}")


def measure(engine: Any, options: argparse.Namespace) -> None:
    """Fill, load, change, run, and print the counters of that run."""
    target = options.target or {"postgres": "postgres", "mariadb": "mysql"}[engine]
    python = options.mysql_python if target == "mysql" else Path(sys.executable)
    command = [str(python.with_name("autostats")), "run", "--quiet", "--target", target]
    with server_source(engine) as source, tempfile.TemporaryDirectory() as home, counting(source):
        fill(source, options.jobs, options.log_bytes)
        settings = environment(source, target, home)
        try:
            subprocess.run(command, env=settings, check=True)
            change(source)
            before = counters(source)
            subprocess.run(command, env=settings, check=True)
            after = counters(source)
        finally:
            if target == "mysql":
                with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
                    cursor.execute(f"drop database if exists {source.database}_statistics")
        lookback = 14 * 86400 // SECONDS_A_JOB
        print(
            f"{engine}, target {target}: {options.jobs:,} jobs,"
            f" {CHANGED} changed, {lookback:,} in the look-back"
        )
        for name, value in after.items():
            print(f"  {name:<32}{value - before.get(name, 0):>14,}")
        if engine == "postgres":
            plans(source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--log-bytes", type=int, default=2000)
    parser.add_argument("--engine", choices=["postgres", "mariadb"], action="append")
    parser.add_argument("--target", choices=["duckdb"])
    parser.add_argument("--mysql-python", type=Path, default=ROOT / ".venv-mysql" / "bin" / "python")
    options = parser.parse_args()
    for engine in options.engine or ["postgres", "mariadb"]:
        measure(engine, options)


if __name__ == "__main__":
    main()
