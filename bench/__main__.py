"""`make bench`: how long the daily job takes, compared with the alternatives.

    python -m bench [--sizes 1,5,10] [--nights 3] [--folder DIR]

Sources with that many million jobs over ten years are written once. Each figure is for one process on this
machine, and each ratio compares figures from the same run. The only assertion is that the compared tables are
equal.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

# The installed command.
COMMAND = str(Path(sys.executable).with_name("autostats"))
AIMS = {
    "full refresh / hand-written query": 2.0,
    "night's SQL / hand-written script": 1.3,
    "night's SQL, largest / smallest source": 1.2,
    "peak memory, GB": 1.5,
    "report, s": 0.3,
    "healthy tables, beside bad ones / alone": 1.2,
    "all rows, s": 15.0,
    "peak memory of freshness check, GB": 0.2,
    "look / bare loop": 1.5,
    "peak memory of archive count, GB": 0.2,
    "requests/s, Datasette / autostats": 0.2,
    "p99, autostats / Datasette": 0.2,
}
FIRST_AS_OF = datetime(2026, 1, 15, 18, 0)


@dataclass(frozen=True)
class Figure:
    """One process: wall-clock seconds, peak memory in GB, and what it printed."""

    seconds: float
    gigabytes: float
    said: dict[str, object]

    def said_number(self, name: str) -> float:
        """Return a number that the task printed."""
        return float(str(self.said[name]))


def measure(
    command: list[str], environment: dict[str, str] | None = None, codes: Collection[int] = (0,)
) -> Figure:
    """Run a command to completion. Raises RuntimeError with its messages when it ends in none of `codes`."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode not in codes:
            raise RuntimeError(f"{' '.join(command)} ended in {process.returncode}: {err.read()[-2000:]}")
        lines = [line for line in out.read().splitlines() if line.startswith("{")]
    return Figure(seconds, usage.ru_maxrss / 1e6, json.loads(lines[-1]) if lines else {})


def task(name: str, source: Path, home: Path, as_of: datetime, *more: str) -> Figure:
    """Measure one of `bench.tasks`."""
    moment = as_of.isoformat(sep=" ")
    return measure([sys.executable, "-m", "bench.tasks", name, str(source), str(home), moment, *more])


def verdict(aim: str, value: float) -> str:
    """Return how a figure compares with its aim."""
    limit = AIMS[aim]
    return "met" if value <= limit else f"missed by {100 * (value / limit - 1):.0f} %"


def line(label: str, figure: str, remark: str = "") -> None:
    """Print one row."""
    print(f"  {label:<46} {figure:>12}  {remark}", flush=True)


def bench_size(millions: float, folder: Path, nights: int) -> tuple[float, Path]:
    """Measure one source; return the seconds that the SQL of its night took, and its home."""
    jobs = round(millions * 1_000_000)
    as_of = FIRST_AS_OF
    source, home, other = folder / f"source-{jobs}.duckdb", folder / f"home-{jobs}", folder / f"other-{jobs}"
    for stale in (home, other):
        shutil.rmtree(stale, ignore_errors=True)
    made = task("generate", source, home, as_of, str(jobs))
    print(f"\n{made.said_number('jobs'):,.0f} jobs, {source.stat().st_size / 1e6:,.0f} MB of source\n")

    hand = task("handwritten", source, other, as_of)
    pandas = task("pandas", source, other, as_of)
    first = task("first-load", source, home, as_of)
    refresh = task("full-refresh", source, home, as_of)
    if not hand.said["digest"] == first.said["digest"] == refresh.said["digest"]:
        raise RuntimeError("the daily tables differ: there is nothing to compare")
    line("one hand-written DuckDB query", f"{hand.seconds:.2f} s", f"{hand.gigabytes:.2f} GB")
    line("pandas", f"{pandas.seconds:.2f} s", f"{pandas.gigabytes:.2f} GB")
    line("autostats run, first load", f"{first.seconds:.2f} s", f"{first.gigabytes:.2f} GB")
    line("autostats run --full-refresh", f"{refresh.seconds:.2f} s", f"{refresh.gigabytes:.2f} GB")
    aim = "full refresh / hand-written query"
    line(aim, f"{refresh.seconds / hand.seconds:.2f}", verdict(aim, refresh.seconds / hand.seconds))
    line("full refresh / pandas", f"{refresh.seconds / pandas.seconds:.2f}")
    aim = "peak memory, GB"
    peak = max(first.gigabytes, refresh.gigabytes)
    line(aim, f"{peak:.2f}", verdict(aim, peak))

    runs, scripts = [], []
    for _ in range(nights):
        as_of += timedelta(days=1)
        task("change", source, home, as_of)
        scripts.append(task("night-script", source, other, as_of))
        runs.append(task("night", source, home, as_of))
    whole = statistics.median(figure.seconds for figure in runs)
    sql = statistics.median(figure.said_number("sql_seconds") for figure in runs)
    script_whole = statistics.median(figure.seconds for figure in scripts)
    script_sql = statistics.median(figure.said_number("sql_seconds") for figure in scripts)
    check = task("handwritten", source, other, as_of)
    if check.said["digest"] != runs[-1].said["digest"]:
        raise RuntimeError("after the nights the daily tables differ")
    line("a night of 300 changed jobs, whole", f"{whole:.2f} s", f"script {script_whole:.2f} s")
    line("a night of 300 changed jobs, SQL alone", f"{sql:.3f} s", f"script {script_sql:.3f} s")
    tests = statistics.median(figure.said_number("test_seconds") for figure in runs)
    line("the SQL of its data tests, besides", f"{tests:.3f} s")
    aim = "night's SQL / hand-written script"
    line(aim, f"{sql / script_sql:.2f}", verdict(aim, sql / script_sql))
    line("night, whole / hand-written script", f"{whole / script_whole:.2f}")
    line("night, whole / hand-written query over all", f"{whole / check.seconds:.2f}")
    return sql, home


def bench_report(home: Path, repeats: int = 7) -> None:
    """Measure the report against the bare import of the libraries that draw it."""
    command = [COMMAND, "report", "--home", str(home), "--last", "7d"]
    report = statistics.median(measure(command).seconds for _ in range(repeats))
    bare_command = [sys.executable, "-c", "import typer, rich"]
    bare = statistics.median(measure(bare_command).seconds for _ in range(repeats))
    print("\nReport\n")
    line("python -c 'import typer, rich'", f"{bare:.3f} s")
    line("autostats report --last 7d", f"{report:.3f} s")
    line("report / bare import", f"{report / bare:.2f}")
    line("report, s", f"{report:.3f}", verdict("report, s", report))


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", default="1,5,10", help="millions of jobs, by commas")
    parser.add_argument("--nights", type=int, default=3, help="nights of each size; the median counts")
    parser.add_argument("--folder", type=Path, help="where the sources go; default: a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autostats-bench-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        sizes = [float(size) for size in options.sizes.split(",")]
        print(f"{os.cpu_count()} cores")
        results = [bench_size(size, folder, options.nights) for size in sizes]
        if len(results) > 1:
            aim = "night's SQL, largest / smallest source"
            ratio = results[-1][0] / results[0][0]
            print()
            line(aim, f"{ratio:.2f}", verdict(aim, ratio))
        bench_report(results[-1][1])


if __name__ == "__main__":
    main()
