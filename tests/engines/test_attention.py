"""What needs attention: the model says what a plain recount says, on every engine, with and without rules."""

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from autostats.verification.job import SourceJob
from autostats.verification.recount import Row
from support.attention import HIGH, attention
from support.engines import Engine, EngineWorld, Kind
from support.marts import job
from support.nights import rows_of
from support.sources import SourceWriter

pytestmark = pytest.mark.slow

KINDS: list[Kind] = ["duckdb from sqlite", "postgres", "mysql"]
# The night after trouble, and two days without any job later.
MOMENTS = [datetime(2020, 3, 19, 0, 15), datetime(2020, 3, 21, 3, 30)]
STRANGE = 'O\'é \\ "x"'
RULES = {
    "pass_rate_below": 0.95,
    "silent_for": 90000,
    STRANGE: {"p95_above": 45, "pending_for": 60},
    "GEM": {"silent_for": 10},
}
READ = ("rpt_instrument_silence", "dim_instruments", "fct_outages", "fct_table_freshness", "dim_days")
REBUILT = (
    *("dim_days", "fct_instrument_daily", "rpt_instrument_silence", "fct_data_problems"),
    *("int_unusual_days", "int_pending_jobs", "fct_attention"),
)


def jobs() -> Iterator[SourceJob]:
    """Nine weeks of three instruments; on the last day one fails, one is slow, and some jobs are stuck."""
    chance = random.Random(3)
    number = 0
    first = datetime(2020, 1, 14)
    for instrument, per_day, seconds in (("WISH", 30, 600), ("GEM", 12, 40), (STRANGE, 25, 25)):
        for day in range(65):
            is_last = day == 64
            for _ in range(per_day + chance.randint(-3, 5)):
                number += 1
                created = first + timedelta(days=day, seconds=chance.randrange(80_000), microseconds=number)
                fails = chance.random() < (0.5 if is_last and instrument == "WISH" else 0.04)
                is_stuck = is_last and chance.random() < 0.2
                slower = 5 if is_last and instrument == "GEM" else 1
                started = created + timedelta(seconds=chance.lognormvariate(1.5, 1))
                took = timedelta(seconds=seconds * slower * chance.lognormvariate(0, 0.5))
                yield job(
                    number,
                    number,
                    ("p" if chance.random() < 0.5 else "q") if is_stuck else "e" if fails else "c",
                    created,
                    started,
                    None if is_stuck else started + took,
                    instrument=instrument,
                    started_by=None if is_last and chance.random() < 0.1 else 0,
                )


def marts(world: EngineWorld) -> dict[str, list[Row]]:
    if not world.dbt.is_file:
        return world.dbt.server_marts(*READ, "fct_attention")
    with duckdb.connect(str(world.home / "autostats.duckdb")) as connection:
        schema = "autostats.autostats"
        return world.marts(world.home) | {
            mart: rows_of(connection, f"from {schema}.{mart}") for mart in (*READ, "fct_attention")
        }


@pytest.mark.parametrize("kind", KINDS)
def test_the_recount(engines: Callable[[Kind], Engine], tmp_path: Path, kind: Kind) -> None:
    world = EngineWorld(engines(kind), tmp_path / "world", MOMENTS[0])
    with SourceWriter.open(world.source) as writer:
        for each in jobs():
            writer.add_job(**asdict(each))
    world.build(world.home, world.settings(), None, False)
    subjects = set()
    for as_of in MOMENTS:
        for rules in ({}, RULES):
            world.dbt.invoke(
                *("run", world.home, world.source, "--select", *REBUILT),
                as_of=str(as_of),
                facility_timezone="Europe/London",
                rules=rules,
            )
            found = marts(world)
            expected = attention(found, world.settings(as_of), rules)
            assert sorted(found["fct_attention"], key=_key) == sorted(expected, key=_key)
            subjects |= {(row["subject"], "rule of the site" in row["evidence"]) for row in expected}
    assert subjects >= {
        *(("failure_rate", is_rule) for is_rule in (False, True)),
        *(("execution_time", is_rule) for is_rule in (False, True)),
        *(("pending", is_rule) for is_rule in (False, True)),
        *(("data_problems", False), ("late", False), ("silent", True)),
    }
    assert {row["severity"] for row in expected if row["subject"] in HIGH} == {"high"}


def _key(row: Row) -> str:
    return str(row["attention_key"])
