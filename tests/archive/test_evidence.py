"""Whatever writers, deleters, late jobs and broken looks do, no run is said to be what it is not."""

import random
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.archive_days import GEM, MODELS, first_files, one_day
from support.archive_world import ArchiveWorld, rows_of
from support.dbt_project import DbtProject, contents, select
from support.extent import some
from support.sources import SourceWriter, genuine_era_c

pytestmark = pytest.mark.slow

TABLES = (
    *("int_seen_runs", "int_file_runs", "int_messages", "fct_file_counts", "fct_missing_runs"),
    "rpt_missing_runs",
)
START = datetime(2020, 1, 6)
SETTINGS = {"max_gap": 6, "facility_timezone": "UTC"}


@pytest.fixture(scope="module")
def built(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a job or a look."""
    folder = tmp_path_factory.mktemp("evidence")
    source = genuine_era_c(folder / "source.sqlite")
    with SourceWriter.open(source) as writer:
        for name in ("WISH", GEM):
            writer.add_instrument(name)
    flags = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    variables = {"as_of": str(START), **SETTINGS}
    project.invoke("build", *flags, home=folder / "home", source=source, variables=variables)
    return folder


@pytest.mark.parametrize("seed", some(range(8), 1))
def test_any_interleaving(project: DbtProject, built: Path, tmp_path: Path, seed: int) -> None:
    """Each step is a day, with events at any second of it, and mostly a run at its end."""
    chance = random.Random(seed)
    world = ArchiveWorld(timedelta(seconds=1800), max_gap=6)
    home, whole = tmp_path / "home", tmp_path / "whole"
    shutil.copytree(built / "home", home)
    first_files(world, chance, START)
    kinds: set[str] = set()
    now, written, told = START, 0, 0
    for step in range(14):
        # Some weeks nobody looks, and what was seen is too old to count.
        now += timedelta(days=chance.choice([1, 1, 1, 1, 1, 40 if step % 5 else 95]))
        one_day(world, chance, now)
        if chance.random() < 0.2:
            continue
        as_of = now + timedelta(days=1, seconds=chance.choice([0, 0, -1800, -1799, 600]))
        world.write_looks(home, world.looks[written:])
        written = len(world.looks)
        world.write_announcements(home, told)
        told = len(world.announced)
        world.write_jobs(home)
        if step % 4 == 3:
            shutil.rmtree(whole, ignore_errors=True)
            shutil.copytree(home, whole)
            _run(project, built, whole, as_of, "--full-refresh")
        _run(project, built, home, as_of)
        world.night(as_of)
        found = rows_of(select(home, "from fct_missing_runs"))
        assert found == world.conclusions(as_of)
        kinds |= {kind for _, _, kind in found}
        unmounted = "select location, instrument, cycle from fct_file_counts where looks_unmounted"
        assert {tuple(row.values()) for row in select(home, unmounted)} == world.unmounted(as_of)
        if step % 4 == 3:
            assert contents(home, TABLES) == contents(whole, TABLES)
    assert {kind for _, _, kind in world.first_found} or seed
    assert "announced_only" in kinds


def _run(project: DbtProject, built: Path, home: Path, as_of: datetime, *flags: str) -> None:
    variables = {"as_of": str(as_of), **SETTINGS}
    selected = ("--select", *MODELS, "--exclude-resource-type", "unit_test")
    project.invoke("build", *selected, *flags, home=home, source=built / "source.sqlite", variables=variables)
