"""News of availability: who went down and who is up again, each told once, whatever is restated later."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autostats.digest.memory import Stream, read_memory, write_memory
from autostats.digest.news import CurrentState, KnownState, all_known, changes, known_before
from autostats.digest.outages import NONE_KNOWN, KnownOutages, changed_outages, known_outages
from autostats.queries.settings import Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from support.availability import Instrument, Poll, Reading, availability_marts
from support.installed import Autostats
from support.mornings import BEFORE, MORNING, Night
from support.receivers import WebReceiver

Notify = Callable[..., None]
HOUR = timedelta(hours=1)
LONG_AGO = MORNING - timedelta(days=31)
EVIL = "<b>@here</b> `*x*`\x1b[31m " + "x" * 200


def outage(began: float, ended: float | None = None, instrument: str = "GEM") -> dict[str, Any]:
    """Return an outage that began and ended a number of hours after the first morning."""
    return {
        "instrument": instrument,
        "started_at": MORNING + began * HOUR,
        "ended_at": None if ended is None else MORNING + ended * HOUR,
        "down_seconds": 3600.0 * ((24 if ended is None else ended) - began),
        "reason": None,
    }


def news_of(
    before: list[dict[str, Any]] | None, after: list[dict[str, Any]] | None
) -> tuple[list[Any], list[Any]]:
    """Return the starts of what is newly down and of what is up again a day after `before` was told."""
    told = known_outages(before, LONG_AGO)
    down, up = changed_outages(after, told, MORNING, LONG_AGO)
    return [_hours(row) for row in down], [_hours(row) for row in up]


def _hours(row: dict[str, Any]) -> float:
    return float((row["started_at"] - MORNING) / HOUR)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], ([], [])),
        ([], [outage(5)], ([5], [])),
        ([], [outage(5, 6)], ([], [5])),
        ([outage(-5)], [outage(-5)], ([], [])),
        ([outage(-5)], [outage(-5, 3)], ([], [-5])),
        ([outage(-5, -3)], [outage(-5, -3)], ([], [])),
        # Up and down again between two digests.
        ([outage(-5)], [outage(-5, 3), outage(6)], ([6], [-5])),
        ([outage(-5)], [outage(-5, 3), outage(6, 7)], ([], [-5, 6])),
        # The same outage goes on after a short time of up.
        ([outage(-5, -1)], [outage(-5)], ([-5], [])),
        ([outage(-5, -1)], [outage(-5, 1)], ([], [-5])),
        # Imported late, or restated: only what nobody knew is news.
        ([outage(-5, -3)], [outage(-9, -8), outage(-5, -3)], ([], [-9])),
        ([outage(-5, -3)], [outage(-5.5, -2)], ([], [])),
        ([outage(-5, -3)], [], ([], [])),
        ([outage(-5)], [outage(-6)], ([], [])),
        ([outage(-5)], [outage(-6, -4)], ([], [-6])),
        ([outage(-8, -6), outage(-5)], [outage(-8, -4)], ([], [-8])),
        # It was not down after all.
        ([outage(-5)], [], ([], [-5])),
        # Nobody polled before: what goes on is news, what had ended is not.
        (None, [outage(-9, -8), outage(-5)], ([-5], [])),
        (None, [outage(5, 6)], ([], [5])),
        ([outage(-5)], None, ([], [])),
        # What ended more than a month ago.
        ([], [outage(-9000, -24 * 31 - 1)], ([], [])),
        ([], [outage(-9000, -24 * 31)], ([], [-9000])),
    ],
)
def test_each_rule(before: Any, after: Any, expected: Any) -> None:
    assert news_of(before, after) == expected


def test_an_instrument_is_down_again_only_for_those_who_knew_otherwise() -> None:
    told = known_outages([outage(-5)], LONG_AGO)
    assert changed_outages([outage(-5), outage(2, 3, "WISH")], told, MORNING, LONG_AGO)[0] == []
    assert changed_outages([outage(2, None, "WISH"), outage(-5)], told, MORNING, LONG_AGO)[0] == [
        outage(2, None, "WISH")
    ]


def state(outages: Any) -> CurrentState:
    nothing: dict[str, Any] = {"failing": [], "resolved": [], "missing": {}, "ignored": (), "arrived": {}}
    known = Settings(1, "0", "Europe/London", MORNING, MORNING)
    return CurrentState(settings=known, is_late=False, outages=outages, **nothing)


def test_who_knows_all_until_a_day_knows_nothing_of_that_day() -> None:
    day = MORNING.date()  # begins five hours and a quarter before the morning
    current = state(
        [
            outage(-30, -6),
            outage(-7, -5, "IN"),
            outage(-4, -3),
            outage(-20, None, "ON"),
            outage(-1, None, "NEW"),
        ]
    )
    news = changes(current, known_before(current, day))
    assert [row["instrument"] for row in news.down] == ["NEW"]
    assert [row["started_at"] for row in news.up] == [outage(-4)["started_at"], outage(-7)["started_at"]]
    assert news
    assert not changes(current, all_known(current))
    assert not changes(state(None), known_before(state(None), day)).is_polled


@pytest.mark.parametrize(
    "known",
    [NONE_KNOWN, known_outages([], LONG_AGO), known_outages([outage(-9, -8), outage(-5)], LONG_AGO)],
)
def test_the_memory_keeps_it(known: KnownOutages, tmp_path: Path) -> None:
    nobody: frozenset[Any] = frozenset()
    told = KnownState(MORNING, MORNING, MORNING.date(), None, nobody, nobody, nobody, outages=known)
    stream = Stream("x", None, "")
    write_memory(tmp_path / "digest.json", {stream: told})
    assert read_memory(tmp_path / "digest.json") == {stream: told}


NIGHTS = st.lists(
    st.tuples(
        st.lists(st.booleans(), min_size=8, max_size=8),  # one poll every three hours: down?
        st.booleans(),  # whether the night's polls arrive only with the next night's
        st.booleans(),  # whether the digest arrives
    ),
    min_size=1,
    max_size=8,
)


def outages_of(polls: dict[datetime, bool]) -> list[dict[str, Any]]:
    """Return the outages of an instrument, of which each poll holds until the next."""
    found: list[dict[str, Any]] = []
    was_down = False
    for moment, is_down in sorted(polls.items()):
        if is_down and not was_down:
            found.append({**outage(0), "started_at": moment})
        if was_down and not is_down:
            found[-1]["ended_at"] = moment
        was_down = is_down
    return found


@settings(max_examples=100, derandomize=True, database=None, deadline=None)
@given(NIGHTS)
def test_each_is_told_once_and_the_reader_knows_who_is_down(nights: list[Any]) -> None:
    told, as_of = known_outages([], LONG_AGO), MORNING
    thinks_down = False
    heard: Counter[tuple[datetime, datetime]] = Counter()
    arrived: dict[datetime, bool] = {}
    late: dict[datetime, bool] = {}
    for number, (polls, is_late, is_reached) in enumerate(nights):
        arrived |= late
        late = {MORNING + (24 * number + 3 * place) * HOUR: is_down for place, is_down in enumerate(polls)}
        if not is_late:
            arrived |= late
        current = outages_of(arrived)
        down, up = changed_outages(current, told, as_of, LONG_AGO)
        if not is_reached:
            continue
        told, as_of = known_outages(current, LONG_AGO), MORNING + (number + 1) * timedelta(days=1)
        assert len(down) <= 1
        # Down again before anybody heard that it was up: then both are told.
        assert not (down and thinks_down) or up
        assert not up or up[-1]["ended_at"] > MORNING
        thinks_down = bool(down) or (thinks_down and not up)
        heard.update((row["started_at"], row["ended_at"]) for row in up)
        assert thinks_down == any(row["ended_at"] is None for row in current)
        for row in current:
            began, ended = row["started_at"], row["ended_at"]
            assert ended is None or any(start < ended and began < end for start, end in heard)
    assert all(count == 1 for count in heard.values())


def marts(hours: float, *polls: tuple[float, str, str | None]) -> dict[str, list[dict[str, Any]]]:
    """Return the availability of GEM as of a number of hours after the first morning."""
    seen = [Poll(MORNING + at * HOUR, state, reason) for at, state, reason in polls]
    gem = Instrument("GEM", "Europe/London", seen, [], MORNING + hours * HOUR, Reading())
    found = availability_marts([gem])
    why = {poll.at: poll.reason for poll in seen}
    found["fct_outages"] = [{**row, "reason": why[row["started_at"]]} for row in found["fct_outages"]]
    return found


def told_to(web: WebReceiver) -> list[str]:
    """Return the titles and lines on outages of what has come, and forget it."""
    bodies = [json.loads(request) for request in web.requests]
    web.requests.clear()
    lines = [line for body in bodies for line in body["message"].splitlines()]
    return [body["title"] for body in bodies] + [
        line for line in lines if "down**" in line or "again**" in line
    ]


FIRST_POLLS = ((-40, "up", None), (-30, "down", "moderator"), (-20, "up", None), (-3, "down", "pump"))


def test_the_command_tells_each_once(
    autostats: Autostats, home: Path, night: Night, web: WebReceiver, notify: Notify
) -> None:
    notify(f"json://127.0.0.1:{web.port}/?format=markdown&retry=0")
    send = ("digest", "gem", "--notify", "--home", home)
    night([], availability=marts(0, *FIRST_POLLS))
    assert autostats(*send).code == 0
    assert told_to(web) == [
        "GEM: 1 newly down, 1 up again",
        "- **1 newly down**: since Wed 2020-02-12 02:15, pump",
        "- **1 up again**: Tue 2020-02-11 09:15, after 10h 00m, moderator",
    ]
    assert autostats(*send).err == ""
    later = (*FIRST_POLLS, (5, "up", None), (8, "down", EVIL), (10, "up", None), (20, "down", None))
    night([], 1, availability=marts(24, *later))
    assert autostats(*send).code == 0
    title, down, up = told_to(web)
    assert title == "GEM: 1 newly down, 2 up again"
    assert down == "- **1 newly down**: since Thu 2020-02-13 01:15"
    assert up.startswith("- **2 up again**: Wed 2020-02-12 10:15, after 8h 00m, pump; Wed 2020-02-12 15:15")
    assert "&lt;b&gt;@\u200bhere&lt;/b&gt;" in up
    assert len(up) < 250
    assert autostats(*send).err == ""
    assert web.requests == []


def test_every_form_shows_it(autostats: Autostats, home: Path, night: Night, notify: Notify) -> None:
    polls = (*FIRST_POLLS[:2], (-20, "up", None), (-3, "down", EVIL))
    night(BEFORE, availability=marts(0, *polls))
    printed = autostats("digest", "--home", home).out
    assert "1 newly down, 1 up again" in " ".join(printed.split())
    assert printed.index("Newly down") < printed.index("Up again")
    page = autostats("digest", "--format", "html", "--home", home).out
    assert "<strong>1 up again</strong>: Tue 2020-02-11 09:15, after 10h 00m, moderator" in page
    assert "<b>" not in page
    assert "\x1b" not in page + printed
    content = json.loads(autostats("digest", "--format", "json", "--home", home).out)
    gem, wish = content["counts"]
    assert (gem["newly_down"], gem["up_again"], wish["newly_down"]) == (1, 1, 0)
    assert [row["ended_at"] for row in content["down"]] == [None]
    assert content["up"][0]["down_seconds"] == 36_000
    counted = autostats("digest", "--format", "csv", "--home", home).out
    assert counted.splitlines()[:2] == [
        "instrument,newly_failing,newly_missing,resolved,no_longer_missing,newly_down,up_again",
        "GEM,1,0,0,0,1,1",
    ]
    assert "down" not in json.loads(autostats("digest", "WISH", "--format", "json", "--home", home).out)["up"]


def test_nobody_polls(autostats: Autostats, home: Path, night: Night) -> None:
    night(BEFORE)
    content = json.loads(autostats("digest", "--format", "json", "--home", home).out)
    assert {"down", "up"} & content.keys() == set()
    assert "newly_down" not in content["counts"][0]


def test_many_outages_are_cut_and_say_where_the_rest_is(
    autostats: Autostats, home: Path, night: Night, notify: Notify
) -> None:
    polls = [(-28 + 1.5 * n / 2, "down" if n % 2 else "up", None) for n in range(36)]
    found = marts(0, *polls)
    found["fct_outages"] = [{**outage(-28 + n, -27.5 + n), "down_seconds": 1800.0} for n in range(0, 26)]
    night([], availability=found)
    notify("json://127.0.0.1:1/?format=text")
    shown = autostats("digest", "--dry-run", "--home", home).out
    assert "26 up again: Tue 2020-02-11 01:45, after 30m 00s; " in shown
    assert " and 14 more (autostats availability report GEM --last 30d)" in shown
    assert "16 more of GEM: `autostats availability report` lists them." in " ".join(
        autostats("digest", "--home", home).out.split()
    )
