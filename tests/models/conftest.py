"""The fixture of nine jobs, built once with all data tests."""

from pathlib import Path

import pytest
from support.built_once import built_once
from support.dbt_project import DbtProject
from support.installed import Ran
from support.sources import EVENING_OF_12_FEBRUARY, SourceWriter, genuine_era_c, wish_fixture


@pytest.fixture(scope="session")
def wish_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture in the current schema. Read-only."""
    source = genuine_era_c(tmp_path_factory.mktemp("wish") / "source.sqlite")
    with SourceWriter.open(source) as writer:
        wish_fixture(writer)
    return source


@pytest.fixture(scope="session")
def wish_home(
    request: pytest.FixtureRequest, wish_source: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The statistics of the fixture, made by one `dbt build`. Read-only."""

    def build(home: Path) -> Ran:
        # Only one process of the tests builds it, and parses the project for it.
        project: DbtProject = request.getfixturevalue("project")
        project.build(home, wish_source, EVENING_OF_12_FEBRUARY, tests="data")
        return Ran(0, "", "")

    home, _, _ = built_once(tmp_path_factory, "wish", build)
    return home
