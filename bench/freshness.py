"""What neighbours that hang cost the checks of monitored tables that do not.

`python -m bench.freshness` makes tables on PostgreSQL and MariaDB, a third of them in a second database on
PostgreSQL, and checks them all with `autostats freshness check`: alone, and beside a server that accepts and
never answers, one that refuses, a locked table and a slow MAX(). The two are measured by turns. Options:
`--tables` (1000), `--rounds` (3; the median counts).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.freshness import Monitored, refusing_port, silent_server  # noqa: E402
from support.sources import ServerSource, server_source  # noqa: E402

from bench.__main__ import line, measure, verdict  # noqa: E402

SERVERS = ("postgres", "mariadb", "postgres")


def fill(source: ServerSource, tables: int) -> None:
    """Make tables with one row each, one that is locked later, and a view whose MAX() takes a minute."""
    is_postgres = source.engine == "postgres"
    slow = "now() + ('0' || pg_sleep(60)::text || ' s')::interval" if is_postgres else "sleep(60)"
    statements = [f"create view slow as select {slow} as at", "create table locked (at timestamp)"]
    for number in range(tables):
        statements += [f"create table t{number} (at timestamp)", f"insert into t{number} values (now())"]
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


def check(monitored: Monitored, lines: Sequence[str]) -> tuple[float, float, float]:
    """Check tables; return the seconds until the last healthy one, until all, and the memory (GB)."""
    monitored.write(lines)
    out = monitored.home / "out.csv"
    environment = os.environ | monitored.env
    command = [str(Path(sys.executable).with_name("autostats")), "freshness", "check", "--all", "--quiet"]
    figure = measure([*command, "--output", str(out)], environment, codes={0, 4, 6})
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    if len(rows) != len(lines):
        raise RuntimeError(f"{len(rows)} rows for {len(lines)} tables")
    began = min(datetime.fromisoformat(row["checked_at"]) for row in rows)
    ended = [
        (datetime.fromisoformat(row["checked_at"]) - began).total_seconds() + float(row["duration_seconds"])
        for row in rows
        if row["status"] == "Okay"
    ]
    return max(ended), figure.seconds, figure.gigabytes


def bench_freshness(tables: int, rounds: int) -> None:
    """Measure both, and print the ratio."""
    with ExitStack() as stack:
        sources = [stack.enter_context(server_source(engine, "A")) for engine in SERVERS]
        home = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "home"
        silent = stack.enter_context(silent_server())
        monitored = Monitored(home, {f"S{place}": source.url for place, source in enumerate(sources)})
        monitored.urls |= {
            "SILENT": f"postgresql://me:none@127.0.0.1:{silent}/x",
            "REFUSES": f"postgresql://me:none@127.0.0.1:{refusing_port()}/x",
        }
        share = tables // len(sources)
        for source in sources:
            fill(source, share)
        schemas = ["public" if source.engine == "postgres" else source.database for source in sources]
        healthy = [
            f"s{place},{schema},t{number},at,UTC,5,true"
            for number in range(share)
            for place, schema in enumerate(schemas)
        ]
        bad = [
            "silent,x,t,at,UTC,5,true",
            "refuses,x,t,at,UTC,5,true",
            f"s0,{schemas[0]},locked,at,UTC,5,true",
            f"s1,{schemas[1]},slow,at,UTC,5,true",
        ]
        locking = stack.enter_context(closing(sources[0].connect()))
        locking.cursor().execute("lock table locked in access exclusive mode")
        alone, beside, whole, memory = [], [], [], []
        for _ in range(rounds):
            for found in home.glob("observations*"):
                found.unlink()
            alone.append(check(monitored, healthy)[0])
            for found in home.glob("observations*"):
                found.unlink()
            done, seconds, gigabytes = check(monitored, bad + healthy)
            beside.append(done)
            whole.append(seconds)
            memory.append(gigabytes)
    print(f"\nFreshness of {len(healthy):,} tables on {len(sources)} servers\n")
    line("healthy tables alone", f"{statistics.median(alone):.2f} s")
    line("healthy tables beside four that hang", f"{statistics.median(beside):.2f} s")
    figures = {
        "healthy tables, beside bad ones / alone": statistics.median(beside) / statistics.median(alone),
        "all rows, s": statistics.median(whole),
        "peak memory of freshness check, GB": max(memory),
    }
    for aim, value in figures.items():
        line(aim, f"{value:.2f}", verdict(aim, value))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    bench_freshness(options.tables, options.rounds)


if __name__ == "__main__":
    main()
