"""Sentences for a screen reader: everything that a wide table shows, in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from autostats.render.durations import in_words
from support.homes import STRANGE_NAMES
from support.installed import Autostats

COMMANDS = [
    ("report", "--all"),
    ("report", "--by", "week", "--from", "2020-01-24"),
    ("missing", "--jumps", "--state", "all"),
    ("explain", "WISH", "2020-02-10", "p95_exe_time"),
    ("explain", "WISH", "2020-02-10", "runs_failed"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_drawing_and_no_columns(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    out = autostats(*command, "--plain", "--home", busy_home).out
    assert out.isascii()
    assert not re.search(r"  |--|==|\||\x1b|<-|\+/-", out), "blanks, rules and arrows"
    monkeypatch.setenv("COLUMNS", "40")
    assert autostats(*command, "--plain", "--home", busy_home).out == out
    assert autostats(*command, "--format", "plain", "--home", busy_home).out == out


def test_one_line_says_all_of_an_instrument(autostats: Autostats, wish_home: Path) -> None:
    out = autostats(
        "report", "WISH", "--from", "2020-02-11", "--to", "2020-02-11", "--plain", "--home", wish_home
    ).out
    assert out.splitlines()[2:4] == [
        "Summary: 1",
        "WISH: 5 jobs, 2 passed, 2 failed, 1 skipped, 0 pending, 0 of another status, pass rate 50.0 %, "
        "mean execution time 4 minutes 2 seconds, median 3 minutes 47 seconds, "
        "95th percentile 4 minutes 18 seconds, 4 runs, 1 run failed, 1 run resolved, 1 run missing",
    ]


def test_nothing_is_left_out_for_want_of_width(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each row of the json is a line, with each number of the widest table in it."""
    options = ("--from", "2020-01-24", "--to", "2020-02-11", "--all", "--home", str(busy_home))
    lines = autostats("report", *options, "--plain").out.splitlines()
    found = json.loads(autostats("report", *options, "--format", "json").out)
    for row in found["summary"]:
        (line, *_) = (line for line in lines if line.startswith(f"{row['instrument']}: "))
        for column in ("jobs_total", "jobs_failed", "jobs_pending", "runs_total", "missing_runs"):
            assert re.search(rf"\b{row[column]}\b", line)
    for row in found["days"]:
        assert sum(line.startswith(f"{row['day']}, {row['instrument']}: ") for line in lines) == 1
    for section in ("resolved", "unresolved"):
        assert found[section]
        for row in found[section]:
            assert any(f"{row['instrument']}: run {row['run_number']}, " in line for line in lines)
    assert f"Days: {len(found['days'])}" in lines


def test_one_and_many(autostats: Autostats, busy_home: Path) -> None:
    out = autostats("missing", "--plain", "--home", busy_home).out
    assert ", 1 run," in out
    assert not re.search(r"\b1 runs\b|\b[02-9] run\b", out)


def test_the_marked_row(autostats: Autostats, busy_home: Path) -> None:
    out = autostats("explain", "WISH", "2020-02-10", "p95_exe_time", "--plain", "--home", busy_home).out
    assert sum(line.endswith(", this is the one") for line in out.splitlines()) == 1


def test_an_empty_section_says_so(autostats: Autostats, wish_home: Path) -> None:
    out = autostats("missing", "LOQ", "--plain", "--home", wish_home).out
    assert "Missing runs: No runs are missing." in out


def test_names_are_data(autostats: Autostats, strange_home: Path) -> None:
    day = ("--from", "2020-02-11", "--to", "2020-02-11")
    out = autostats("report", *day, "--plain", "--home", strange_home).out
    assert "\x1b" not in out
    for name in STRANGE_NAMES:
        if name.isprintable():
            assert f"\n{name}: 2 jobs, " in out


def test_plain_by_a_variable_leaves_other_formats(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_csv = autostats("report", "--format", "csv", "--home", wish_home).out
    monkeypatch.setenv("AUTOSTATS_PLAIN", "1")
    assert "Summary: " in autostats("report", "--home", wish_home).out
    assert autostats("report", "--format", "csv", "--home", wish_home).out == as_csv


def test_chosen_columns_alone(autostats: Autostats, busy_home: Path) -> None:
    out = autostats("report", "--plain", "--columns", "instrument,runs_other", "--home", busy_home).out
    assert re.search(r"^GEM: \d+ runs? of another outcome$", out, re.MULTILINE)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.42, "0.4 seconds"),
        (1.0, "1.0 seconds"),
        (42, "42 seconds"),
        (61, "1 minute 1 second"),
        (258, "4 minutes 18 seconds"),
        (3600, "1 hour 0 minutes"),
        (187_200, "2 days 4 hours"),
        (-90, "minus 1 minute 30 seconds"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
