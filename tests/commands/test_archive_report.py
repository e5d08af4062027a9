"""`autostats archive report`: the counts of files, and what is expected."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.archive_marts import Archive, Look
from support.installed import Autostats
from support.marts import wish_jobs, write_marts

# Of each row, its location, instrument and cycle.
ALL = [
    ("raw", "GEM", "19_4"),
    ("raw", "WISH", "19_3"),
    ("raw", "WISH", "19_4"),
    ("raw-mari", "MARI", ""),
    ("replay", "", "2020-02-12T00:00"),
    ("replay", "", "2020-02-12T06:00"),
    ("replay", "", "2020-02-12T12:00"),
]
GEM, WISH_3, WISH_4, MARI, AT_0, AT_6, AT_12 = ALL


def counts(autostats: Autostats, home: Path, *arguments: str) -> list[dict[str, Any]]:
    ran = autostats("archive", "report", *arguments, "--home", home, "--format", "json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["counts"]
    return found


def rows(autostats: Autostats, home: Path, *arguments: str) -> list[tuple[str, ...]]:
    return [(row["location"], row["instrument"], row["cycle"]) for row in counts(autostats, home, *arguments)]


def test_the_counts(autostats: Autostats, archived_home: Path) -> None:
    assert rows(autostats, archived_home) == ALL
    found = counts(autostats, archived_home, "replay")[0]
    assert found == {
        "experiment": "forecast",
        "location": "replay",
        "file_type": "netcdf",
        "instrument": "",
        "cycle": "2020-02-12T00:00",
        "files": 28,
        "expected": 31,
        "shortfall": 3,
        "bytes": 28_000_000,
        "newest_modified_at": "2020-02-12T12:00:00Z",
        "state": "settled",
        "looks_unmounted": False,
        "ended_at": "2020-02-12T22:00:30Z",
    }
    [gem] = counts(autostats, archived_home, "--like", "gem")
    assert (gem["files"], gem["expected"], gem["shortfall"], gem["state"]) == (3, None, None, "settling")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("RAW",), [GEM, WISH_3, WISH_4]),
        (("replay", "raw-mari"), [MARI, AT_0, AT_6, AT_12]),
        (("--like", "FORE%"), [AT_0, AT_6, AT_12]),
        (("--like", "net%"), [AT_0, AT_6, AT_12]),
        (("--like", "wish"), [WISH_3, WISH_4]),
        (("--like", "19_4"), [GEM, WISH_4]),
        (("--like", "19__"), [GEM, WISH_3, WISH_4]),
        (("--like", "wis"), []),
        (("--like", "it's"), []),
        # A cycle by time counts, or else the day of the newest file; without one, neither does.
        (("--from", "2020-02-12"), [GEM, WISH_4, AT_0, AT_6, AT_12]),
        (("--to", "2020-02-11"), [WISH_3]),
        (("--to", "2019-12-01"), [WISH_3]),
        (("--to", "2019-11-30"), []),
        (("--from", "2020-02-12T06:00", "replay"), [AT_6, AT_12]),
        (("--from", "2020-02-12T06:01", "replay"), [AT_12]),
        (("--to", "2020-02-12T06:00", "replay"), [AT_0, AT_6]),
        (("--from", "2020-02-12T06:00", "--to", "2020-02-12T06:00"), [AT_6]),
        (("--from", "2020-02-12", "--to", "2020-02-12", "replay"), [AT_0, AT_6, AT_12]),
        (("--from", "2020-02-13"), []),
        (("--from", "0001-01-01", "--to", "9999-12-31"), [GEM, WISH_3, WISH_4, AT_0, AT_6, AT_12]),
        (("--order=-files", "--limit", "2"), [AT_6, AT_0]),
        (("--order", "shortfall,-cycle", "replay"), [AT_6, AT_0, AT_12]),
        (("--limit", "1"), [GEM]),
    ],
    ids=lambda value: " ".join(map(str, value)),
)
def test_what_is_chosen(
    autostats: Autostats, archived_home: Path, options: tuple[str, ...], expected: list[tuple[str, ...]]
) -> None:
    assert rows(autostats, archived_home, *options) == expected


def test_days_of_files_are_local_and_of_cycles_utc(autostats: Autostats, tmp_path: Path) -> None:
    """On 30 June, local midnight in London is 23:00 UTC."""
    late = datetime(2020, 6, 30, 23)
    looks = [
        Look("WISH", [(1, 1)], newest=late),
        Look(location="replay", cycle="2020-06-30T23:00", files=1, newest=late),
    ]
    as_of = datetime(2020, 7, 2)
    write_marts(tmp_path / "autostats.duckdb", wish_jobs(), as_of, archive=Archive(looks))
    on = ("--from", "2020-06-30", "--to", "2020-06-30")
    assert [row[0] for row in rows(autostats, tmp_path, *on)] == ["replay"]
    assert [row[0] for row in rows(autostats, tmp_path, "--from", "2020-07-01")] == ["raw"]


def test_what_lacks_files_in_a_line(autostats: Autostats, archived_home: Path) -> None:
    text = autostats("archive", "report", "--home", archived_home).out
    lines = text.splitlines()
    assert text.startswith("Files in the archive: 121 files\n")
    assert [line for line in lines if " count " in line] == [
        "forecast count 28/31 02-12-2020 00",
        "forecast count 0/31 02-12-2020 12",
    ]
    first = autostats("archive", "report", "--order=-shortfall", "--limit", "1", "--home", archived_home).out
    assert [line for line in first.splitlines() if " count " in line or "more rows" in line] == [
        "6 more rows.",
        "forecast count 0/31 02-12-2020 12",
    ]


def test_a_line_only_of_cycles_by_time(autostats: Autostats, tmp_path: Path) -> None:
    looks = [
        Look("WISH", [(1, 1)], cycle="19_4", expected=3),
        Look(location="a|b", cycle="2020-02-12T06:00", files=1, expected=2),
        Look(location="b", cycle="2020-02-32T06:00", files=1, expected=2),
    ]
    as_of = datetime(2020, 2, 12, 23, 30)
    write_marts(tmp_path / "autostats.duckdb", wish_jobs(), as_of, archive=Archive(looks))
    # Without an experiment, it names the location.
    for form, line in (("table", "a|b count 1/2 02-12-2020 06"), ("md", r"a\|b count 1/2 02-12-2020 06")):
        text = autostats("archive", "report", "--format", form, "--home", tmp_path).out
        assert line in text
        assert text.count(" count ") == 1


def test_tables_leave_out_what_nobody_has(autostats: Autostats, archived_home: Path) -> None:
    raw = autostats("archive", "report", "raw", "--home", archived_home).out
    assert "Experiment" not in raw
    assert "Shortfall" not in raw
    replay = autostats("archive", "report", "replay", "--home", archived_home).out
    assert "Instr" not in replay
    assert "Shortfall" in replay
    as_csv = autostats("archive", "report", "raw", "--format", "csv", "--home", archived_home).out
    first = next(csv.DictReader(io.StringIO(as_csv)))
    assert (first["experiment"], first["shortfall"], first["files"]) == ("", "", "3")


def test_nothing_there(autostats: Autostats, archived_home: Path, wish_home: Path) -> None:
    nothing = autostats("archive", "report", "--home", wish_home)
    assert nothing.code == 0
    assert "`autostats archive count` counts files" in nothing.out
    chosen = autostats("archive", "report", "--like", "x", "--home", archived_home)
    assert "None of the counts is one of these." in chosen.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rwa",), "Did you mean raw?"),
        (("--order", "fles"), "--order: there is no column 'fles' here. Did you mean files?"),
        (("--from", "never"), "--from 'never' is not a day."),
        (("--to", "2020-02-30"), "There is no such date."),
        (("--from", "2020-02-12", "--to", "2020-02-11"), "--from 2020-02-12 is after --to 2020-02-11."),
        (("--from", "2020-02-12T06:01", "--to", "2020-02-12T06:00"), "is after"),
        (("--limit", "0"), "--limit"),
    ],
)
def test_bad_input(autostats: Autostats, archived_home: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = autostats("archive", "report", *arguments, "--home", archived_home)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
