"""The demonstration source: the same again for the same options, and everything there is to see."""

import hashlib
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from autostats.demo import DemoSummary, demo_cycles, generate
from autostats.errors import UsageError
from autostats.source.attach import attach
from autostats.source.url import Source

NOW = datetime(2026, 3, 29, 14, 30)
TABLES = ("reductionrun", "runnumber", "instrument", "experiment", "status", "datalocation")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return generate(tmp_path_factory.mktemp("demo") / "demo.duckdb", kind="duckdb", jobs=60_000, now=NOW)


@pytest.fixture(scope="module")
def source(made: DemoSummary) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(made.path, read_only=True) as connection:
        connection.execute(
            """
            create temp view jobs as
            select
                r.*, s.value as status, i.name as instrument, n.run_numbers, n.run_number,
                e.reference_number
            from reduction_viewer_reductionrun as r
            left join reduction_viewer_status as s on r.status_id = s.id
            left join reduction_viewer_instrument as i on r.instrument_id = i.id
            left join reduction_viewer_experiment as e on r.experiment_id = e.id
            left join (
                select reduction_run_id as id, count(*) as run_numbers, min(run_number) as run_number
                from reduction_viewer_runnumber group by 1
            ) as n on r.id = n.id
            """
        )
        yield connection


def one(source: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = source.execute(query).fetchone()
    assert row is not None
    return row[0] if len(row) == 1 else row


def share(source: duckdb.DuckDBPyConnection, condition: str) -> float:
    return float(one(source, f"select avg(coalesce(({condition}), false)::int) from jobs"))


def content(path: Path) -> str:
    kind = "sqlite" if path.suffix == ".sqlite" else "duckdb"
    digest = hashlib.sha256()
    with duckdb.connect() as connection:
        schema = attach(connection, Source.from_url(f"{kind}:///{path}"))
        for table in TABLES:
            name = f"autoreduction_source.{schema.name}.reduction_viewer_{table}"
            described = connection.execute(f"describe {name}").fetchall()
            # SQLite has no booleans, and its cells are read as the texts that they are.
            columns = [
                f"{column}::int::varchar"
                if column.startswith(("is_", "hidden", "batch", "overwrite"))
                else f"{column}::timestamp::varchar"
                if column in ("created", "last_updated", "started", "finished")
                else f"{column}::varchar"
                for column, *_ in described
            ]
            rows = connection.execute(f"select {', '.join(columns)} from {name} order by id::int").fetchall()
            digest.update(str(rows).encode())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["sqlite", "duckdb"])
def test_the_same_options_give_the_same_data(suffix: str, tmp_path: Path) -> None:
    kinds = {"sqlite": "sqlite", "duckdb": "duckdb"}

    def make(name: str, **options: Any) -> str:
        path = tmp_path / f"{name}.{suffix}"
        generate(path, kind=kinds[suffix], jobs=1500, days=20, now=NOW, **options)  # type: ignore[arg-type]
        return content(path)

    first = make("first")
    assert make("again") == first
    assert make("seed", seed=2) != first


