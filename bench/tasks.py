"""The tasks that are timed: each is one process, so that its time and peak memory can be measured alone.

    python -m bench.tasks TASK SOURCE HOME AS_OF

A task prints one line of JSON: the `seconds` that its work took without imports, where that differs from the
whole, and anything else that the bench compares.
"""

import json
import os
import sys
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
ZONE = "Europe/London"
CHANGED_JOBS = 300
SUMS = (
    "jobs_total, jobs_passed, jobs_failed, exe_time_count, round(exe_time_sum), round(median_exe_time), "
    "round(p95_exe_time), runs_total, runs_passed, runs_failed, resolved_runs"
)


def _attached(source: Path, home: Path):  # type: ignore[no-untyped-def]
    import duckdb

    home.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(str(home / "handwritten.duckdb"))
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{source}' as source (read_only)")
    return connection


def _checksum(rows: list[tuple[object, ...]]) -> str:
    """Return a digest of the daily tables' rows, which is the same for equal tables."""
    import hashlib

    return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:12]


def daily_digest(connection, table: str) -> str:  # type: ignore[no-untyped-def]
    """Return the digest of a daily table."""
    return _checksum(connection.execute(f"select instrument, day, {SUMS} from {table}").fetchall())


def handwritten(source: Path, home: Path, as_of: str) -> dict[str, object]:
    """Build the daily table with one hand-written DuckDB query."""
    connection = _attached(source, home)
    query = (HERE / "handwritten_daily.sql").read_text()
    started = time.perf_counter()
    connection.execute(f"create or replace table daily as {query}", {"zone": ZONE, "as_of": as_of})
    connection.execute("checkpoint")
    return {"seconds": time.perf_counter() - started, "digest": daily_digest(connection, "daily")}


def pandas(source: Path, home: Path, as_of: str) -> dict[str, object]:
    """Build the daily table with pandas, after one query that fetches the columns it needs."""
    import numpy as np

    connection = _attached(source, home)
    started = time.perf_counter()
    jobs = connection.execute(
        """
        select runs.id, instruments.name as instrument, lower(statuses.value) as status, runs.started_by,
            runs.batch_run, runs.created, runs.started, runs.finished, runs.last_updated
        from source.reduction_viewer_reductionrun as runs
        join source.reduction_viewer_status as statuses on statuses.id = runs.status_id
        left join source.reduction_viewer_instrument as instruments on instruments.id = runs.instrument_id
        """
    ).df()
    numbers = connection.execute(
        "select reduction_run_id as id, run_number from source.reduction_viewer_runnumber"
    ).df()
    jobs = jobs.merge(numbers.groupby("id", as_index=False).run_number.min(), on="id", how="left")
    jobs["instrument"] = jobs.instrument.fillna("unknown")

    def local_day(times):  # type: ignore[no-untyped-def]
        return times.dt.tz_localize("UTC").dt.tz_convert(ZONE).dt.tz_localize(None).dt.normalize()

    jobs["day"] = local_day(jobs.created)
    passed = jobs.status == "c"
    seconds = (jobs.finished - jobs.started).dt.total_seconds()
    jobs["exe_time"] = seconds.where(passed & (seconds >= 0))
    flags = {
        "jobs_passed": passed,
        "jobs_failed": jobs.status == "e",
        "started_by_auto": jobs.started_by == 0,
        "started_by_devs": jobs.started_by == -1,
        "started_by_users": jobs.started_by > 0,
    }
    cells = ["instrument", "day"]
    counts = jobs.assign(**flags).groupby(cells)[list(flags)].sum()
    counts["jobs_total"] = jobs.groupby(cells).size()
    times = jobs.groupby(cells).exe_time
    counts["exe_time_count"] = times.count()
    counts["exe_time_sum"] = times.sum()
    counts["median_exe_time"] = times.quantile(0.5, interpolation="lower")
    counts["p95_exe_time"] = times.quantile(0.95, interpolation="higher")
    single = jobs[~jobs.batch_run.astype(bool) & jobs.run_number.notna()]
    last = single.sort_values(["created", "id"]).drop_duplicates([*cells, "run_number"], keep="last")
    counts["runs_total"] = last.groupby(cells).size()
    counts["runs_passed"] = last[last.status == "c"].groupby(cells).size()
    counts["runs_failed"] = last[last.status == "e"].groupby(cells).size()
    ends = single[single.status.isin(["c", "e"])].copy()
    ends["ended"] = ends.finished.fillna(ends.last_updated)
    ends = ends.sort_values(["instrument", "run_number", "ended", "id"])
    ends["day"] = local_day(ends.ended)
    runs = ends.groupby(["instrument", "run_number"], sort=False)
    ends["resolves"] = (ends.status == "c") & (runs.status.shift() == "e")
    days = ends.groupby(["instrument", "run_number", "day"], sort=False)
    resolved = days.agg(resolves=("resolves", "any"), last=("status", "last")).reset_index()
    resolved = resolved[resolved.resolves & (resolved["last"] == "c")]
    counts["resolved_runs"] = resolved.groupby(cells).size()
    total = int(np.nansum(counts.jobs_total))
    connection.register("counts", counts.reset_index())
    connection.execute("create or replace table pandas_daily as select * from counts")
    return {"seconds": time.perf_counter() - started, "jobs": total}


