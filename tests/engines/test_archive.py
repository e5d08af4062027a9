"""What the archive proves is the same on every engine."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import mysql, postgresql
from support.archive_days import MODELS, PLACES, first_files, one_day
from support.archive_world import ArchiveWorld, rows_of, table_statements
from support.engines import Engine, EngineWorld, Kind
from support.extent import some
from support.sources import SourceWriter

pytestmark = pytest.mark.slow

START = datetime(2020, 1, 6)
SETTINGS: dict[str, object] = {"max_gap": 6, "facility_timezone": "UTC"}


@pytest.mark.parametrize("kind", some(["postgres", "mysql"], 1))
def test_a_few_days(engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind) -> None:
    chance = random.Random("a1")
    world = EngineWorld(engines(kind), tmp_path / "world", START)
    archive = ArchiveWorld(timedelta(seconds=1800), max_gap=6)
    first_files(archive, chance, START)

    with SourceWriter.open(world.source) as writer:
        for name in {place[1] for place in PLACES}:
            writer.add_instrument(name)

    def run(as_of: datetime, *flags: str) -> None:
        world.dbt.invoke("run", world.home, world.source, *flags, as_of=str(as_of), **SETTINGS)  # type: ignore[arg-type]

    run(START)
    dialect = postgresql.dialect() if kind == "postgres" else mysql.dialect()
    with _statistics(world) as cursor:
        for statement in table_statements(dialect, world.dbt.statistics):
            cursor.execute(statement)
    kinds, written, told = set(), 0, 0
    for day in range(1, 9):
        now = START + timedelta(days=day)
        one_day(archive, chance, now)
        as_of = now + timedelta(days=1)
        with _statistics(world) as cursor:
            for statement in archive.look_statements(archive.looks[written:], f"{world.dbt.statistics}."):
                cursor.execute(statement)
            for statement in archive.announcement_statements(told, f"{world.dbt.statistics}."):
                cursor.execute(statement)
            cursor.execute(f"delete from {world.dbt.statistics}.int_known_runs")
            marks = ", ".join(["%s"] * 6)
            for row in archive.known_runs():
                cursor.execute(
                    f"insert into {world.dbt.statistics}.int_known_runs (instrument, run_number,"
                    " next_run_number, is_out_of_sequence, arrived_at, next_arrived_at, load_number,"
                    f" arrived_day, next_arrived_day) values ({marks}, 1, %s, %s)",
                    (*row, row[4].date(), row[5] and row[5].date()),
                )
        written, told = len(archive.looks), len(archive.announced)
        run(as_of, "--select", *MODELS, *(["--full-refresh"] if day == 5 else []))
        archive.night(as_of)
        found = rows_of(world.dbt.server_marts("fct_missing_runs")["fct_missing_runs"])
        assert found == archive.conclusions(as_of)
        kinds |= {key[2] for key in found}
    assert {"gap", "archive_only", "announced_only"} <= kinds
    assert {place[1] for place in PLACES} >= {key[0] for key in found}


@contextmanager
def _statistics(world: EngineWorld) -> Iterator[Any]:
    assert world.dbt.source is not None
    with closing(world.dbt.source.connect()) as connection, closing(connection.cursor()) as cursor:
        yield cursor
        connection.commit()
