"""The demonstration's monitor: the same files again for the same arguments, and all there is to see."""

import csv
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from autostats.availability.polls import read_polls
from autostats.demo import write_monitor_files

NOW = datetime(2026, 3, 29, 14, 30)
FIRST_DAY = date(2025, 12, 30)
INSTRUMENTS = ("WISH", "GEM", "MARI", "POLARIS", "OSIRIS", "MUSR", "ENGINX")
WATCHED = {*INSTRUMENTS} - {"ENGINX"}
FILES = ("polls.csv", "hours.csv", "time_zones.csv")


def files(folder: Path, **changed: Any) -> dict[str, bytes]:
    folder.mkdir()
    arguments = {"instruments": INSTRUMENTS, "first_day": FIRST_DAY, "now": NOW, "seed": 1, **changed}
    made = write_monitor_files(folder, **arguments)
    assert made.polls == len(list(read_polls(folder / "polls.csv")))
    assert [word for word in made.options if isinstance(word, Path)] == [folder / name for name in FILES]
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def polls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("monitor") / "files"
    files(folder)
    found: dict[str, list[dict[str, Any]]] = {}
    for poll in read_polls(folder / "polls.csv"):
        found.setdefault(poll["instrument"], []).append(poll)
    return found


def test_the_same_arguments_give_the_same_files(tmp_path: Path) -> None:
    first = files(tmp_path / "first")
    assert files(tmp_path / "again") == first
    assert files(tmp_path / "seed", seed=2)["polls.csv"] != first["polls.csv"]
    assert files(tmp_path / "earlier", now=NOW - timedelta(days=1))["hours.csv"] == first["hours.csv"]


def test_each_is_polled_all_the_time(polls: dict[str, list[dict[str, Any]]]) -> None:
    assert polls.keys() == WATCHED
    for of_it in polls.values():
        moments = [poll["polled_at"] for poll in of_it]
        assert {later - earlier for earlier, later in pairwise(moments)} == {timedelta(minutes=15)}
        assert (moments[0].date(), moments[-1]) == (FIRST_DAY, NOW)


def test_outages_have_reasons_and_are_rare(polls: dict[str, list[dict[str, Any]]]) -> None:
    every = [poll for of_it in polls.values() for poll in of_it]
    shares = {state: sum(poll["state"] == state for poll in every) / len(every) for state in ("up", "down")}
    assert shares["up"] > 0.93
    assert shares["down"] > 0.01
    assert {poll["reason"] for poll in every if poll["state"] == "up"} == {None}
    assert len({poll["reason"] for poll in every if poll["state"] == "down"}) > 4
    assert any(poll["state"] == "unknown" for poll in polls["POLARIS"])


@pytest.mark.parametrize(
    "now", [NOW, datetime(2026, 3, 29, 0, 1), datetime(2026, 3, 29, 23, 59), datetime(2026, 1, 1)]
)
@pytest.mark.parametrize("days", [2, 30])
def test_one_is_down_and_one_came_back(now: datetime, days: int, tmp_path: Path) -> None:
    write_monitor_files(tmp_path, INSTRUMENTS, now.date() - timedelta(days=days - 1), now, 7)
    found = list(read_polls(tmp_path / "polls.csv"))
    last = {poll["instrument"]: poll for poll in found}
    assert {name for name, poll in last.items() if poll["state"] != "up"} == {"MUSR"}
    yesterday = datetime.combine(now.date() - timedelta(days=1), datetime.min.time())
    since = [p["state"] for p in found if p["instrument"] == "GEM" and p["polled_at"] >= yesterday]
    assert since.index("down") < len(since) - 1 - since[::-1].index("down") < len(since) - 1


def test_hours_of_every_kind(tmp_path: Path) -> None:
    files(tmp_path / "files")
    rows = list(csv.DictReader((tmp_path / "files" / "hours.csv").open()))
    spans = {name: [row for row in rows if row["instrument"] == name] for name in WATCHED}
    assert spans["GEM"] == []
    assert len([row for row in spans["WISH"] if row["day"] == "0"]) == 2
    assert all(row["start_time_local"] > row["end_time_local"] for row in spans["MARI"])
    assert (tmp_path / "files" / "time_zones.csv").read_text().splitlines()[1:] == ["OSIRIS,Europe/Paris"]


def test_few_instruments_and_few_days(tmp_path: Path) -> None:
    made = write_monitor_files(tmp_path, ["ENGINX"], NOW.date(), NOW, 1)
    assert made.polls == 0
    made = write_monitor_files(tmp_path, ["WISH"], NOW.date(), NOW, 1)
    assert made.polls == 59
