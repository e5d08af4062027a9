from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from autostats.verification.settings import IgnoredRuns
from support.installed import Autostats
from support.marts import job, write_marts

NOON = datetime(2020, 2, 11, 12)
LATER = datetime(2020, 2, 12, 12)


@pytest.fixture(scope="module")
def gaps_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """WISH misses 3-5 and 9, 7 came late, 11-12 are ignored, then it jumps to 5000; GEM is whole."""
    home = tmp_path_factory.mktemp("gaps")
    numbers = [(2, NOON), (6, NOON), (8, NOON), (7, LATER), (10, LATER), (13, LATER), (5000, LATER)]
    jobs = [job(place, number, "c", at, at, at) for place, (number, at) in enumerate(numbers, start=1)]
    jobs.append(job(90, 1, "c", NOON, NOON, NOON, instrument="GEM"))
    write_marts(
        home / "autostats.duckdb",
        jobs,
        datetime(2020, 2, 14, 3),
        ignored=[IgnoredRuns("WISH", 11, 12, "no beam, |really|")],
    )
    return home


def ranges(autostats: Autostats, home: Path, *arguments: str) -> list[tuple[Any, ...]]:
    result = autostats("missing", "--home", home, "--format", "json", *arguments)
    assert result.code == 0, result.err
    names = ("instrument", "first_run_number", "last_run_number", "runs", "state")
    return [tuple(row[name] for name in names) for row in json.loads(result.out)["missing"]]


def test_open_ones_with_their_age(autostats: Autostats, gaps_home: Path) -> None:
    found = json.loads(autostats("missing", "--home", gaps_home, "--format", "json").out)
    assert found["missing"] == [
        {
            "instrument": "WISH",
            "first_run_number": 3,
            "last_run_number": 5,
            "runs": 3,
            "kind": "gap",
            "state": "open",
            "noticed_day": "2020-02-11",
            "noticed_at": "2020-02-11T12:00:00Z",
            "age_days": 3,
            "cycle": "2019/04",
        },
        {
            "instrument": "WISH",
            "first_run_number": 9,
            "last_run_number": 9,
            "runs": 1,
            "kind": "gap",
            "state": "open",
            "noticed_day": "2020-02-12",
            "noticed_at": "2020-02-12T12:00:00Z",
            "age_days": 2,
            "cycle": "2019/04",
        },
    ]


def test_the_other_states(autostats: Autostats, gaps_home: Path) -> None:
    assert ranges(autostats, gaps_home, "--state", "ignored") == [("WISH", 11, 12, 2, "ignored")]
    assert ranges(autostats, gaps_home, "--state", "arrived") == [("WISH", 7, 7, 1, "arrived")]
    assert ranges(autostats, gaps_home, "--state", "all") == [
        ("WISH", 3, 5, 3, "open"),
        ("WISH", 7, 7, 1, "arrived"),
        ("WISH", 9, 9, 1, "open"),
        ("WISH", 11, 12, 2, "ignored"),
    ]


def test_ranges_are_of_one_instrument_and_one_story(autostats: Autostats, tmp_path: Path) -> None:
    """Both miss 2 to 6, ignored for two reasons; both got 8 to 10 late, the last one first."""
    late = ((8, 3), (9, 2), (10, 1))
    seen = [
        (1, NOON),
        (7, NOON),
        (11, NOON),
        *((number, NOON + timedelta(days=days)) for number, days in late),
    ]
    jobs = [
        job(place, number, "c", at, at, at, instrument=instrument)
        for place, (instrument, (number, at)) in enumerate(product(("WISH", "GEM"), seen), start=1)
    ]
    ignored = [
        IgnoredRuns(instrument, first, last, reason)
        for instrument in ("WISH", "GEM")
        for first, last, reason in ((2, 3, "no beam"), (4, 4, "test"), (5, 6, "no beam"))
    ]
    write_marts(tmp_path / "autostats.duckdb", jobs, datetime(2020, 2, 15, 3), ignored=ignored)
    for instrument in ("GEM", "WISH"):
        assert ranges(autostats, tmp_path, instrument, "--state", "all") == [
            (instrument, 2, 3, 2, "ignored"),
            (instrument, 4, 4, 1, "ignored"),
            (instrument, 5, 6, 2, "ignored"),
            *((instrument, number, number, 1, "arrived") for number in (8, 9, 10)),
        ]
    assert len(ranges(autostats, tmp_path, "--state", "all")) == 2 * 6


