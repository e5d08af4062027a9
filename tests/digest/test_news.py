"""What is news: the edges of each rule, in states made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from autostats.digest.news import (
    CurrentState,
    KnownState,
    all_known,
    changes,
    horizon,
    known_before,
    under_new_names,
)
from autostats.queries.settings import Settings

AS_OF = datetime(2020, 2, 12, 5, 15)
SETTINGS = Settings(1, "0", "Europe/London", AS_OF, AS_OF)
DAY = date(2020, 2, 12)
EARLIER = AS_OF - timedelta(days=1)


def failure(run_number: int, day: date, instrument: str = "WISH") -> dict[str, Any]:
    return {
        "instrument": instrument,
        "run_number": run_number,
        "failed_day": day,
        "failed_since": datetime(day.year, day.month, day.day, 12),
    }


def resolution(run_number: int, day: date, instrument: str = "WISH") -> dict[str, Any]:
    return {
        "instrument": instrument,
        "run_number": run_number,
        "resolved_day": day,
        "resolved_at": datetime(day.year, day.month, day.day, 13),
    }


def state(**kinds: Any) -> CurrentState:
    nothing: dict[str, Any] = {"failing": [], "resolved": [], "missing": {}, "ignored": (), "arrived": {}}
    return CurrentState(settings=SETTINGS, **{"is_late": False, **nothing, **kinds})


NOTHING_KNOWN = KnownState(EARLIER, EARLIER, DAY, None, frozenset(), frozenset(), frozenset())


def runs(rows: Any) -> list[int]:
    return [row["run_number"] for row in rows]


def test_failures_and_resolutions_count_from_the_first_day_that_is_known() -> None:
    days = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))
    news = changes(
        state(
            failing=[failure(number, day) for number, day in enumerate(days)],
            resolved=[resolution(number, day) for number, day in enumerate(days)],
        ),
        NOTHING_KNOWN,
    )
    assert (runs(news.failing), runs(news.resolved)) == ([1, 2], [1, 2])
    assert news.since == EARLIER


def test_the_same_run_that_fails_again_is_news() -> None:
    first, again = failure(7, DAY), {**failure(7, DAY), "failed_since": AS_OF}
    known = all_known(state(failing=[first]))
    assert not changes(state(failing=[first]), known)
    assert changes(state(failing=[again]), known).failing == [again]


def test_ranges_of_missing_runs_hold_those_that_were_noticed_on_one_day() -> None:
    before = DAY - timedelta(days=1)
    days = {("GEM", 4): DAY, ("WISH", 1): before, ("WISH", 2): before, ("WISH", 3): DAY, ("WISH", 4): before}
    found = changes(state(missing=days), NOTHING_KNOWN).missing
    assert [tuple(row.values()) for row in found] == [
        ("GEM", 4, 4, DAY, 1),
        ("WISH", 1, 2, before, 2),
        ("WISH", 3, 3, DAY, 1),
        ("WISH", 4, 4, before, 1),
    ]


def test_a_run_is_found_when_it_is_no_longer_missing_but_not_when_it_is_ignored() -> None:
    known = all_known(state(missing={("WISH", number): DAY for number in (1, 2, 3)}))
    news = changes(
        state(missing={("WISH", 1): DAY}, ignored=[("WISH", 2)], arrived={("WISH", 3): DAY}), known
    )
    assert not news.missing
    assert [(row["first_run_number"], row["day"]) for row in news.found] == [(3, DAY)]


@pytest.mark.parametrize(
    ("is_late", "told_late", "expected"),
    [
        (False, None, (False, False)),
        (True, None, (True, False)),
        (True, AS_OF, (False, False)),
        (True, EARLIER, (True, False)),
        (False, EARLIER, (False, True)),
    ],
)
def test_late_is_told_once_for_each_build_and_so_is_that_it_is_over(
    is_late: bool, told_late: datetime | None, expected: tuple[bool, bool]
) -> None:
    news = changes(state(is_late=is_late), replace(NOTHING_KNOWN, late=told_late))
    assert (news.is_late, news.is_back) == expected
    assert bool(news) == any(expected)
    assert all_known(state(is_late=is_late)).late == (AS_OF if is_late else None)


def test_what_is_known_follows_a_renamed_instrument() -> None:
    known = all_known(
        state(
            failing=[failure(1, DAY, "CRISP"), failure(1, DAY, "GEM")],
            resolved=[resolution(2, DAY, "CRISP")],
            missing={("CRISP", 3): DAY},
        )
    )
    renamed = state(
        failing=[failure(1, DAY, "INTER"), failure(1, DAY, "GEM")],
        resolved=[resolution(2, DAY, "INTER")],
        missing={("INTER", 3): DAY},
    )
    assert changes(renamed, known)
    assert not changes(renamed, under_new_names(known, {"CRISP": "INTER"}))
    assert under_new_names(known, {}) is known


def test_who_knows_all_until_a_day_knows_nothing_of_that_day() -> None:
    before = DAY - timedelta(days=1)
    current = state(
        failing=[failure(1, before), failure(2, DAY)],
        resolved=[resolution(3, before), resolution(4, DAY)],
        missing={("WISH", 5): before, ("WISH", 6): DAY},
        arrived={("WISH", 7): before, ("WISH", 8): DAY},
    )
    known = known_before(current, DAY)
    news = changes(current, known)
    assert (runs(news.failing), runs(news.resolved)) == ([2], [4])
    assert [row["first_run_number"] for row in news.missing] == [6]
    assert [row["first_run_number"] for row in news.found] == [8]
    assert (known.told_at, known.as_of, known.late) == (datetime(2020, 2, 12), datetime(2020, 2, 12), None)


def test_what_is_older_than_a_month_is_history() -> None:
    edge = DAY - timedelta(days=31)
    assert horizon(SETTINGS) == edge
    current = state(
        failing=[failure(1, edge - timedelta(days=1)), failure(2, edge)],
        resolved=[resolution(1, edge - timedelta(days=1)), resolution(2, edge)],
    )
    known = all_known(current)
    assert known.since == known_before(current, DAY).since == edge
    assert {run for _, run, _ in known.failing} == {run for _, run, _ in known.resolved} == {2}
    assert known_before(current, edge - timedelta(days=9)).since == edge - timedelta(days=9)
    assert (known.told_at, known.as_of) == (AS_OF, AS_OF)


def table(name: str, state: str, hours: int = 1) -> dict[str, Any]:
    return {
        "dbobject": "LIMS",
        "table": name,
        "column": "at",
        "state": state,
        "since": AS_OF - timedelta(hours=hours),
    }


def test_a_table_is_told_when_it_becomes_stale_and_when_it_is_fresh_again() -> None:
    told = NOTHING_KNOWN
    for states, stale, fresh_again in (
        (("fresh", "stale"), ["b"], []),
        (("stale", "stale"), ["a"], []),
        # Nobody knows: it is no better, and not told again when it is stale once more.
        (("unknown", "fresh"), [], ["b"]),
        (("stale", "unknown"), [], []),
        (("warn", "stale"), ["b"], ["a"]),
        (("fresh", "stale"), [], []),
    ):
        current = state(tables=[table(*each) for each in zip("ab", states, strict=True)])
        news = changes(current, told)
        assert [row["table"] for row in news.stale] == stale
        assert [row["table"] for row in news.fresh_again] == fresh_again
        assert bool(news) == bool(stale or fresh_again)
        told = all_known(current, told)


def test_a_new_destination_is_told_of_tables_that_became_stale_since() -> None:
    current = state(tables=[table("old", "stale", 30), table("new", "stale", 2), table("well", "fresh", 2)])
    assert [row["table"] for row in changes(current, known_before(current, DAY)).stale] == ["new"]
