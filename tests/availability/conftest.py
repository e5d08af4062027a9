"""One dbt project for the suite."""

import pytest
from support.dbt_project import DbtProject


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    return DbtProject(tmp_path_factory.mktemp("dbt"))
