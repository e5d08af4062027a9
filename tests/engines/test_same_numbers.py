"""Every engine gives the same numbers, night after night, and they are those of the recount."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from operator import itemgetter
from pathlib import Path
from typing import Any, ClassVar

import pytest
from autostats.verification.recount import KEYS, Row
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, run_state_machine_as_test
from support import strategies
from support.arbitrary_nights import QUICK, Nights
from support.engines import KINDS, Engine, EngineWorld, Kind
from support.extent import some
from support.marts import catalogue_rows, wish_jobs
from support.nights import Arrival, Deletion, Edit, When, keyed
from support.sources import SourceWriter

pytestmark = pytest.mark.slow

Engines = Callable[[Kind], Engine]
Marts = dict[str, dict[tuple[Any, ...], Row]]
# What the others are held against; it needs no server, and each of its runs is held against the recount.
FIRST: Kind = "duckdb from sqlite"
OTHERS = [kind for kind in KINDS if kind != FIRST]
FEW = settings(QUICK, max_examples=2, stateful_step_count=5)
# Names that a collation of the server may take for one and the same, or for something else.
NAMES = ("WISH", "wish", "WISH ", "WÏSH", "GEM O'é%", 'a "b" `c`', "\\x", "🔬", "X" * 80)


def arrive(world: EngineWorld, *events: Arrival | Edit | Deletion, hours: float = 24) -> None:
    world.clock += timedelta(hours=hours)
    world.happen(*events)


def three_weeks(world: EngineWorld) -> None:
    """Nights with everything that may happen between two runs."""
    world.happen(
        *(
            Arrival(
                instrument=name,
                run_numbers=(number,),
                reduction_host=name,
                run_title=f"Title {name}",
                software=f"{name.strip()} 1",
            )
            for number, name in enumerate(NAMES, 1)
        )
    )
    world.run()
    # Failed, resolved at another microsecond, and a batch of many numbers.
    arrive(
        world,
        Arrival(status="e", run_numbers=(7,), finished=65.123456),
        Arrival(status="c", run_numbers=(7,), started=0.000001, finished=400.999999),
        Arrival(run_numbers=tuple(range(20, 420)), finished=9.5),
        Arrival(instrument=None, status="?", run_numbers=()),
        Arrival(status="q", started=None, finished=None, run_numbers=(9,)),
        Arrival(status="s", started=None, run_numbers=(500,)),
    )
    world.run()
    # The open job ends long after, a job moves to another instrument, another vanishes.
    arrive(world, hours=24 * 10)
    world.run()
    arrive(world, Edit(which=0, status="c", finished=3600.5), Arrival(run_numbers=(3, 4)))
    world.run()
    arrive(world, Edit(which=0, instrument="GEM O'é%", run_numbers=(8,)), Arrival(created=When("midnight")))
    world.run()
    arrive(world, Deletion(0, 2), Arrival(created=When(days_ago=2), run_numbers=(6,)))
    world.run()
    day = world.settings().local_day(world.clock)
    world.run(rebuilt=(day - timedelta(days=20), day))
    world.run(full_refresh=True)


def wish(engine: Engine, folder: Path) -> EngineWorld:
    world = EngineWorld(engine, folder, datetime(2020, 2, 12, 20))
    world.jobs = {job.job_id: job for job in wish_jobs()}
    with SourceWriter.open(world.source) as writer:
        for job in world.jobs.values():
            writer.add_job(**asdict(job))
    world.run()
    if not world.dbt.is_file:
        found = world.dbt.server_marts("dim_catalogue")["dim_catalogue"]
        by_key = itemgetter("column_key")
        assert sorted(found, key=by_key) == sorted(catalogue_rows(), key=by_key)
    return world


def weeks(engine: Engine, folder: Path) -> EngineWorld:
    world = EngineWorld(engine, folder, datetime(2020, 3, 20, 23, 30))
    three_weeks(world)
    return world


def marts_of(world: EngineWorld) -> Marts:
    return {mart: keyed(rows, KEYS[mart]) for mart, rows in world.marts(world.home).items()}


@pytest.fixture(scope="module")
def wish_marts(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return marts_of(wish(engines(FIRST), tmp_path_factory.mktemp("wish") / "world"))


@pytest.fixture(scope="module")
def weeks_marts(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    world = weeks(engines(FIRST), tmp_path_factory.mktemp("weeks") / "world")
    marts = marts_of(world)
    world.run_from_scratch()
    return marts


@pytest.mark.parametrize("kind", OTHERS)
def test_wish(engines: Engines, wish_marts: Marts, tmp_path: Path, kind: Kind) -> None:
    check_same(wish(engines(kind), tmp_path / "world"), wish_marts)


@pytest.mark.parametrize("kind", some(OTHERS, 1, start=2))
def test_three_weeks(engines: Engines, weeks_marts: Marts, tmp_path: Path, kind: Kind) -> None:
    world = weeks(engines(kind), tmp_path / "world")
    check_same(world, weeks_marts)
    world.run_from_scratch()


def check_same(world: EngineWorld, expected: Marts) -> None:
    """Hold the marts against those of the first engine, to the last bit."""
    marts = marts_of(world)
    found = [
        f"{mart} {key} {column}: {marts[mart].get(key, {}).get(column)!r}, {value!r}"
        for mart, rows in expected.items()
        for key, row in rows.items()
        for column, value in row.items()
        if column not in ("load_number", "loaded_at") and marts[mart].get(key, {}).get(column) != value
    ]
    assert not found, "\n".join([f"{world.dbt.kind}: mart, row, column, value, value of {FIRST}", *found])
    assert {mart: rows.keys() for mart, rows in marts.items()} == {
        mart: rows.keys() for mart, rows in expected.items()
    }
    assert expected["fct_jobs"]


@pytest.mark.parametrize("kind", some(OTHERS, 1, start=3))
def test_a_few_nights(engines: Engines, tmp_path: Path, kind: Kind) -> None:
    class EngineNights(Nights):
        dbt: ClassVar[Engine] = engines(kind)
        folder: ClassVar[Path] = tmp_path

        @initialize(start=st.sampled_from(strategies.STARTS), zones=st.sampled_from(strategies.ZONES))
        def begin(self, start: datetime, zones: tuple[str, str]) -> None:
            self.world = EngineWorld(self.dbt, self.root / "world", start, *zones)

    runs = engines(kind).runs
    run_state_machine_as_test(EngineNights, settings=FEW)
    assert engines(kind).runs > runs, "no night was recounted"
