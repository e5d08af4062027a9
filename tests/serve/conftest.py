"""A server of made-up statistics, for the tests that only read."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.published import jobs_by_day, odd_values, publish, volume_by_second
from support.serving import Server, serving


@pytest.fixture(scope="session")
def served_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("served")
    made = [jobs_by_day(), odd_values(), volume_by_second(1_234, 7)]
    publish(home, made, failed={"mine": "Binder Error: no column x"})
    return home


@pytest.fixture(scope="session")
def server(served_home: Path) -> Iterator[Server]:
    with serving(served_home) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client() as asking:
        yield asking
