"""A statistic of a million rows, served by `autostats serve` and by Datasette.

`python -m bench.serve` publishes the statistic, writes the same rows to SQLite, and asks both servers in turn
with one client: for page 2 of 100 rows, for the last page, for another page each time, for a page that the
client has already, and for everything as CSV. Datasette gets what it is best at: an immutable database with
its rows counted beforehand, and pages by key. It has no tags for its pages, and so answers the fourth with
the page. It lives in an environment of its own. Options: `--rows` (1,000,000), `--seconds` (8),
`--connections` (50), `--datasette` (an executable; by default, pip installs it).
"""

from __future__ import annotations

import argparse
import itertools
import random
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.published import publish, volume_by_second  # noqa: E402

from bench.__main__ import COMMAND, line, verdict  # noqa: E402
from bench.http_client import Load, keep_asking  # noqa: E402

_IDENT = "volume-1s"
_CSV_CONNECTIONS = 2


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    process: int

    @property
    def peak(self) -> float:
        """The most memory that it had, in MB."""
        status = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) / 1000


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int, path: str) -> Iterator[Server]:
    """Run a server until the end of the block, which begins when it answers."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10):
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{command[0]} does not answer")
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def write_sqlite(build: Path, path: Path) -> None:
    """Write the rows of the build to a table of SQLite."""
    with duckdb.connect(str(build), read_only=True) as source, closing(sqlite3.connect(path)) as target:
        target.execute(
            "create table volume (position integer primary key, second text, instrument text,"
            " messages_total integer, errors_total integer, mean_seconds real)"
        )
        result = source.execute(
            f"select * replace (strftime(second, '%Y-%m-%dT%H:%M:%SZ') as second) from served.\"{_IDENT}\""
        )
        while rows := result.fetchmany(50_000):
            target.executemany("insert into volume values (?, ?, ?, ?, ?, ?)", rows)
        target.commit()


def _datasette(folder: Path) -> str:
    venv.create(folder / "datasette", with_pip=True)
    programs = folder / "datasette" / "bin"
    subprocess.run([programs / "pip", "install", "--quiet", "datasette"], check=True)
    return str(programs / "datasette")


def _numbers(first: int, last: int) -> Iterator[int]:
    chance = random.Random(1)
    while True:
        yield chance.randint(first, last)


def _compare(what: str, ours: Load, theirs: Load, *, has_aims: bool = True) -> None:
    for name, load in (("autostats", ours), ("Datasette", theirs)):
        others = {status: number for status, number in load.statuses.items() if status not in (200, 304)}
        if others:
            raise RuntimeError(f"{name}, {what}: {others}")
        line(f"{what}: {name}", f"{load.per_second:,.1f}/s", f"p99 {load.p99 * 1000:,.1f} ms")
    ratios = {
        "requests/s, Datasette / autostats": theirs.per_second / ours.per_second,
        "p99, autostats / Datasette": ours.p99 / theirs.p99,
    }
    for aim, value in ratios.items():
        line(f"  {aim}", f"{value:.3f}", verdict(aim, value) if has_aims else "")


def bench_serve(folder: Path, rows: int, seconds: float, connections: int, datasette: str | None) -> None:
    """Measure both servers."""
    home = folder / "home"
    build = publish(home, [volume_by_second(rows)])
    database = folder / "statistics.db"
    write_sqlite(home / "published" / f"{build}.duckdb", database)
    port, other_port = _free_port(), _free_port()
    command = [datasette or _datasette(folder), "serve", "-i", str(database), "-p", str(other_port)]
    command += ["--setting", "max_csv_mb", "0", "--setting", "sql_time_limit_ms", "60000"]
    pages = rows // 100

    def our_page(number: int) -> str:
        return f"/api/{_IDENT}?page={number}"

    def their_page(number: int) -> str:
        after = rows - (number - 1) * 100
        return f"/statistics/volume.json?_sort_desc=position&_size=100&_next={after}"

    print(f"\n{rows:,} rows, {connections} connections\n")
    with (
        _running([COMMAND, "serve", "--home", str(home), "--port", str(port)], port, "/healthz") as ours,
        _running(command, other_port, "/-/versions.json") as theirs,
    ):
        for what, numbers in (
            ("page 2 of 100 rows", lambda: itertools.repeat(2)),
            (f"page {pages:,}", lambda: itertools.repeat(pages)),
            # So many that the answers kept of earlier requests hardly help.
            ("any page", lambda: _numbers(2, pages)),
        ):
            loads = [
                keep_asking(server.port, map(page, numbers()), seconds=seconds, connections=connections)
                for server, page in ((ours, our_page), (theirs, their_page))
            ]
            _compare(what, *loads)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{our_page(2)}") as answer:
            known = {"If-None-Match": answer.headers["etag"]}
        loads = [
            keep_asking(
                server.port,
                itertools.repeat(page(2)),
                seconds=seconds,
                connections=connections,
                headers=known,
            )
            for server, page in ((ours, our_page), (theirs, their_page))
        ]
        _compare("a page that the client has", *loads)
        loads = [
            keep_asking(
                server.port, itertools.repeat(path), seconds=1e9, connections=_CSV_CONNECTIONS, most=1
            )
            for server, path in (
                (ours, f"/api/{_IDENT}?format=csv"),
                (theirs, "/statistics/volume.csv?_stream=on&_size=max"),
            )
        ]
        _compare(f"everything as CSV, {_CSV_CONNECTIONS} at once", *loads)
        line("peak memory: autostats", f"{ours.peak:,.0f} MB")
        line("peak memory: Datasette", f"{theirs.peak:,.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--datasette")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autostats-bench-") as folder:
        bench_serve(Path(folder), options.rows, options.seconds, options.connections, options.datasette)


if __name__ == "__main__":
    main()
