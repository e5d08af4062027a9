"""Nights that are known to be hard, each recounted cell by cell after every run."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from support.extent import long_only, some
from support.nights import AUTUMN, LOOKBACK_DAYS, SPRING, Arrival, Dbt, Deletion, Edit, Renaming, When, World

MARCH = datetime(2020, 3, 2, 4, 0)


@pytest.fixture
def world(dbt: Dbt, tmp_path: Path) -> World:
    """A source with a job of ten days ago, and one of today."""
    world = World(dbt, tmp_path / "world", MARCH)
    world.happen(Arrival(created=When(days_ago=10)), Arrival(run_numbers=(2,)))
    world.run()
    return world


@pytest.mark.slow
@pytest.mark.parametrize("change", some([AUTUMN, SPRING], 1))
def test_the_clocks_change(dbt: Dbt, tmp_path: Path, change: datetime) -> None:
    world = World(dbt, tmp_path / "world", change - timedelta(hours=2))
    around = [timedelta(hours=hours, microseconds=us) for hours in range(-2, 25) for us in (-1, 0)]
    for night in (timedelta(hours=0), timedelta(hours=1), timedelta(hours=24)):
        before, world.clock = world.clock, change + night
        moments = [change + moment for moment in around if before <= change + moment < world.clock]
        world.happen(
            *(
                Arrival(
                    run_numbers=(1 + place % 3,),
                    status="ce"[place % 2],
                    created=When(seconds=(moment - world.clock).total_seconds()),
                )
                for place, moment in enumerate(moments)
            )
        )
        world.run()
    world.run_from_scratch()


@pytest.mark.slow
@long_only
def test_a_month_without_a_run(world: World) -> None:
    world.happen(Edit(status="e", moves_last_updated=False), Arrival(run_numbers=(4,), status="q"))
    world.clock += timedelta(days=30)
    world.happen(Arrival(run_numbers=(2,)), Edit(which=1, status="c"), Arrival(run_numbers=(3,)))
    world.run()
    world.run_from_scratch()


@pytest.mark.slow
@long_only
def test_deletions_before_and_after_the_look_back(world: World) -> None:
    world.clock += timedelta(days=1)
    world.happen(Arrival(run_numbers=(3,)))
    world.run()
    world.happen(Deletion(which=0, how_many=9))
    world.clock += timedelta(hours=1)
    world.run()
    # The job of ten days before was out of reach: our copy keeps it, under a full refresh too.
    assert world.memory.deleted == {2, 3}
    world.run(full_refresh=True)
    assert world.memory.deleted == {2, 3}
    # A database restored from a backup has the jobs again.
    world.happen(Arrival(run_numbers=(2,), fills_hole=True))
    world.run()


@pytest.mark.slow
@long_only
def test_an_old_job_that_changes_is_seen_by_a_rebuild_of_its_day(world: World) -> None:
    world.clock += timedelta(days=2 * LOOKBACK_DAYS)
    world.happen(Arrival(run_numbers=(5,)))
    world.run()
    world.happen(Edit(status="e", run_numbers=(8,), of_any_age=True))
    world.run()
    assert world.memory.seen[1] != world.jobs[1]
    world.run(rebuilt=(date(2020, 2, 20), date(2020, 2, 22)))
    assert world.memory.seen[1] == world.jobs[1]


@pytest.mark.slow
def test_a_number_comes_late_and_goes_again(world: World) -> None:
    world.happen(Arrival(run_numbers=(6,)), Arrival(run_numbers=(20,)))
    world.run()
    world.clock += timedelta(days=1)
    world.happen(Arrival(run_numbers=(3, 4, 14), status="e"))
    world.run()
    world.happen(Edit(run_numbers=(4,)))
    world.run()
    world.happen(Edit(instrument=None))
    world.run()


@pytest.mark.slow
@long_only
def test_cells_that_lose_their_last_job(world: World) -> None:
    world.happen(Arrival(instrument="GEM", run_numbers=(1,), status="e", created=When(days_ago=1)))
    world.run()
    world.happen(Edit(created=When(days_ago=2)))
    world.run()
    world.happen(Deletion())
    world.run()
    world.run(full_refresh=True)


@pytest.mark.slow
def test_a_run_fails_and_passes_on_many_days(world: World) -> None:
    for status in ("e", "c", "e", "s", "c", "e"):
        world.happen(Arrival(run_numbers=(7,), status=status, created=When(days_ago=0), finished=None))
        world.clock += timedelta(hours=9)
    world.run()
    world.happen(Arrival(run_numbers=(7,), status="c"))
    world.run()
    # The resolving job is taken back: the run fails again, since the first error of the series.
    world.happen(Edit(status="q"))
    world.run()


@pytest.mark.slow
def test_another_source_renames_no_job_that_only_our_copy_has(world: World) -> None:
    """What is left was created at other times: its ids, and those of names, mean other things."""
    world.happen(
        Edit(created=When(days_ago=1)), Deletion(which=1), Renaming(subject="rb_number", old=1820461)
    )
    assert world.is_another_source(world.settings())
    world.run()
    world.happen(Renaming(subject="rb_number", old=2_000_001))
    world.run()
