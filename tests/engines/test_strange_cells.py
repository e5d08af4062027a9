"""Values that each server can store and that mean nothing: one bad cell spoils one cell, on every target."""

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from support.engines import Engine, EngineWorld, Kind
from support.extent import some
from support.sources import SourceWriter

pytestmark = pytest.mark.slow

AS_OF = datetime(2020, 2, 12, 20)
NOON = datetime(2020, 2, 11, 12)
# By job: the column, what is in it, and the problems that are listed. A zero or partial date is MySQL's
# way of saying no time at all.
CELLS = {
    "mariadb": {
        1: ("created", "'0000-00-00 00:00:00'", {"no_creation"}),
        2: ("started", "'2020-02-00 09:00:00'", {"no_start"}),
        3: ("finished", "'2020-00-11 09:00:00'", {"no_end"}),
        4: ("started", "'0001-01-01 00:00:00'", {"meaningless_value", "no_start"}),
        5: ("finished", "'9999-12-31 23:59:59'", {"meaningless_value", "no_end"}),
        6: ("created", "'9999-12-31 23:59:59'", {"meaningless_value", "no_creation"}),
        7: ("last_updated", "'0000-00-00 00:00:00'", set()),
        8: ("started_by", "-2147483648", {"unknown_starter"}),
    },
    "postgres": {
        1: ("created", "'infinity'", {"meaningless_value", "no_creation"}),
        2: ("started", "'-infinity'", {"meaningless_value", "no_start"}),
        3: ("finished", "'infinity'", {"meaningless_value", "no_end"}),
        4: ("started", "'0044-03-15 12:00:00+00 BC'", {"meaningless_value", "no_start"}),
        5: ("finished", "'294276-12-31 23:59:59+00'", {"meaningless_value", "no_end"}),
        6: ("created", "'9999-12-31 23:59:59+00'", {"meaningless_value", "no_creation"}),
        7: ("last_updated", "'-infinity'", {"meaningless_value"}),
        8: ("started_by", "-2147483648", {"unknown_starter"}),
    },
}
SERVER_KINDS: tuple[Kind, ...] = ("duckdb from mariadb", "duckdb from postgres", "postgres", "mysql")


def world_of(engine: Engine, folder: Path, source_timezone: str = "UTC") -> EngineWorld:
    """Return a source of eleven jobs of yesterday noon, a minute each, the last two without a run."""
    world = EngineWorld(engine, folder, AS_OF, "Europe/London", source_timezone)
    with SourceWriter.open(world.source) as writer:
        for job_id in range(1, 12):
            writer.add_job(
                job_id=job_id,
                run_numbers={10: 0, 11: -5}.get(job_id, 100 + job_id),
                created=NOON,
                started=NOON,
                finished=NOON + timedelta(minutes=1),
            )
    return world


def execute(world: EngineWorld, *statements: str) -> None:
    assert world.dbt.source is not None
    with closing(world.dbt.source.connect()) as connection, closing(connection.cursor()) as cursor:
        if world.dbt.source.engine == "mariadb":
            cursor.execute("set sql_mode = ''")
        for statement in statements:
            cursor.execute(statement)
        connection.commit()


@pytest.mark.parametrize("kind", some(SERVER_KINDS, 1))
def test_one_bad_cell_spoils_one_cell(engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind) -> None:
    engine = engines(kind)
    world = world_of(engine, tmp_path / "world")
    assert engine.source is not None
    cells = CELLS[engine.source.engine]
    execute(
        world,
        *(
            f"update reduction_viewer_reductionrun set {column} = {value} where id = {job_id}"
            for job_id, (column, value, _) in cells.items()
        ),
    )
    for full_refresh in (False, False, True):
        world.clock += timedelta(seconds=1)
        world.build(world.home, world.settings(), full_refresh=full_refresh)
        marts = world.marts(world.home)
        listed: dict[int, set[str]] = {job_id: set() for job_id in range(1, 12)}
        for row in marts["fct_data_problems"]:
            listed[row["job_id"]].add(row["problem"])
        no_run = {"meaningless_value", "no_run_number"}
        assert listed == {
            **{job_id: problems for job_id, (_, _, problems) in cells.items()},
            **{9: set(), 10: no_run, 11: no_run},
        }
        # Two jobs have no day; their runs are in the database all the same, and none is missing.
        assert marts["fct_missing_runs"] == []
        [day] = [row for row in marts["fct_instrument_daily"] if row["day"] == date(2020, 2, 11)]
        assert (day["jobs_total"], day["jobs_passed"], day["max_exe_time"]) == (9, 9, 60)
        jobs = {row["job_id"]: row for row in marts["fct_jobs"]}
        for job_id, (column, _, _) in cells.items():
            if column != "started_by":
                assert jobs[job_id][f"{column}_at"] is None
        assert jobs[9]["created_at"] == NOON


@pytest.mark.parametrize(("kind", "shown"), some([("mysql", "ÿA"), ("duckdb from mariadb", "\\xFFA")], 1))
def test_a_host_may_be_any_bytes(
    engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind, shown: str
) -> None:
    world = world_of(engines(kind), tmp_path / "world")
    table = "reduction_viewer_reductionrun"
    execute(world, f"alter table {table} modify reduction_host longblob")
    try:
        execute(world, f"update {table} set reduction_host = x'ff41' where id = 1")
        world.build(world.home, world.settings())
    finally:
        execute(
            world,
            f"update {table} set reduction_host = ''",
            f"alter table {table} modify reduction_host longtext not null",
        )
    jobs = world.marts(world.home)["fct_jobs"]
    assert {row["job_id"]: row["reduction_host"] for row in jobs if row["job_id"] < 3} == {1: shown, 2: None}


@pytest.mark.parametrize("kind", some(SERVER_KINDS, 1, start=1))
def test_what_has_a_zone_is_not_shifted(
    engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind
) -> None:
    """`source_timezone` is of clock times; a `timestamptz` has its own."""
    world = world_of(engines(kind), tmp_path / "world", source_timezone="Asia/Tokyo")
    world.build(world.home, world.settings())
    created = {row["created_at"] for row in world.marts(world.home)["fct_jobs"]}
    assert created == {NOON if "postgres" in kind else NOON - timedelta(hours=9)}
