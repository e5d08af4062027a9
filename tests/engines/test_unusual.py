"""Which lags are unusual: the model says what a plain recount says, on every engine."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.engines import Engine, EngineWorld, Kind
from support.nights import PROJECT
from support.unusual import Look, Verdict, pauses_of, random_looks, verdict

pytestmark = pytest.mark.slow

KINDS: list[Kind] = ["duckdb from sqlite", "postgres", "mysql"]
# During a cycle and in the pause after it, and the day on which London's clocks go forward.
MOMENTS = [datetime(2020, 3, 11, 9, 30), datetime(2020, 3, 29, 11, 0), datetime(2019, 12, 28, 3, 15)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_recount(engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind) -> None:
    world = EngineWorld(engines(kind), tmp_path / "world", MOMENTS[0])
    pauses = pauses_of(PROJECT / "seeds" / "beam_cycles.csv")
    variables: dict[str, object] = {"facility_timezone": "Europe/London"}

    def run(as_of: datetime, *models: str) -> None:
        flags = ("--select", *models)
        world.dbt.invoke("run", world.home, world.source, *flags, as_of=str(as_of), **variables)  # type: ignore[arg-type]

    run(MOMENTS[0], "int_maintenance_days", "stg_observations__table_checks", "int_table_checks")
    judged = set()
    for seed, as_of in enumerate(MOMENTS):
        chance = random.Random(seed)
        tables = {f"t{n}": random_looks(chance, f"t{n}", as_of, pauses) for n in range(24)}
        with _statistics(world) as (cursor, schema):
            cursor.execute(f"delete from {schema}.int_table_checks")
            _insert(cursor, schema, [look for looks in tables.values() for look in looks])
        run(as_of, "int_unusual_tables")
        with _statistics(world) as (cursor, schema):
            cursor.execute(
                "select table_key, usual_lag_seconds, unusual_above_seconds, is_unusual"
                f" from {schema}.int_unusual_tables"
            )
            found = {key: Verdict(usual, above, bool(flag)) for key, usual, above, flag in cursor.fetchall()}
        told = {key: verdict(looks, as_of, pauses) for key, looks in tables.items()}
        expected = {key: each for key, each in told.items() if each is not None}
        assert found.keys() == expected.keys()
        for key, each in expected.items():
            assert found[key].is_unusual == each.is_unusual, key
            assert found[key].usual_lag == pytest.approx(each.usual_lag), key
            assert found[key].unusual_above == pytest.approx(each.unusual_above), key
        judged |= {(each.usual_lag is None, each.is_unusual) for each in expected.values()}
    assert judged == {(True, False), (False, False), (False, True)}


@contextmanager
def _statistics(world: EngineWorld) -> Iterator[tuple[Any, str]]:
    if world.dbt.is_file:
        with duckdb.connect(str(world.home / "autostats.duckdb")) as connection:
            yield connection, "autostats.autostats"
        return
    assert world.dbt.source is not None
    with closing(world.dbt.source.connect()) as connection, closing(connection.cursor()) as cursor:
        yield cursor, world.dbt.statistics
        connection.commit()


def _insert(cursor: Any, schema: str, looks: list[Look]) -> None:
    def literal(moment: datetime | None) -> str:
        return "null" if moment is None else f"timestamp '{moment}'"

    for first in range(0, len(looks), 1000):
        rows = ", ".join(
            f"('{look.table_key}', {literal(look.checked_at)}, {literal(look.last_update)},"
            f" {look.interval_seconds})"
            for look in looks[first : first + 1000]
        )
        columns = "table_key, checked_at, last_update, interval_seconds"
        cursor.execute(f"insert into {schema}.int_table_checks ({columns}) values {rows}")
