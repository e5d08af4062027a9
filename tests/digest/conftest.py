from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from autostats.queries.rows import Row
from autostats.verification.job import SourceJob
from support.archive_marts import NEVER_LOOKED, Archive
from support.availability import NEVER_POLLED
from support.in_process import NowIs, autostats, now_is
from support.marts import write_marts
from support.mornings import MORNING, Night
from support.receivers import Mailbox, WebReceiver, mailbox, web_receiver

__all__ = ["autostats", "now_is"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def night(home: Path, now_is: NowIs) -> Night:
    """Build statistics as of a number of days after the first morning; now is `hours` later."""

    def build(
        jobs: Sequence[SourceJob],
        days: float = 0,
        hours: float = 1,
        availability: Mapping[str, Sequence[Row]] = NEVER_POLLED,
        archive: Archive = NEVER_LOOKED,
    ) -> None:
        as_of = MORNING + timedelta(days=days)
        (home / "autostats.duckdb").unlink(missing_ok=True)
        write_marts(home / "autostats.duckdb", jobs, as_of, availability=availability, archive=archive)
        now_is(as_of + timedelta(hours=hours))

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
    """Keep tests from sending anything to the developer's own destinations."""
    monkeypatch.delenv("AUTOSTATS_NOTIFY_URLS", raising=False)
    monkeypatch.delenv("AUTOSTATS_NOTIFY_CONFIG", raising=False)


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the destinations."""

    def name(*urls: str) -> None:
        monkeypatch.setenv("AUTOSTATS_NOTIFY_URLS", "\n".join(urls))

    return name
