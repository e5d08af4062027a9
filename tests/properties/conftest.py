"""One dbt for all nights of a session, and how many nights it has run."""

import pytest
from support.nights import Dbt

DBT: list[Dbt] = []


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    dbt = Dbt(tmp_path_factory.mktemp("nights"))
    DBT.append(dbt)
    return dbt


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    nights = sum(dbt.runs for dbt in DBT)
    if nights:
        terminalreporter.write_line(f"{nights} nights were recounted, every mart cell by cell")
