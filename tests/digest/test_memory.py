"""The file that remembers: damaged, half-written, of another version, on a disk that is full."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.installed import Autostats
from support.mornings import AFTER, BEFORE, Night
from support.receivers import WebReceiver

Notify = Callable[..., None]


@pytest.fixture
def told(autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify) -> Path:
    """Send a first digest; return the memory."""
    night(BEFORE)
    notify(f"json://127.0.0.1:{web.port}/?retry=0")
    assert autostats("digest", "--notify", "--home", home).code == 0
    web.requests.clear()
    return home / "digest.json"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"version": 1}',
        '{"version": "x", "streams": []}',
        '{"version": 1, "streams": [{}]}',
    ],
)
def test_a_damaged_memory_sends_nothing_and_is_left_alone(
    autostats: Autostats, home: Path, told: Path, web: WebReceiver, content: str
) -> None:
    told.write_text(content, encoding="utf-8")
    for how in ("--notify", "--dry-run", "--quiet"):
        ran = autostats("digest", how, "--home", home)
        assert ran.code == 2
        assert f"{told}, cannot be read: it is damaged." in ran.err
        assert "move it away" in ran.err
    assert told.read_text(encoding="utf-8") == content
    assert web.requests == []


def test_half_a_memory(autostats: Autostats, home: Path, told: Path) -> None:
    whole = told.read_bytes()
    told.write_bytes(whole[: len(whole) // 2])
    assert autostats("digest", "--notify", "--home", home).code == 2


def test_a_newer_memory(autostats: Autostats, home: Path, told: Path) -> None:
    told.write_text(json.dumps({"version": 2, "streams": "otherwise"}), encoding="utf-8")
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 2
    assert "written by a newer autostats" in ran.err


def test_moved_away_it_begins_with_the_last_day(
    autostats: Autostats, home: Path, told: Path, night: Night, web: WebReceiver
) -> None:
    told.rename(home / "digest.json.old")
    night(AFTER, 1)
    assert autostats("digest", "--notify", "--home", home).code == 0
    assert json.loads(web.requests[0])["title"].startswith("WISH")
    assert told.exists()


def test_a_memory_that_cannot_be_written(
    autostats: Autostats,
    home: Path,
    told: Path,
    night: Night,
    web: WebReceiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = told.read_bytes()
    night(AFTER, 1)
    monkeypatch.setattr("os.fsync", full)
    ran = autostats("digest", "--notify", "--home", home)
    assert ran.code == 2
    assert "cannot be written: No space left on device." in ran.err
    assert told.read_bytes() == before
    assert [path.name for path in home.glob("*.part")] == []
    monkeypatch.undo()


def test_it_holds_no_secret_and_is_small(home: Path, told: Path, web: WebReceiver) -> None:
    content = told.read_text(encoding="utf-8")
    assert str(web.port) not in content
    assert set(json.loads(content)["streams"][0]) == {
        *("destination", "instruments", "statistics", "told_at", "as_of", "since"),
        *("late", "failing", "resolved", "missing", "stale", "archive_only", "behind", "attention"),
    }


def test_a_changed_password_is_the_same_destination(
    autostats: Autostats, home: Path, told: Path, web: WebReceiver, notify: Notify
) -> None:
    for password in ("0ld-one", "n3w-one"):
        notify(f"json://me:{password}@127.0.0.1:{web.port}/?retry=0")
        autostats("digest", "--notify", "--home", home)
    assert len(web.requests) == 1
