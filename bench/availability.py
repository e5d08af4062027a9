"""How long millions of polls take: all of them, and those of one night.

    python -m bench.availability [--instruments 50] [--years 5] [--folder DIR]

Each instrument is polled every five minutes; half of them have operating hours. The models' time is what dbt
says of them. The only assertion is that the daily tables of the query and of the models are equal.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from bench.__main__ import COMMAND, Figure, line, measure, task

ZONE = "Europe/London"
END = datetime(2026, 1, 15, 18, 0)
AIMS = {"rebuild / hand-written query": 2.0, "peak memory, GB": 2.0, "a night's SQL, s": 1.0}
_POLLS = """
insert into autostats.autostats.int_polls by name
select
    'I' || lpad(cast(i as varchar), 3, '0') as instrument,
    case when hash(i, n // 40) % 50 = 0 then 'down' else 'up' end as state,
    cast(null as varchar) as reason,
    cast($start as timestamp) + interval 1 second * (n * 300 + cast(hash(i, n) % 60 as integer)) as polled_at,
    $load as collection_id,
    $load as load_number
from range($instruments) as instruments (i), range($polls) as polls (n)
order by polled_at, instrument
"""
_SUMS = "instrument, day, round(scheduled_seconds), round(up_seconds), round(down_seconds)"


def add_polls(home: Path, instruments: int, start: datetime, days: float, load: int) -> int:
    """Put the polls of some days into the statistics, as one load; return how many."""
    polls = round(days * 288)
    values = {"start": str(start), "load": load, "instruments": instruments, "polls": polls}
    with duckdb.connect(str(home / "autostats.duckdb")) as connection:
        connection.execute(_POLLS, values)
    return instruments * polls


def models_seconds(home: Path) -> float:
    """Return how long the last run's models of availability took."""
    results = json.loads((home / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    manifest = json.loads((home / "target" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    return sum(
        result["execution_time"]
        for result in results
        if result["unique_id"].startswith("model.")
        and manifest[result["unique_id"]].get("group") == "availability"
    )


def handwritten(home: Path, as_of: datetime) -> Figure:
    """Measure the query, which leaves its table in `handwritten.duckdb`."""
    return measure([sys.executable, "-m", "bench.availability", "--query", str(home), str(as_of)])


def run_query(home: Path, as_of: str) -> None:
    """Build the daily table with one hand-written query."""
    query = Path(__file__).with_name("handwritten_availability.sql").read_text(encoding="utf-8")
    path = home / "handwritten.duckdb"
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{home / 'autostats.duckdb'}' as source (read_only)")
        connection.execute(
            f"create table daily as {query}", {"zone": ZONE, "as_of": datetime.fromisoformat(as_of)}
        )


def check_equal(home: Path) -> None:
    """Raise RuntimeError when the two daily tables differ."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'autostats.duckdb'}' as autostats (read_only)")
        connection.execute(f"attach '{home / 'handwritten.duckdb'}' as handwritten (read_only)")
        models = f"select {_SUMS} from autostats.autostats.fct_availability_daily where scheduled_seconds > 0"
        query = f"select {_SUMS} from handwritten.daily"
        both = f"from (({models} except {query}) union all ({query} except {models})) select count(*)"
        [(different,)] = connection.execute(both).fetchall()
    if different:
        raise RuntimeError(f"the daily tables differ in {different} rows: there is nothing to compare")


def bench(folder: Path, instruments: int, years: float) -> None:
    """Measure and print."""
    source, home = folder / "source.duckdb", folder / "home"
    # How long each model took is in dbt's own record, which a night does not write.
    os.environ["DBT_WRITE_JSON"] = "true"
    shutil.rmtree(home, ignore_errors=True)
    task("generate", source, home, END, "1000")
    hours = folder / "hours.csv"
    spans = [f"I{i:03},{day},08:00,20:00" for i in range(instruments // 2) for day in range(5)]
    hours.write_text("\n".join(["instrument,day,start_time_local,end_time_local", *spans]), encoding="utf-8")
    measure([COMMAND, "availability", "import", "--hours", str(hours), "--home", str(home)])
    task("first-load", source, home, END - timedelta(days=round(365.25 * years)))

    polls = add_polls(home, instruments, END - timedelta(days=365.25 * years), 365.25 * years, 1)
    print(f"\n{polls:,} polls of {instruments} instruments\n")
    rebuild = task("full-refresh", source, home, END)
    seconds = models_seconds(home)
    query = handwritten(home, END)
    check_equal(home)
    line("one hand-written DuckDB query", f"{query.seconds:.2f} s", f"{query.gigabytes:.2f} GB")
    line("autostats run --full-refresh, its models", f"{seconds:.2f} s", f"{rebuild.gigabytes:.2f} GB")
    verdict("rebuild / hand-written query", seconds / query.seconds)
    verdict("peak memory, GB", rebuild.gigabytes)

    new = add_polls(home, instruments, END, 1, 2)
    task("night", source, home, END + timedelta(days=1))
    night = models_seconds(home)
    handwritten(home, END + timedelta(days=1))
    check_equal(home)
    line(f"a night of {new:,} polls, its models", f"{night:.2f} s")
    verdict("a night's SQL, s", night)


def verdict(aim: str, value: float) -> None:
    """Print a figure and how it compares with its aim."""
    missed = value / AIMS[aim] - 1
    line(aim, f"{value:.2f}", "met" if missed <= 0 else f"missed by {100 * missed:.0f} %")


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="bench.availability")
    parser.add_argument("--instruments", type=int, default=50)
    parser.add_argument("--years", type=float, default=5)
    parser.add_argument("--folder", type=Path, help="where the databases go; default: a temporary folder")
    parser.add_argument("--query", nargs=2, metavar=("HOME", "AS_OF"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.query:
        run_query(Path(options.query[0]), options.query[1])
        return
    with tempfile.TemporaryDirectory(prefix="autostats-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        bench(folder, options.instruments, options.years)


if __name__ == "__main__":
    main()
