from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from autostats.statistics import settings
from report.conftest import autostats, strange_home
from support.marts import job, write_marts
from support.receivers import Mailbox, WebReceiver, mailbox, web_receiver
from support.recount import SourceJob

__all__ = ["autostats", "strange_home"]

MORNING = datetime(2020, 2, 12, 5, 15)
Night = Callable[..., None]


def made(number: int, run: int, status: str, hours: float, instrument: str = "WISH") -> SourceJob:
    """Return a job that ends so many hours after the first morning."""
    end = MORNING + timedelta(hours=hours)
    return job(number, run, status, end, end, end, instrument=instrument)


# Years of history, then the day before the first morning: 100 and GEM 50 fail, 102 and 103 are missing.
BEFORE = [
    made(1, 97, "e", -9000),
    made(2, 99, "c", -8999),
    made(3, 100, "e", -10),
    made(4, 101, "c", -9),
    made(5, 104, "c", -8),
    made(6, 50, "e", -7, "GEM"),
]
# The day after: 100 is resolved, 102 arrives, 105 and 107 fail, 106 is missing.
AFTER = [
    *BEFORE,
    made(7, 100, "c", 3),
    made(8, 102, "c", 4),
    made(9, 105, "e", 5),
    made(10, 107, "e", 6),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def night(home: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    """Build the statistics of jobs as of so many days after the first morning; it is `hours` later now."""

    def build(jobs: Sequence[SourceJob], days: float = 0, hours: float = 1) -> None:
        as_of = MORNING + timedelta(days=days)
        (home / "autostats.duckdb").unlink(missing_ok=True)
        write_marts(home / "autostats.duckdb", jobs, as_of)
        monkeypatch.setattr(settings, "utc_now", lambda: as_of + timedelta(hours=hours))

    return build


@pytest.fixture
def web() -> Iterator[WebReceiver]:
    with web_receiver() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture(autouse=True)
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sends anything to a destination of the developer's."""
    monkeypatch.delenv("AUTOSTATS_NOTIFY_URLS", raising=False)
    monkeypatch.delenv("AUTOSTATS_NOTIFY_CONFIG", raising=False)


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Name the destinations."""

    def name(*urls: str) -> None:
        monkeypatch.setenv("AUTOSTATS_NOTIFY_URLS", "\n".join(urls))

    return name
