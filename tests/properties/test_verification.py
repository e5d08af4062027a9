"""`verify` finds what is wrong in the statistics, and following the remedy that it prints makes it agree."""

import re
import shutil
from copy import copy, deepcopy
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from autostats.commands.verify import _remedy
from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.source.url import Source
from autostats.verification.comparison import Verification, days_to_verify, verify_days
from autostats.verification.copied_jobs import read_recount_settings
from autostats.verification.source_jobs import SourceJobs
from autostats.warehouse import connect
from support.extent import some
from support.nights import Arrival, Dbt, Deletion, Edit, Event, When, World

NOW = datetime(2020, 3, 20, 4, 0)
GEM = "GEM O'é%"


def arrival(days_ago: int, run_number: int, status: str, instrument: str = "WISH", took: int = 65) -> Arrival:
    return Arrival(
        created=When(days_ago=days_ago),
        run_numbers=(run_number,),
        status=status,
        instrument=instrument,
        finished=took,
    )


STORY: tuple[Event, ...] = (
    arrival(10, 1, "e"),
    arrival(9, 1, "c"),
    # Resolved on the day after the one on which its jobs were created.
    arrival(8, 2, "e"),
    arrival(8, 2, "c", took=86_400),
    # Missing: 5, while 3 and 4 are ignored.
    arrival(7, 6, "c"),
    arrival(6, 7, "e"),
    arrival(6, 8, "c", GEM),
    arrival(1, 8, "c"),
)


@pytest.fixture(scope="module")
def built(dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(dbt, tmp_path_factory.mktemp("built") / "world", NOW)
    world.happen(*STORY)
    world.run()
    assert verification(world).differences == []
    return world


@pytest.fixture
def world(built: World, tmp_path: Path) -> World:
    """A copy, to be changed at will."""
    world = copy(built)
    world.folder = shutil.copytree(built.folder, tmp_path / "world")
    world.source = world.folder / built.source.relative_to(built.folder)
    world.home = world.folder / built.home.relative_to(built.folder)
    world.jobs, world.names = deepcopy((built.jobs, built.names))
    return world


def verification(world: World) -> Verification:
    with connect(Setup(Home(world.home))) as warehouse:
        settings = read_recount_settings(warehouse)
        with SourceJobs(Source.from_url(f"sqlite:///{world.source.absolute()}"), settings) as source:
            return verify_days(warehouse, source, settings, days_to_verify(warehouse, settings))


def follow(world: World, found: Verification) -> str:
    """Do what the remedy says first, and return it."""
    [command] = re.findall(r"`autostats run ([^`]+)`", _remedy(found))[:1]
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", command)]
    accepts = "--accept-source" in command
    full = accepts or "--full-refresh" in command
    world.build(world.home, world.settings(), (days[0], days[1]) if days else None, full, accepts)
    return str(command)


def plant(world: World, statement: str) -> None:
    with duckdb.connect(str(world.home / "autostats.duckdb")) as connection:
        connection.execute("use autostats.autostats")
        assert connection.execute(statement).fetchall() != [(0,)]


@pytest.mark.parametrize(
    ("statement", "table", "remedy"),
    some(
        [
            pytest.param(
                "update fct_instrument_daily set jobs_total = 17 where day = '2020-03-11'",
                "fct_instrument_daily",
                "--from 2020-03-11 --to 2020-03-11",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "delete from fct_instrument_daily where instrument like 'GEM%' and day = '2020-03-14'",
                "fct_instrument_daily",
                "--from 2020-03-14 --to 2020-03-14",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "delete from fct_instrument_daily where instrument like 'GEM%' and day = '2020-03-16'",
                "fct_instrument_daily",
                "--full-refresh",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "update fct_job_volume_daily set software = 'Mantid' where day = '2020-03-11'",
                "fct_job_volume_daily",
                "--from 2020-03-11 --to 2020-03-11",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "delete from fct_run_daily where run_number = 1",
                "fct_run_daily",
                "--from 2020-03-10 --to 2020-03-11",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "update fct_resolved_runs set attempts = 9 where run_number = 2",
                "fct_resolved_runs",
                "--from 2020-03-12 --to 2020-03-13",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "insert into fct_resolved_runs by name"
                " (select 77 as run_number, * exclude (run_number)"
                " from fct_resolved_runs where run_number = 2)",
                "fct_resolved_runs",
                "--full-refresh",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "delete from fct_unresolved_runs where run_number = 7",
                "fct_unresolved_runs",
                "--from 2020-03-14 --to 2020-03-14",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "delete from fct_missing_runs where run_number = 5",
                "fct_missing_runs",
                "--from 2020-03-12 --to 2020-03-13",
                marks=pytest.mark.slow,
            ),
            pytest.param(
                "update fct_missing_runs set state = 'open' where run_number = 3",
                "fct_missing_runs",
                "--from 2020-03-12 --to 2020-03-13",
                marks=pytest.mark.slow,
            ),
        ],
        2,
    ),
)
def test_what_is_planted_in_a_table_is_found_and_fixed(
    world: World, statement: str, table: str, remedy: str
) -> None:
    plant(world, statement)
    found = verification(world)
    assert {difference.table for difference in found.differences} == {table}
    assert follow(world, found) == remedy
    assert verification(world).differences == []


@pytest.mark.slow
def test_a_number_that_our_copy_forgot_is_found_and_fixed(world: World) -> None:
    plant(world, "delete from int_known_runs where run_number = 2")
    plant(world, "update int_known_runs set next_run_number = 6 where run_number = 1")
    world.build(world.home, world.settings())
    found = verification(world)
    assert {difference.table for difference in found.differences} == {"fct_missing_runs"}
    assert "--from" in follow(world, found)
    assert verification(world).differences == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "edit",
    some(
        [
            Edit(status="e", of_any_age=True, moves_last_updated=False, which=1),
            Edit(run_numbers=(4,), of_any_age=True, moves_last_updated=False, which=4),
            Edit(created=When(days_ago=5), of_any_age=True, moves_last_updated=False, which=4),
            Edit(instrument=GEM, of_any_age=True, moves_last_updated=False, which=5),
        ],
        1,
        start=2,
    ),
)
def test_an_edit_beyond_the_look_back_is_found_and_fixed(world: World, edit: Edit) -> None:
    world.happen(edit)
    world.build(world.home, world.settings())
    found = verification(world)
    assert found.differences
    assert "--from" in follow(world, found)
    assert verification(world).differences == []


@pytest.mark.slow
def test_jobs_that_vanished_count_as_they_were_last_seen(world: World) -> None:
    world.happen(Deletion(which=6, how_many=2))
    found = verification(world)
    assert (found.differences, found.remembered) == ([], 2)
    world.clock += timedelta(hours=1)
    world.build(world.home, world.settings(), full_refresh=True)
    found = verification(world)
    assert (found.differences, found.remembered) == ([], 2)


@pytest.mark.slow
def test_changes_long_after_the_last_run_are_no_difference(world: World) -> None:
    world.clock += timedelta(days=3)
    world.happen(Edit(status="c", of_any_age=True, which=5))
    found = verification(world)
    assert (found.differences, found.newer) == ([], 1)


@pytest.mark.slow
def test_another_source_is_named_as_one(world: World, dbt: Dbt, tmp_path: Path) -> None:
    other = World(dbt, tmp_path / "other", NOW - timedelta(days=30))
    other.happen(*STORY)
    world.source = other.source
    found = verification(world)
    assert found.differences
    assert "not the source" in _remedy(found)
    assert follow(world, found) == "--accept-source"
    assert verification(world).differences == []