@pytest.mark.slow
def test_both_kinds_hold_the_same(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        generate(tmp_path / f"x.{kind}", kind=kind, jobs=1500, days=20, now=NOW)

    assert content(tmp_path / "x.sqlite") == content(tmp_path / "x.duckdb")


def test_the_summary_adds_up(made: DemoSummary, source: duckdb.DuckDBPyConnection) -> None:
    assert made.jobs == one(source, "select count(*) from jobs") == sum(made.statuses.values())
    assert made.jobs == pytest.approx(60_000, rel=0.02)
    assert made.run_numbers == one(source, "select count(*) from reduction_viewer_runnumber")
    assert made.statuses["error"] == one(source, "select count(*) from jobs where status = 'e'")
    assert (made.first_day, made.last_day) == (date(2025, 12, 30), date(2026, 3, 29))


def test_ids_follow_the_order_of_creation(source: duckdb.DuckDBPyConnection) -> None:
    assert one(source, "select count(distinct id) = max(id) and min(id) = 1 from jobs")
    assert one(
        source,
        "select bool_and(ok) from (select created >= lag(created, 1, created) over "
        "(order by id) as ok from jobs)",
    )


def test_no_row_points_nowhere(source: duckdb.DuckDBPyConnection) -> None:
    assert one(source, "select count(*) from jobs where status is null or reference_number is null") == 0
    for table in ("runnumber", "datalocation", "reductionlocation"):
        name = f"reduction_viewer_{table}"
        assert one(source, f"select count(*) from {name} anti join jobs on reduction_run_id = jobs.id") == 0
    assert one(source, "select count(*) from jobs where run_numbers is null") == 0


def test_times_make_sense(source: duckdb.DuckDBPyConnection) -> None:
    assert one(source, "select max(created) from jobs") <= NOW
    assert one(source, f"select max(last_updated) <= timestamp '{NOW}' from jobs")
    assert one(source, "select count(*) from jobs where started < created or finished < started") == 0
    assert (
        one(source, "select count(*) from jobs where (status in ('c', 'e', 's')) <> (finished is not null)")
        == 0
    )
    assert one(source, "select count(*) from jobs where status in ('c', 'p') and started is null") == 0


def test_volumes_of_the_instruments(source: duckdb.DuckDBPyConnection) -> None:
    volumes = source.execute(
        "select instrument, count(*) from jobs where instrument is not null group by 1 order by 2 desc"
    ).fetchall()

    assert len(volumes) == 10
    assert volumes[0][0] == "WISH"
    assert 6 < volumes[0][1] / volumes[-1][1] < 16


def test_beam_cycles_and_quiet_days(made: DemoSummary, source: duckdb.DuckDBPyConnection) -> None:
    daily = dict(source.execute("select created::date, count(*) from jobs group by 1").fetchall())
    cycles = demo_cycles(made.last_day, 90)
    beam = {
        cycle.first_day + timedelta(days=n)
        for cycle in cycles
        for n in range((cycle.last_day - cycle.first_day).days + 1)
    } - {day for cycle in cycles for day in cycle.maintenance_days}
    days = [made.first_day + timedelta(days=n) for n in range(89)]

    assert len(cycles) == 2
    assert made.last_day in beam
    busy = [daily.get(day, 0) for day in days if day in beam]
    quiet = [daily.get(day, 0) for day in days if day not in beam]
    assert min(busy) > max(quiet)
    assert (
        one(
            source,
            "select count(*) from (select instrument from jobs group by instrument "
            "having count(distinct created::date) < 85)",
        )
        >= 5
    )


def test_day_and_night(source: duckdb.DuckDBPyConnection) -> None:
    assert 0.55 < share(source, "hour(created) between 8 and 19") < 0.75


def test_failures_come_in_bursts(source: duckdb.DuckDBPyConnection) -> None:
    assert 0.01 < share(source, "status = 'e'") < 0.03
    worst, usual = one(
        source,
        "select max(f), median(f) from (select avg((status = 'e')::int) as f from jobs "
        "where instrument = 'WISH' group by epoch(created)::bigint // 21600 having count(*) > 20)",
    )
    assert worst > 0.15 > 0.05 > usual
    assert one(source, "select count(*) from jobs where status = 'e' and started is null") > 5


def test_runs_fail_and_pass_later(source: duckdb.DuckDBPyConnection) -> None:
    resolved = one(
        source,
        "select count(*) from jobs a join jobs b using (instrument, run_number, reference_number) "
        "where a.status = 'e' and b.status = 'c' and b.run_version = a.run_version + 1 "
        "and b.created > a.finished and not a.batch_run and not b.batch_run",
    )
    failed = one(source, "select count(*) from jobs where status = 'e' and run_version = 0 and not batch_run")

    assert 0.3 < resolved / failed < 0.8


def test_another_experiment_starts_at_version_0_again(source: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(
            source,
            "select count(*) from jobs a join jobs b using (instrument, run_number) where a.id < b.id "
            "and b.run_version = 0 and a.run_version = 0 and a.reference_number <> b.reference_number "
            "and not a.batch_run and not b.batch_run",
        )
        > 50
    )
    assert 0.02 < share(source, "reference_number = 0") < 0.05


def test_versions_count_up(source: duckdb.DuckDBPyConnection) -> None:
    wrong = one(
        source,
        """
        select count(*) from (
            select count(*) as n, max(run_version) as last, count(distinct run_version) as versions
            from jobs where not batch_run and instrument is not null
            group by instrument, run_number, reference_number having n <> last + 1 or versions <> n
        )
        """,
    )
    assert wrong == 0


def test_batches(source: duckdb.DuckDBPyConnection) -> None:
    assert 0.005 < share(source, "batch_run") < 0.015
    assert one(source, "select count(*) from jobs where (run_numbers > 1) > batch_run") == 0
    assert one(source, "select max(run_numbers) from jobs") > 6


def test_skipped_and_stuck_jobs(source: duckdb.DuckDBPyConnection) -> None:
    assert 0.002 < share(source, "status = 's'") < 0.05
    assert one(source, "select count(*) from jobs where status = 's' and started is not null") == 0
    old = f"created < timestamp '{NOW}' - interval 3 day and status in ('q', 'p')"
    assert 1 <= one(source, f"select count(*) from jobs where {old}") <= 20
    new = f"created > timestamp '{NOW}' - interval 1 hour"
    assert one(source, f"select count(*) from jobs where {new} and status = 'q'") > 0
    assert one(source, f"select count(*) from jobs where {new} and status = 'p'") > 0


def test_starters(source: duckdb.DuckDBPyConnection) -> None:
    assert share(source, "started_by = 0") > 0.85
    assert share(source, "started_by = -1") > 0.01
    assert share(source, "started_by > 0") > 0.01
    assert 0 < share(source, "started_by is null") < 0.01
    # Some of the users are gone.
    assert one(
        source,
        "select count(*) from jobs where started_by > 0 and started_by not in (select id from auth_user)",
    )


def test_missing_runs_and_one_jump(source: duckdb.DuckDBPyConnection) -> None:
    missing, longest, jumps = one(
        source,
        """
        with known as (
            select distinct instrument, n.run_number
            from reduction_viewer_runnumber as n join jobs on n.reduction_run_id = jobs.id
            where instrument is not null
        ),
        steps as (
            select run_number - lag(run_number) over (partition by instrument order by run_number) as step
            from known
        )
        select
            sum(step - 1) filter (where step <= 1000) / count(*), max(step) filter (where step <= 1000),
            count(*) filter (where step > 1000)
        from steps
        """,
    )
    assert 0.002 < missing < 0.01
    assert longest > 2
    assert jumps == 1


def test_late_arrivals(source: duckdb.DuckDBPyConnection) -> None:
    late = one(
        source,
        """
        select count(*) from (
            select created - lead(created) over (partition by instrument order by run_number) as late
            from jobs where run_version = 0 and not batch_run and started_by = 0
        )
        where late > interval 12 hour
        """,
    )
    assert late > 10


def test_execution_times(source: duckdb.DuckDBPyConnection) -> None:
    medians = dict(
        source.execute(
            "select instrument, median(epoch(finished) - epoch(started)) from jobs where status = 'c' "
            "and instrument is not null and not batch_run group by 1"
        ).fetchall()
    )

    assert min(medians.values()) < 40
    assert max(medians.values()) > 900
    assert one(source, "select count(*) from jobs where instrument is null") > 0


def test_the_past_has_no_now(tmp_path: Path) -> None:
    made = generate(tmp_path / "x.sqlite", jobs=2000, days=10, until=date(2020, 2, 12))

    assert (made.first_day, made.last_day) == (date(2020, 2, 3), date(2020, 2, 12))
    with duckdb.connect() as connection:
        attach(connection, Source.from_url(f"sqlite:///{made.path}"))
        last = one(
            connection, "select max(created::timestamp) from autoreduction.main.reduction_viewer_reductionrun"
        )
    assert datetime(2020, 2, 12, 20) < last < datetime(2020, 2, 13)


@pytest.mark.slow
def test_ten_years(tmp_path: Path) -> None:
    made = generate(tmp_path / "x.duckdb", kind="duckdb", jobs=20_000, days=3650, now=NOW)

    with duckdb.connect(made.path) as connection:
        years = one(connection, "select count(distinct year(created)) from reduction_viewer_reductionrun")
    assert years >= 10
    assert made.jobs == pytest.approx(20_000, rel=0.02)
    cycles = demo_cycles(made.last_day, 3650)
    assert len({cycle.cycle for cycle in cycles}) == len(cycles)
    assert all(one.last_day < two.first_day for one, two in pairwise(cycles))


@pytest.mark.parametrize(
    ("hour", "days", "instruments"), [(0, 1, 1), (0, 2, 24), (1, 1, 10), (1, 30, 2), (23, 1, 24), (23, 2, 1)]
)
def test_small_ones(hour: int, days: int, instruments: int, tmp_path: Path) -> None:
    moment = datetime(2026, 3, 29, hour)

    made = generate(
        tmp_path / "x.duckdb", kind="duckdb", jobs=40, days=days, instruments=instruments, now=moment
    )

    assert made.jobs <= 60
    assert len(made.instruments) == instruments


def test_a_file_is_replaced_only_when_all_is_well(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    made = generate(path, jobs=100, days=3, now=NOW)
    before = path.read_bytes()

    for options in ({"days": 0}, {"jobs": 0}, {"instruments": 0}, {"instruments": 99}):
        with pytest.raises(UsageError):
            generate(path, **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no folder"):
        generate(tmp_path / "none" / "x.sqlite")

    assert path.read_bytes() == before
    assert generate(path, jobs=100, days=3, now=NOW).jobs == made.jobs
    assert [file.name for file in tmp_path.iterdir()] == ["x.sqlite"]


@pytest.mark.slow
def test_two_hundred_thousand_jobs_are_soon_made(tmp_path: Path) -> None:
    began = time.monotonic()
    made = generate(tmp_path / "x.duckdb", kind="duckdb", jobs=200_000, now=NOW)

    assert made.jobs > 190_000
    # A guard against a plan gone wrong, far above what it takes.
    assert time.monotonic() - began < 60


def test_jobs_ran_somewhere_and_with_something(source: duckdb.DuckDBPyConnection) -> None:
    ran = "started is not null"
    assert share(source, f"({ran}) = (software_id is not null) and ({ran}) = (reduction_host <> '')") == 1
    assert one(source, "select count(distinct reduction_host) from jobs where reduction_host <> ''") == 6
    versions = (
        "select list(distinct software_id order by software_id) from jobs where software_id is not null"
    )
    assert one(source, versions) == [2, 3]
