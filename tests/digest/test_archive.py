"""News of the archive: files without a job and instruments behind it come first, and each once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from autostats.digest.archive import Archived, KnownArchive
from autostats.digest.memory import Stream, read_memory, write_memory
from autostats.digest.news import (
    CurrentState,
    KnownState,
    News,
    all_known,
    changes,
    known_before,
    under_new_names,
)
from autostats.queries.settings import Settings
from support.archive_marts import Archive, Look
from support.installed import Autostats
from support.mornings import BEFORE, MORNING, Night
from support.receivers import WebReceiver

Notify = Callable[..., None]
DAY = date(2020, 2, 12)
NOBODY: frozenset[Any] = frozenset()
NOTHING_KNOWN = KnownState(MORNING, MORNING, DAY, None, NOBODY, NOBODY, NOBODY)


def instrument(name: str, is_behind: bool | None) -> dict[str, Any]:
    """Return what the archive says of an instrument; None: nobody has looked for long."""
    return {
        "instrument": name,
        "last_run_number": 100,
        "archive_last_run_number": None if is_behind is None else 103 if is_behind else 102,
        "is_behind": bool(is_behind),
    }


def state(missing: dict[int, date], archive_only: set[int], **behind: bool | None) -> CurrentState:
    return CurrentState(
        settings=Settings(1, "0", "Europe/London", MORNING, MORNING),
        is_late=False,
        failing=[],
        resolved=[],
        missing={("WISH", number): day for number, day in missing.items()},
        ignored=(),
        arrived={},
        archived=Archived(
            [instrument(name, each) for name, each in behind.items()],
            frozenset(("WISH", number) for number in archive_only),
        ),
    )


def told(news: News) -> tuple[list[int], list[int]]:
    """Return the runs that have a file and no job, and the other missing ones."""
    return (
        [row["first_run_number"] for row in news.archive_only],
        [row["first_run_number"] for row in news.missing],
    )


def test_a_run_with_a_file_is_no_other_missing_run() -> None:
    assert told(changes(state({1: DAY, 3: DAY}, {3}), NOTHING_KNOWN)) == ([3], [1])


def test_each_run_is_told_once_as_what_it_is() -> None:
    known = NOTHING_KNOWN
    for archive_only, expected in (
        (set(), ([], [1])),
        # Its file has turned up: that is another piece of news.
        ({1}, ([1], [])),
        ({1}, ([], [])),
        # The archive could not be read, and is back.
        (set(), ([], [])),
        ({1}, ([], [])),
    ):
        current = state({1: DAY}, archive_only)
        news = changes(current, known)
        assert told(news) == expected
        assert bool(news) == any(expected)
        known = all_known(current, known)
    assert [row["first_run_number"] for row in changes(state({}, set()), known).found] == [1]
    # It arrived, and was deleted again.
    known = all_known(state({}, set()), known)
    assert told(changes(state({1: DAY}, {1}), known)) == ([1], [])


def test_an_instrument_is_told_when_it_is_behind_and_when_it_has_caught_up() -> None:
    known = NOTHING_KNOWN
    for is_behind, behind, caught_up in (
        (False, [], []),
        (True, ["GEM"], []),
        (True, [], []),
        # Nobody knows: it has not caught up, and is not told again when it is behind once more.
        (None, [], []),
        (True, [], []),
        (False, [], ["GEM"]),
        (False, [], []),
        (True, ["GEM"], []),
    ):
        current = state({}, set(), GEM=is_behind, LET=False)
        news = changes(current, known)
        assert [row["instrument"] for row in news.behind] == behind
        assert [row["instrument"] for row in news.caught_up] == caught_up
        assert bool(news) == bool(behind or caught_up)
        known = all_known(current, known)


def test_a_new_destination_is_told_of_the_last_day_and_who_is_behind() -> None:
    current = state({1: date(2020, 2, 11), 3: DAY}, {1, 3}, GEM=True)
    news = changes(current, known_before(current, DAY))
    assert told(news) == ([3], [])
    assert [row["instrument"] for row in news.behind] == ["GEM"]


def test_a_new_name_is_no_news() -> None:
    known = all_known(state({1: DAY}, {1}, WISH=True))
    renamed = under_new_names(known, {"WISH": "WISH2"})
    assert renamed.archive == KnownArchive(frozenset({("WISH2", 1)}), frozenset({"WISH2"}))


def test_the_memory_keeps_it(tmp_path: Path) -> None:
    runs = frozenset({("WISH", 1), ("WISH", 2), ("O'Neil", 7)})
    known = KnownState(
        MORNING,
        MORNING,
        DAY,
        None,
        NOBODY,
        NOBODY,
        NOBODY,
        archive=KnownArchive(runs, frozenset({"GEM", "O'Neil"})),
    )
    stream = Stream("x", None, "")
    write_memory(tmp_path / "digest.json", {stream: known})
    assert read_memory(tmp_path / "digest.json") == {stream: known}
    # A file from before files were counted.
    content = json.loads((tmp_path / "digest.json").read_text())
    for one in content["streams"]:
        del one["archive_only"], one["behind"]
    (tmp_path / "digest.json").write_text(json.dumps(content))
    assert read_memory(tmp_path / "digest.json")[stream].archive == KnownArchive()


ARCHIVE = Archive(
    [
        Look("WISH", [(102, 104)], newest=datetime(2020, 2, 1), started_at=datetime(2020, 2, 12, 4)),
        Look("GEM", [(50, 60)], newest=datetime(2020, 2, 1), started_at=datetime(2020, 2, 12, 4)),
    ],
    {("WISH", 102): "archive_only"},
)


def test_it_comes_first_in_every_form(autostats: Autostats, night: Night, home: Path) -> None:
    night(BEFORE, archive=ARCHIVE)
    found = json.loads(autostats("digest", "--home", home, "--format", "json").out)
    assert [key for key in found if key not in ("schema", "since", "is_late", "recorded", "settings")][
        :4
    ] == [
        "attention",
        "counts",
        "archive_only",
        "behind",
    ]
    assert [(row["instrument"], row["first_run_number"]) for row in found["archive_only"]] == [("WISH", 102)]
    assert [row["first_run_number"] for row in found["missing"]] == [103]
    assert [(row["instrument"], row["archive_last_run_number"]) for row in found["behind"]] == [("GEM", 60)]
    assert {row["instrument"]: (row["archive_only"], row["newly_behind"]) for row in found["counts"]} == {
        "GEM": (0, 1),
        "WISH": (1, 0),
    }
    for form in ("table", "plain", "md", "html"):
        text = " ".join(autostats("digest", "--home", home, "--format", form).out.lower().split())
        words = ("in the archive without a job", "newly behind the archive", "newly failing")
        places = [text.index(each) for each in words]
        assert places == sorted(places), form


def test_who_is_notified_hears_it_once(
    autostats: Autostats, night: Night, home: Path, web: WebReceiver, notify: Notify
) -> None:
    notify(f"json://127.0.0.1:{web.port}/?format=text&retry=0&wait=0")
    night(BEFORE)
    autostats("digest", "--home", home, "--notify")
    night(BEFORE, 1, archive=ARCHIVE)
    for _ in range(2):
        assert autostats("digest", "--home", home, "--notify").code == 0
    _, sent = map(json.loads, web.requests)
    assert sent["title"] == "WISH, GEM: 1 in the archive without a job, 1 newly behind the archive"
    assert "1 newly behind the archive: last run 50, archive 60" in sent["message"]
    assert "newly missing" not in sent["message"]


@pytest.mark.parametrize("name", ["WISH", "GEM"])
def test_chosen_instruments(autostats: Autostats, night: Night, home: Path, name: str) -> None:
    night(BEFORE, archive=ARCHIVE)
    found = json.loads(autostats("digest", name, "--home", home, "--format", "json").out)
    assert bool(found["archive_only"]) == (name == "WISH")
    assert bool(found["behind"]) == (name == "GEM")