def test_by_the_day_they_were_noticed(autostats: Autostats, gaps_home: Path) -> None:
    day = ("--from", "2020-02-12", "--to", "2020-02-12")
    assert ranges(autostats, gaps_home, *day) == [("WISH", 9, 9, 1, "open")]
    assert ranges(autostats, gaps_home, "GEM") == []
    assert ranges(autostats, gaps_home, "--last", "1d") == []


def test_jumps(autostats: Autostats, gaps_home: Path) -> None:
    found = json.loads(autostats("missing", "--home", gaps_home, "--jumps", "--format", "json").out)
    assert found["jumps"] == [
        {
            "instrument": "WISH",
            "run_number_before": 13,
            "run_number_after": 5000,
            "numbers_between": 4986,
            "noticed_day": "2020-02-12",
            "noticed_at": "2020-02-12T12:00:00Z",
        }
    ]
    as_csv = autostats("missing", "--home", gaps_home, "--jumps", "--format", "csv").out
    assert as_csv.splitlines()[1].startswith("WISH,13,5000,4986,2020-02-12,")
    assert "Jumps in the numbering" in autostats("missing", "--home", gaps_home, "--jumps").out


def test_the_check(autostats: Autostats, gaps_home: Path) -> None:
    found = autostats("missing", "--check", "--home", gaps_home)
    assert found.code == 1
    assert "4 runs are missing: WISH 4." in found.err
    assert "WISH" in found.out, "the table is printed all the same"
    assert autostats("missing", "gem", "--check", "--home", gaps_home).code == 0
    assert autostats("missing", "--check", "--last", "1d", "--home", gaps_home).code == 0
    one = autostats("missing", "--check", "--from", "2020-02-12", "--home", gaps_home, "--state", "arrived")
    assert one.code == 1
    assert "1 run is missing" in one.err


def test_tables(autostats: Autostats, gaps_home: Path) -> None:
    table = autostats("missing", "--home", gaps_home, "--state", "all").out
    assert table.startswith("Missing runs: 7\n")
    assert "no beam, |really|" in table
    assert "arrived 2020-02-12 12:00" in table
    nothing = autostats("missing", "gem", "--home", gaps_home)
    assert "No runs are missing." in nothing.out
    markdown = autostats("missing", "--home", gaps_home, "--state", "ignored", "--format", "md").out
    assert "no beam, \\|really\\|" in markdown


@pytest.mark.parametrize("arguments", [("nowhere",), ("--state", "lost"), ("--from", "never")], ids=" ".join)
def test_bad_input(autostats: Autostats, gaps_home: Path, arguments: tuple[str, ...]) -> None:
    result = autostats("missing", "--home", gaps_home, *arguments)
    assert (result.code, result.out) == (2, "")


def test_missing_runs_of_a_cycle(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("missing", "--home", wish_home, "--cycle", "2019/04", "--format", "json")
    found = json.loads(result.out)
    assert found["period"]["first_day"] == "2020-02-11"
    assert [row["first_run_number"] for row in found["missing"]] == [102]
    before = autostats("missing", "--home", wish_home, "--cycle", "2019/03", "--format", "json")
    assert json.loads(before.out)["missing"] == []
    assert autostats("missing", "--home", wish_home, "--cycle", "2019/04", "--last", "7d").code == 2
