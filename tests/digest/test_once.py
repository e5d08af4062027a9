"""Whatever happens and whoever cannot be reached: each thing is told once, and nothing is lost."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from autostats.catalogue import Catalogue
from autostats.digest.destinations import Destination
from autostats.digest.memory import read_memory, write_memory
from autostats.digest.news import CurrentState, News
from autostats.digest.telling import Digest, tell
from autostats.queries.settings import Settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FIRST = datetime(2020, 2, 12, 5, 15)
RUNS = [("WISH", number) for number in range(1, 4)] + [("GEM", 1)]
HOLES = [("WISH", number) for number in range(11, 15)] + [("GEM", 12)]
DESTINATIONS = [Destination(service=None, address=f"test://{name}", key=name) for name in "ab"]  # type: ignore[arg-type]


@dataclass
class Facility:
    """What is so of each run: which began to fail and when, what was resolved when, which are missing."""

    failing: dict[tuple[str, int], datetime] = field(default_factory=dict)
    resolved: list[tuple[str, int, datetime]] = field(default_factory=list)
    open: dict[tuple[str, int], date] = field(default_factory=dict)
    ignored: set[tuple[str, int]] = field(default_factory=set)
    arrived: dict[tuple[str, int], date] = field(default_factory=dict)

    def night(self, moment: datetime, events: dict[Any, str]) -> None:
        for run in RUNS:
            event = events.get(run)
            if event in ("fail", "pass and fail"):
                if event == "pass and fail" and run in self.failing:
                    self.resolved.append((*run, moment - timedelta(hours=2)))
                    del self.failing[run]
                self.failing.setdefault(run, moment - timedelta(hours=1))
            elif event == "pass" and self.failing.pop(run, None):
                self.resolved.append((*run, moment - timedelta(hours=1)))
        for hole in HOLES:
            event = events.get(hole)
            if event is not None:
                was_open = self.open.pop(hole, None) is not None
                self.ignored.discard(hole)
                self.arrived.pop(hole, None)
                if event == "fail":
                    self.open[hole] = moment.date()
                elif event == "pass" and was_open:
                    self.arrived[hole] = moment.date()
                elif event == "ignore":
                    self.ignored.add(hole)

    def current(self, moment: datetime, is_late: bool) -> CurrentState:
        return CurrentState(
            settings=Settings(1, "0", "Europe/London", moment),
            is_late=is_late,
            failing=[
                {"instrument": name, "run_number": number, "failed_since": since, "failed_day": since.date()}
                for (name, number), since in sorted(self.failing.items())
            ],
            resolved=[
                {"instrument": name, "run_number": number, "resolved_at": at, "resolved_day": at.date()}
                for name, number, at in sorted(self.resolved)
            ],
            missing=dict(self.open),
            ignored=frozenset(self.ignored),
            arrived=dict(self.arrived),
        )


def numbers(ranges: Any) -> set[tuple[str, int]]:
    return {
        (row["instrument"], number)
        for row in ranges
        for number in range(row["first_run_number"], row["last_run_number"] + 1)
    }


@dataclass
class Reader:
    """Somebody who reads what arrives, and believes it."""

    failures: Counter[Any] = field(default_factory=Counter)
    resolutions: Counter[Any] = field(default_factory=Counter)
    missing: set[tuple[str, int]] = field(default_factory=set)
    late: Counter[datetime] = field(default_factory=Counter)
    thinks_late: bool = False

    def read(self, news: News, as_of: datetime) -> None:
        assert news
        self.failures.update((r["instrument"], r["run_number"], r["failed_since"]) for r in news.failing)
        self.resolutions.update((r["instrument"], r["run_number"], r["resolved_at"]) for r in news.resolved)
        assert not numbers(news.missing) & self.missing
        assert numbers(news.found) <= self.missing
        self.missing = (self.missing | numbers(news.missing)) - numbers(news.found)
        if news.is_late:
            self.late[as_of] += 1
        assert news.is_back <= self.thinks_late
        self.thinks_late = news.is_late or (self.thinks_late and not news.is_back)

    def check(self, facility: Facility, as_of: datetime, is_late: bool) -> None:
        """Check, after a digest that arrived or had nothing to say, that the reader knows all, told once."""
        self.missing -= facility.ignored
        assert {(*run, since) for run, since in facility.failing.items()} <= set(self.failures)
        assert set(facility.resolved) == set(self.resolutions)
        assert self.missing == set(facility.open)
        assert self.thinks_late == is_late
        assert is_late <= bool(self.late[as_of])
        told = (self.failures, self.resolutions, self.late)
        assert all(count <= 1 for counter in told for count in counter.values())


EVENTS = st.dictionaries(
    st.sampled_from([*RUNS, *HOLES]), st.sampled_from(["fail", "pass", "pass and fail", "ignore"]), max_size=5
)
NIGHTS = st.lists(
    st.tuples(
        st.integers(0, 20),  # days since the night before; none: the same statistics again
        EVENTS,
        st.booleans(),
        st.tuples(*[st.booleans() for _ in DESTINATIONS]),
    ),
    max_size=12,
)


@settings(
    max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
@given(NIGHTS)
def test_each_thing_is_told_once_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, nights: list[Any]
) -> None:
    monkeypatch.setattr("os.fsync", lambda handle: None)
    facility, moment = Facility(), FIRST
    late = False
    readers = {destination.key: Reader() for destination in DESTINATIONS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digest.json"
        for place, (days, events, is_late, reached) in enumerate(
            [(0, {RUNS[0]: "fail"}, False, (False, True)), *nights]
        ):
            moment += timedelta(days=days)
            if days or place == 0:
                facility.night(moment, events)
                late = is_late
            # The same statistics do not get younger.
            late = is_late = late or is_late
            current = facility.current(moment, is_late)
            digest = Digest(Catalogue(()), current, None, "", None, read_memory(path))
            open_to = dict(zip([one.key for one in DESTINATIONS], reached, strict=True))

            def send(destination: Destination, news: News) -> str | None:
                if not open_to[destination.key]:  # noqa: B023
                    return "it was not reached"
                assert not numbers(news.found) & facility.ignored
                readers[destination.key].read(news, moment)  # noqa: B023
                return None

            failed = {one.key for one, _ in tell(digest, DESTINATIONS, send, partial(write_memory, path))}
            for key, reader in readers.items():
                if key not in failed:
                    reader.check(facility, moment, is_late)