def run(source: Path, home: Path, as_of: str, *options: str) -> dict[str, object]:
    """Run `autostats run`; count the seconds that the database spent on models and on tests separately."""
    import duckdb
    from autostats.__main__ import main
    from dbt.adapters.duckdb.environments import local

    spent = {"sql_seconds": 0.0, "test_seconds": 0.0}
    execute = local.DuckDBCursorWrapper.execute

    def timed(self, sql, bindings=None):  # type: ignore[no-untyped-def]
        kind = "test_seconds" if "dbt_internal_test" in sql else "sql_seconds"
        started = time.perf_counter()
        try:
            return execute(self, sql, bindings)
        finally:
            spent[kind] += time.perf_counter() - started

    local.DuckDBCursorWrapper.execute = timed
    os.environ["AUTOSTATS_SOURCE_URL"] = f"duckdb:///{source}"
    sys.argv = ["autostats", "run", "--quiet", "--home", str(home), "--as-of", as_of, *options]
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            raise
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'autostats.duckdb'}' as autostats (read_only)")
        digest = daily_digest(connection, "autostats.autostats.fct_instrument_daily")
    return spent | {"digest": digest}


def full_refresh(source: Path, home: Path, as_of: str) -> dict[str, object]:
    """Run `autostats run --full-refresh`."""
    return run(source, home, as_of, "--full-refresh")


def night_script(source: Path, home: Path, as_of: str) -> dict[str, object]:
    """Make the records of the day of `as_of` with the hand-written script."""
    connection = _attached(source, home)
    day = datetime.fromisoformat(as_of).date()
    midnight = [
        datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(ZONE)) for d in (day, day + timedelta(days=1))
    ]
    starts_at, ends_at = [moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) for moment in midnight]
    newest = connection.execute("select max(id) from source.reduction_viewer_reductionrun").fetchone()
    values: dict[str, object] = {
        "first_id": newest[0] - 10 * CHANGED_JOBS,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "day": day,
    }
    started = time.perf_counter()
    for statement in (HERE / "handwritten_night.sql").read_text().split(";\n"):
        if statement.strip():
            used = {name: value for name, value in values.items() if f"${name}" in statement}
            connection.execute(statement, used or None)
    return {"sql_seconds": time.perf_counter() - started}


def change(source: Path, home: Path, as_of: str) -> dict[str, object]:
    """Let a day pass at the source: `CHANGED_JOBS` jobs, most of them new, the others now passing."""
    import duckdb

    with duckdb.connect(str(source)) as connection:
        newest = connection.execute("select max(id) from reduction_viewer_reductionrun").fetchone()[0]  # type: ignore[index]
        number = connection.execute("select max(id) from reduction_viewer_runnumber").fetchone()[0]  # type: ignore[index]
        new = CHANGED_JOBS - 50
        moment = f"timestamp '{as_of}' - interval 10 hour + to_minutes(row_number() over (order by id))"
        connection.execute(
            f"""
            insert into reduction_viewer_reductionrun
            select * replace (
                id + {new} as id, {moment} as created, {moment} + interval 5 second as started,
                {moment} + interval 65 second as finished, {moment} + interval 65 second as last_updated
            )
            from reduction_viewer_reductionrun where id > {newest - new}
            """
        )
        connection.execute(
            f"""
            insert into reduction_viewer_runnumber
            select {number} + row_number() over (order by n.id), run_number + 400, reduction_run_id + {new}
            from reduction_viewer_runnumber as n
            where reduction_run_id between {newest - new + 1} and {newest}
            """
        )
        connection.execute(
            f"""
            update reduction_viewer_reductionrun set
                status_id = (select id from reduction_viewer_status where value = 'c'),
                started = created, finished = created + interval 90 second
            where id in (
                select id from reduction_viewer_reductionrun
                where created >= timestamp '{as_of}' - interval 10 day order by id limit 50
            )
            """
        )
    return {"jobs": CHANGED_JOBS}


def generate_source(source: Path, home: Path, as_of: str, jobs: str) -> dict[str, object]:
    """Write the demonstration source: ten years up to the day of `as_of`."""
    from autostats.demo import generate

    now = datetime.fromisoformat(as_of)
    until: date = now.date()
    summary = generate(source, kind="duckdb", jobs=int(jobs), days=3650, until=until, now=now)
    return {"jobs": summary.jobs}


TASKS = {
    "generate": generate_source,
    "handwritten": handwritten,
    "pandas": pandas,
    "first-load": run,
    "full-refresh": full_refresh,
    "night": run,
    "night-script": night_script,
    "change": change,
}


if __name__ == "__main__":
    name, source_path, home_path, moment, *rest = sys.argv[1:]
    print(json.dumps(TASKS[name](Path(source_path), Path(home_path), moment, *rest)))  # type: ignore[operator]
