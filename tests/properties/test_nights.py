"""Whatever happens at the source, every mart equals a recount after every run."""

from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from support.arbitrary_nights import QUICK, Nights
from support.extent import Extent
from support.nights import Dbt
from support.reliability.figures import NIGHTS

SLOW = settings(QUICK, max_examples=Extent(2, 25).now, stateful_step_count=8)


def try_nights(dbt: Dbt, tmp_path: Path, profile: settings) -> int:
    """Return how many nights there were."""
    machine = type("Nights", (Nights,), {"dbt": dbt, "folder": tmp_path})
    run_state_machine_as_test(machine, settings=profile)
    return machine.nights


@pytest.mark.slow
def test_many_nights(dbt: Dbt, tmp_path: Path) -> None:
    assert try_nights(dbt, tmp_path, SLOW) >= NIGHTS.now
