"""`autostats explain INSTRUMENT RUN`: all that is known of one run."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from autostats.sql_text import literal
from autostats.verification.settings import IgnoredRuns
from support.installed import Autostats
from support.marts import job, write_marts
from support.observations import SPOILT, sqlite

FILES = (
    "create table obs_collections (collection_id integer primary key, collector text, started_at datetime,"
    " ended_at datetime, state text, error text, rows bigint)",
    "create table obs_files (location text, file_type text, instrument text, cycle text, run_number bigint,"
    " path text, bytes bigint, modified_at datetime, collection_id bigint)",
    "insert into obs_collections values"
    " (1, 'archive', '2020-02-12 20:00:00', '2020-02-12 20:00:30', 'complete', null, 3),"
    " (2, 'archive', '2020-02-12 22:00:00', '2020-02-12 22:00:30', 'complete', null, 2),"
    " (3, 'archive', '2020-02-12 23:00:00', null, 'incomplete', null, 0)",
    "insert into obs_files values"
    " ('raw', 'nexus', 'WISH', '19_4', 102, '/archive/it''s/102.nxs', 5, '2020-02-12 19:59:00.5', 1),"
    " ('raw', 'nexus', 'WISH', '19_4', 102, '/archive/it''s/102.nxs', 7, '2020-02-12 20:01:00', 2),"
    " ('raw', 'nexus', 'WISH', '19_4', 102, '/archive/it''s/102.nxs', 9, '2020-02-12 22:58:00', 3),"
    " ('raw', 'log', 'WISH', '19_4', 102, '/archive/102.log', 1, '2020-02-12 20:01:00', 1),"
    " ('raw', 'nexus', 'WISH', '19_4', 103, '/archive/103.nxs', 1, '2020-02-12 20:01:00', 1),"
    " ('raw', 'nexus', 'GEM', '19_4', 102, '/archive/gem.nxs', 1, '2020-02-12 20:01:00', 1)",
)


def explained(autostats: Autostats, home: Path, instrument: str, run: int) -> Any:
    ran = autostats("explain", instrument, str(run), "--home", home, "--format", "json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_a_run_with_jobs(autostats: Autostats, archived_home: Path) -> None:
    found = explained(autostats, archived_home, "wish", 100)
    assert (found["instrument"], found["run_number"]) == ("WISH", 100)
    # A batch of several runs among them.
    assert [(row["job_id"], row["is_batch"]) for row in found["jobs"]] == [(1, False), (2, False), (8, True)]
    assert found["missing"] == []
    assert found["load"] == {"load_number": 1, "loaded_at": "2020-02-12T23:30:00Z"}
    assert "files" not in found
    assert [(row["cycle"], row["has_run"], row["is_settled"]) for row in found["looks"]] == [
        ("19_4", True, True),
        ("19_3", False, None),
    ]
    assert explained(autostats, archived_home, "WISH", 10)["jobs"] == []


@pytest.mark.parametrize(
    ("instrument", "run", "kind", "state", "has_run", "words"),
    [
        ("WISH", 102, "archive_only", "open", True, "there is a file, and no job"),
        ("WISH", 101, "db_only", "open", False, "there is a job, and its file is gone"),
        ("WISH", 106, "tail", "open", True, "above the last run in the database"),
        ("GEM", 2, "never_written", "open", False, "there is no file either"),
        ("GEM", 3, "gap", "settling", True, "its file may still be written"),
        ("GEM", 4, "gap", "open", False, "no file is known"),
    ],
)
def test_a_missing_run(
    autostats: Autostats,
    archived_home: Path,
    instrument: str,
    run: int,
    kind: str,
    state: str,
    has_run: bool,
    words: str,
) -> None:
    found = explained(autostats, archived_home, instrument, run)
    assert [(row["kind"], row["state"]) for row in found["missing"]] == [(kind, state)]
    assert any(row["has_run"] for row in found["looks"]) == has_run
    for form in ("table", "plain", "md"):
        text = autostats("explain", instrument, str(run), "--home", archived_home, "--format", form).out
        said = " ".join(text.replace("\\", "").split())
        assert f"{kind}, {state}: " in said
        assert words in said
        assert "So says the run of 2020-02-12 23:30, with load 1 of 2020-02-12 23:30." in said


def test_a_look_that_proves_nothing(autostats: Autostats, archived_home: Path) -> None:
    [look] = explained(autostats, archived_home, "MARI", 7)["looks"]
    assert look["looks_unmounted"] is True
    assert look["has_run"] is True
    # The one before it counts.
    assert look["started_at"] == "2020-02-12T21:00:00Z"


def test_ignored_and_late_ones(autostats: Autostats, tmp_path: Path) -> None:
    noon, later = datetime(2020, 2, 11, 12), datetime(2020, 2, 12, 12)
    seen = [(1, noon), (4, noon), (3, later)]
    jobs = [job(place, number, "c", at, at, at) for place, (number, at) in enumerate(seen, start=1)]
    write_marts(
        tmp_path / "autostats.duckdb",
        jobs,
        datetime(2020, 2, 12, 23, 30),
        ignored=[IgnoredRuns("WISH", 2, 2, "no beam")],
    )
    ignored = autostats("explain", "WISH", "2", "--home", tmp_path).out
    assert "gap, ignored: it is listed as one that will never arrive." in ignored
    assert "no beam" in ignored
    assert "gap, arrived: it arrived, late." in autostats("explain", "WISH", "3", "--home", tmp_path).out
    assert "looks" not in explained(autostats, tmp_path, "WISH", 2)


def test_its_files(autostats: Autostats, archived_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(archived_home, tmp_path / "home")
    sqlite(home / "observations.sqlite", *FILES)
    found = explained(autostats, home, "WISH", 102)
    assert found["files"] == [
        {
            "location": "raw",
            "file_type": "log",
            "path": "/archive/102.log",
            "bytes": 1,
            "modified_at": "2020-02-12T20:01:00Z",
        },
        {
            "location": "raw",
            "file_type": "nexus",
            "path": "/archive/it's/102.nxs",
            "bytes": 7,
            "modified_at": "2020-02-12T20:01:00Z",
        },
    ]
    assert explained(autostats, home, "WISH", 105)["files"] == []
    assert "/archive/102.log" in autostats("explain", "WISH", "102", "--home", home).out


def test_files_of_strange_names(autostats: Autostats, strange_home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(strange_home, tmp_path / "home")
    name = 'O\'Neil "q" %s'
    path = "/x/<b>\x1b[31m'.nxs"
    row = f"('raw', 'nexus', {literal(name)}, '', 2, {literal(path)}"
    sqlite(
        home / "observations.sqlite",
        *FILES[:3],
        f"insert into obs_files values {row}, 5, '2020-02-12 19:59:00', 1)",
    )
    [file] = explained(autostats, home, name, 2)["files"]
    assert file["path"] == path
    assert "\x1b" not in autostats("explain", name, "2", "--home", home).out


@pytest.mark.parametrize("kind", SPOILT)
def test_without_its_files_the_rest(
    autostats: Autostats, archived_home: Path, tmp_path: Path, kind: str
) -> None:
    home = shutil.copytree(archived_home, tmp_path / "home")
    sqlite(home / "observations.sqlite", *FILES)
    spoil, says = SPOILT[kind]
    spoil(home / "observations.sqlite")
    ran = autostats("explain", "WISH", "102", "--home", home, "--format", "json")
    assert ran.code == 0
    assert says in ran.err
    assert "files" not in json.loads(ran.out)


def test_csv_has_its_jobs(autostats: Autostats, archived_home: Path) -> None:
    lines = autostats("explain", "WISH", "103", "--home", archived_home, "--format", "csv").out.splitlines()
    assert lines[0].startswith("job_id,rb_number,")
    assert [line.split(",")[0] for line in lines[1:]] == ["4", "7", "8"]


def test_a_run_that_nobody_knows(autostats: Autostats, archived_home: Path) -> None:
    ran = autostats("explain", "LET", "999", "--home", archived_home)
    assert ran.code == 0
    assert "Nothing is known of it." in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("WIHS", "100"), "Did you mean WISH?"),
        (("WISH", "1" + "0" * 18), "is no run number"),
        (("WISH", "\u0661"), "is no run number"),
        (("WISH", "-5"), "No such option"),
        (("WISH", "ten"), "There is no COLUMN, and 'ten' is no run number."),
        (("WISH",), "DAY|RUN"),
    ],
)
def test_bad_input(autostats: Autostats, archived_home: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = autostats("explain", *arguments, "--home", archived_home)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
