"""One engine of each kind for a session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from support.engines import Engine, Kind, engine


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], Engine]]:
    """Return the engine of a kind, created on first use."""
    made: dict[Kind, Engine] = {}
    with ExitStack() as stack:

        def make(kind: Kind) -> Engine:
            if kind not in made:
                made[kind] = stack.enter_context(engine(kind, tmp_path_factory.mktemp("engine")))
            return made[kind]

        yield make
