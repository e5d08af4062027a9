"""The night during which runs are interrupted, made once."""

from collections.abc import Iterator

import pytest
from support.reliability.night import Night, make_night
from support.reliability.warm import Warm, warm_server


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return make_night(tmp_path_factory.mktemp("night"))


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    with warm_server() as server:
        yield server
