"""What a report and its metrics say of the files in the archive."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.archive_marts import Archive, Look
from support.homes import STRANGE_NAMES
from support.installed import Autostats
from support.marts import job, write_marts

LEAD = "1 run has a file and no job: WISH 1. Behind the archive: GEM."
UNMOUNTED = "Looks unmounted, so that the newest look proves nothing: MARI."


def report(autostats: Autostats, home: Path, *arguments: str) -> Any:
    ran = autostats("report", *arguments, "--format", "json", "--home", home)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_what_needs_attention_comes_first(autostats: Autostats, archived_home: Path) -> None:
    looked = "2020-02-12T22:00:30Z"
    names = ("instrument", "last_run_number", "archive_last_run_number", "is_behind", "archive_only_runs")
    names += ("tail_runs", "looks_unmounted", "looked_at")
    expected = [
        ("WISH", 105, 106, False, 1, 1, False, looked),
        ("GEM", 5, 8, True, 0, 3, False, looked),
        ("MARI", 7, 7, False, 0, 0, True, looked),
    ]
    found = report(autostats, archived_home)["archive"]
    assert found == [dict(zip(names, row, strict=True)) for row in expected]


@pytest.mark.parametrize("options", [(), ("--all",), ("--columns", "instrument,jobs_total")], ids=" ".join)
def test_people_read_it_before_all_else(
    autostats: Autostats, archived_home: Path, options: tuple[str, ...]
) -> None:
    for form in ("table", "plain", "md"):
        text = autostats("report", *options, "--format", form, "--home", archived_home).out
        lines = text.replace("**", "").splitlines()
        assert LEAD in [line.strip("# ") for line in lines[1:3]], text
        assert text.count("Files in the archive") == 1
        assert text.count(UNMOUNTED) == 1
        if "--all" in options:
            assert text.index("Files in the archive") < text.index("Missing runs")


def test_of_chosen_instruments(autostats: Autostats, archived_home: Path) -> None:
    assert [row["instrument"] for row in report(autostats, archived_home, "gem")["archive"]] == ["GEM"]
    quiet = autostats("report", "MARI", "--home", archived_home).out
    assert "a file and no job" not in quiet
    assert "Behind" in quiet
    assert "archive" not in report(autostats, archived_home, "LET")


def test_one_table_in_csv_is_what_it_was(autostats: Autostats, archived_home: Path) -> None:
    for options in ((), ("--missing",), ("--by", "day")):
        text = autostats("report", *options, "--format", "csv", "--home", archived_home).out
        assert "archive_last_run_number" not in text


def test_where_nobody_looks_nothing_is_said(autostats: Autostats, wish_home: Path) -> None:
    assert "archive" not in report(autostats, wish_home, "--all")
    assert "archive" not in autostats("report", "--home", wish_home).out
    assert "autostats_archive" not in autostats("report", "--format", "prometheus", "--home", wish_home).out


def test_metrics(autostats: Autostats, archived_home: Path) -> None:
    text = autostats("report", "--format", "prometheus", "--home", archived_home).out
    expected = {
        "archive_only_runs": {"WISH": 1, "GEM": 0, "MARI": 0},
        "instrument_is_behind": {"WISH": 0, "GEM": 1, "MARI": 0},
        "archive_looks_unmounted": {"WISH": 0, "GEM": 0, "MARI": 1},
    }
    for name, samples in expected.items():
        for instrument, value in samples.items():
            assert f'\nautostats_{name}{{instrument="{instrument}"}} {value}\n' in text
        assert text.count(f"\nautostats_{name}{{") == len(samples)
        assert f"# HELP autostats_{name} " in text
    of_let = autostats("report", "LET", "--format", "prometheus", "--home", archived_home).out
    assert "autostats_archive" not in of_let


def test_many_names_and_strange_ones(autostats: Autostats, tmp_path: Path) -> None:
    noon = datetime(2020, 2, 12, 12)
    jobs = [
        job(place, number, "c", noon, noon, noon, instrument=name)
        for place, (name, number) in enumerate(
            ((name, number) for name in STRANGE_NAMES for number in (1, 3)), start=1
        )
    ]
    looks = [Look(name, [(1, 9)], looks_unmounted=True) for name in STRANGE_NAMES]
    archive = Archive(looks, {(name, 2): "archive_only" for name in STRANGE_NAMES})
    write_marts(tmp_path / "autostats.duckdb", jobs, datetime(2020, 2, 12, 23, 30), archive=archive)
    ran = autostats("report", "--home", tmp_path)
    assert "8 runs have a file and no job: " in " ".join(ran.out.split())
    assert ran.out.count(" and 3 more instruments.") == 3
    assert "\x1b" not in ran.out
    assert len(report(autostats, tmp_path)["archive"]) == len(STRANGE_NAMES)
