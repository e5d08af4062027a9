"""Fixtures that the suites share: the installed command, and homes with statistics, each built once."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from autostats.verification.job import SourceJob
from support.built_once import built_once
from support.dbt_project import DbtProject
from support.homes import (
    BUSY_DAYS,
    BUSY_FROM,
    BUSY_SETTINGS,
    STRANGE_NAMES,
    TABLES,
    archived,
    archived_jobs,
    busy_deleted,
    monitored,
    polled,
)
from support.installed import Autostats, Demo, Ran, run_command
from support.marts import busy_jobs, job, wish_jobs, write_marts


@pytest.fixture
def autostats(tmp_path: Path) -> Autostats:
    """Run the installed command as a user with an empty home folder, and in it unless `cwd` is given."""

    def run(
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 180,
    ) -> Ran:
        return run_command(arguments, tmp_path / "nobody", env, cwd, timeout)

    return run


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    """The dbt project, parsed once."""
    return DbtProject(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demonstration, built once by the installed command. Read-only: see `own_demo`."""

    def build(home: Path) -> Ran:
        options = ("--days", "20", "--jobs", "1500", "--seed", "7")
        ran = run_command(("demo", "--dir", home, *options), home.with_name("nobody"))
        assert ran.code == 0, ran.err
        return ran

    home, built_in, ran = built_once(tmp_path_factory, "demo", build)
    return Demo(home, ran, built_in)


@pytest.fixture
def own_demo(demo: Demo, tmp_path: Path) -> Demo:
    """A copy of the demonstration that a test may change."""
    home = tmp_path / "own demo"
    shutil.copytree(demo.home, home)
    return Demo(home, demo.ran, demo.built_in)


@pytest.fixture(scope="session")
def wish_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nine jobs of WISH, as of late on 12 February 2020."""
    home = tmp_path_factory.mktemp("wish")
    write_marts(
        home / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30), idle_instruments=["LOQ"]
    )
    return home


@pytest.fixture(scope="session")
def busy_made() -> Sequence[SourceJob]:
    return busy_jobs(["WISH", "GEM", "Pearl"], BUSY_FROM, BUSY_DAYS, most_per_day=24)


@pytest.fixture(scope="session")
def busy_home(tmp_path_factory: pytest.TempPathFactory, busy_made: Sequence[SourceJob]) -> Path:
    """A few hundred jobs of three instruments; every 50th vanished from the source; some gaps are ignored."""
    home = tmp_path_factory.mktemp("busy")
    write_marts(
        home / "autostats.duckdb",
        busy_made,
        BUSY_SETTINGS.as_of,
        ignored=BUSY_SETTINGS.ignored,
        deleted=busy_deleted(busy_made),
        max_gap=BUSY_SETTINGS.max_gap,
        availability=polled("GEM", "WISH"),
        freshness=monitored(*TABLES),
    )
    return home


@pytest.fixture(scope="session")
def archived_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with looks at the archive, as of late on 12 February 2020; see `archived`."""
    home = tmp_path_factory.mktemp("archived")
    write_marts(
        home / "autostats.duckdb",
        archived_jobs(),
        datetime(2020, 2, 12, 23, 30),
        archive=archived(),
    )
    return home


@pytest.fixture(scope="session")
def strange_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Instruments whose names are markup, formulas, quotes, control characters, wide or long."""
    home = tmp_path_factory.mktemp("strange")
    noon = datetime(2020, 2, 11, 12)
    jobs = [
        job(place, number, "e", noon, noon, noon, instrument=name)
        for place, (name, number) in enumerate(
            ((name, number) for name in STRANGE_NAMES for number in (1, 4)), start=1
        )
    ]
    write_marts(
        home / "autostats.duckdb",
        jobs,
        datetime(2020, 2, 12, 23, 30),
        availability=polled(*STRANGE_NAMES),
        freshness=monitored(*STRANGE_NAMES),
    )
    return home
