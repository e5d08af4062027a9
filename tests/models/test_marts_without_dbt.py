"""What the report's tests stand on, marts written without dbt, is what the models build of the same jobs."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from autostats.verification.job import SourceJob
from sqlalchemy.dialects.sqlite import dialect
from support import contracts
from support.archive_marts import Archive, Look
from support.archive_world import table_statements
from support.availability import Hours, Instrument, Poll, Reading, availability_marts, insert_polls
from support.cycles import read_cycles
from support.dbt_project import ROOT, DbtProject, Row, contents, select
from support.marts import busy_jobs, wish_jobs, write_marts
from support.observations import sqlite
from support.sources import SourceWriter, genuine_era_c
from support.table_freshness import Check, Monitored, Watched, freshness_marts, insert_checks

pytestmark = pytest.mark.slow

AS_OF = datetime(2020, 4, 2, 11, 30)
POLLS = [Poll(datetime(2020, 4, 1, hour), "up" if hour % 4 else "down") for hour in (6, 8, 9, 12, 20)]
HOURS = [Hours(2, time(7), time(10)), Hours(3, time(8), time(12))]
CHECKS = [
    Check(AS_OF - timedelta(hours=hours), AS_OF - timedelta(hours=27), 3600, 7200, 9000)
    for hours in (26, 25, 2)
]
# Of an instrument without jobs.
LOOK = Look("LOQ", runs=[(1, 3)], files=3, expected=5, announced=4)
# In words, where the marts written without dbt only say that there are some.
WORDS = {"fct_data_problems": {"detail"}}
# No instrument has another name in the first night, and no run was announced.
EMPTY = {"fct_instrument_renamings", "fct_announcements"}


@pytest.fixture(scope="module")
def jobs() -> Sequence[SourceJob]:
    """Return jobs over a change of the clocks, one of nobody's, one that claims to come from the future."""
    made = busy_jobs(["WISH", "GEM"], date(2020, 3, 26), 7, seed=5, most_per_day=20)
    strange = [
        replace(made[0], job_id=len(made) + 1, instrument=None),
        replace(made[1], job_id=len(made) + 2, created=AS_OF + timedelta(days=1)),
    ]
    early = [replace(job, job_id=len(made) + 2 + job.job_id) for job in wish_jobs()]
    return [*made, *strange, *early]


@pytest.fixture(scope="module")
def homes(
    project: DbtProject, jobs: Sequence[SourceJob], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Return a home that dbt built, and one that was written without it."""
    folder = tmp_path_factory.mktemp("homes")
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for job in jobs:
            writer.add_job(**asdict(job))
        writer.add_instrument("LOQ", is_paused=True)
        writer.change_instrument("GEM", is_active=False)
    polled = Instrument("WISH", "Europe/London", POLLS, HOURS, AS_OF, Reading())
    built, written = folder / "built", folder / "written"
    project.build(built, source, AS_OF)
    insert_polls(built, [polled])
    watched = Watched(Monitored("lims.samples"), CHECKS, AS_OF)
    insert_checks(built, [watched])
    _look_at_archive(built)
    project.invoke(
        "run",
        "--select",
        "int_polls+ int_table_checks+ stg_observations__file_counts+ stg_observations__file_runs+",
        home=built,
        source=source,
        variables={"as_of": str(AS_OF)},
    )
    write_marts(
        written / "autostats.duckdb",
        jobs,
        AS_OF,
        idle_instruments=["LOQ"],
        inactive=["GEM"],
        paused=["LOQ"],
        cycles=read_cycles(ROOT / "seeds" / "beam_cycles.csv"),
        availability=availability_marts([polled]),
        freshness=freshness_marts([watched]),
        archive=Archive([LOOK]),
    )
    return built, written


def _look_at_archive(home: Path) -> None:
    """Let a collector have found what LOOK says."""
    ((first, last),) = LOOK.runs
    sqlite(
        home / "observations.sqlite",
        *table_statements(dialect()),
        f"insert into obs_collections values (2, 'archive', '{LOOK.started_at}',"
        f" '{LOOK.started_at + timedelta(seconds=30)}', 'complete', null, 2)",
        f"insert into obs_file_counts values ('raw', 'nexus', 'LOQ', '', '', {LOOK.files}, {3 * LOOK.size},"
        f" '{LOOK.newest}', {LOOK.expected}, 1800, {LOOK.announced}, 0, 2)",
        f"insert into obs_file_runs values ('raw', 'nexus', 'LOQ', '', {first}, {last}, 1, 2)",
    )


def columns(home: Path) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {table: set() for table in contracts.marts()}
    for row in select(home, "from duckdb_columns() where schema_name = 'autostats'"):
        if row["table_name"] in found:
            found[row["table_name"]].add((row["column_name"], row["data_type"]))
    return found


def test_the_tables_and_types_are_those_of_the_models(homes: tuple[Path, Path]) -> None:
    built, written = map(columns, homes)
    assert len(written) >= 13
    assert written == built


@pytest.mark.parametrize("table", contracts.marts())
def test_so_are_the_rows(homes: tuple[Path, Path], table: str) -> None:
    def rows(home: Path) -> list[Row]:
        left_out = WORDS.get(table, set())
        return [
            {name: value for name, value in row.items() if name not in left_out}
            for row in contents(home, [table])[table]
        ]

    built, written = map(rows, homes)
    assert len(written) == len(built)
    assert built or table in EMPTY
    for ours, theirs in zip(written, built, strict=True):
        assert ours == {
            name: pytest.approx(value) if isinstance(value, float) else value
            for name, value in theirs.items()
        }
