"""How much the slow tests do: a part of it with every change, all of it with `make test-long`."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import pytest

Case = TypeVar("Case")
IS_LONG = os.environ.get("AUTOSTATS_TEST_LONG") == "1"
# What repeats, at length or in other circumstances, what a test of every change shows.
long_only = pytest.mark.skipif(not IS_LONG, reason="part of make test-long")


def some(cases: Sequence[Case], at_most: int, *, start: int = 0) -> list[Case]:
    """Return every so manieth of the cases from `start` on, `at_most` of them; all in a long run."""
    return list(cases if IS_LONG else cases[start :: -(-len(cases) // at_most)])


@dataclass(frozen=True)
class Extent:
    """How often something is tried with every change, and how often in a long run."""

    with_every_change: int
    at_length: int

    @property
    def now(self) -> int:
        """How often in this run."""
        return self.at_length if IS_LONG else self.with_every_change
