"""`autostats archive count` of folders: what it prints and keeps, and how it ends."""

import json
import os
import signal
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import validate
from support.archive import Archive, made_up_bucket
from support.dbt_project import ROOT
from support.installed import COMMAND, Autostats, Ran, bare_environment, hear_ctrl_c, run_command

NOW = timedelta()
RUNS = "select file_type, instrument, cycle, first_run_number, last_run_number, is_settled from obs_file_runs"
NEWEST = " where collection_id = (select max(collection_id) from obs_collections)"


@pytest.fixture
def raw(archive: Archive, autostats: Autostats) -> Archive:
    """A location of two instruments with cycles; all files are old."""
    for run in (1, 2, 4):
        archive.add(f"WISH/cycle_19_3/WISH0000000{run}.nxs")
        archive.add(f"WISH/cycle_19_3/wish0000000{run}.RAW")
    archive.add("WISH/cycle_19_4/sub/folder/WISH00000005.nxs", content=b"12345")
    archive.add("WISH/cycle_19_4/notes.txt")
    archive.add("GEM/cycle_19_3/GEM00100.nxs")
    archive.write(
        {
            "name": "raw",
            "url": f"{archive.root}/{{instrument}}/cycle_{{cycle}}",
            "instruments": ["WISH", "GEM"],
        }
    )
    return registered(archive, autostats)


def registered(archive: Archive, autostats: Autostats) -> Archive:
    ran = autostats("archive", "register", "--home", archive.home)
    assert ran.code == 0, ran.err
    return archive


def counted(ran: Ran) -> list[dict[str, Any]]:
    found = json.loads(ran.out)
    validate(found, json.loads((ROOT / "runner/autostats/schemas/archive-count-1.json").read_text()))
    return list(found["counts"])


def counts(ran: Ran) -> dict[tuple[str, str], Any]:
    return {(row["instrument"], row["cycle"]): row["count"] for row in counted(ran)}


def count(archive: Archive, autostats: Autostats, *more: str) -> Ran:
    return autostats("archive", "count", "--format", "json", "--home", archive.home, *more)


def test_what_is_found(raw: Archive, autostats: Autostats) -> None:
    began = datetime.now(UTC)
    ran = count(raw, autostats)
    assert ran.code == 0, ran.err
    assert counts(ran) == {("WISH", "19_3"): 6, ("WISH", "19_4"): 1, ("GEM", "19_3"): 1}
    row = next(row for row in counted(ran) if row["cycle"] == "19_4")
    assert (row["bytes"], row["state"], row["expected"], row["experiment"]) == (5, "settled", None, "")
    assert (
        timedelta(0)
        <= began - datetime.fromisoformat(row["newest_modified_at"]) - timedelta(hours=2)
        < (timedelta(minutes=1))
    )
    assert sorted(tuple(row.values()) for row in raw.observed(RUNS)) == [
        ("nexus", "GEM", "19_3", 100, 100, 1),
        ("nexus", "WISH", "19_3", 1, 2, 1),
        ("nexus", "WISH", "19_3", 4, 4, 1),
        ("nexus", "WISH", "19_4", 5, 5, 1),
    ]
    looks = raw.observed("select * from obs_collections where collector = 'archive'")
    assert [(look["state"], look["error"]) for look in looks] == [("complete", None)] * 2
    # At the first look, all that is not too old to matter; then, what is new.
    assert len(raw.observed("select * from obs_files")) == 8
    raw.add("WISH/cycle_19_4/WISH6.nxs")
    assert count(raw, autostats).code == 0
    newer = raw.observed("select * from obs_files order by collection_id, run_number")[8:]
    assert [(row["run_number"], row["path"], row["bytes"]) for row in newer] == [
        (6, f"{raw.root}/WISH/cycle_19_4/WISH6.nxs", 1)
    ]


def test_files_that_are_too_old_to_be_news(raw: Archive, autostats: Autostats) -> None:
    raw.add("GEM/cycle_19_3/GEM99.nxs", timedelta(days=91))
    assert count(raw, autostats).code == 0
    query = "select run_number from obs_files where instrument = 'GEM'"
    assert raw.observed(query) == [{"run_number": 100}]


def test_a_table_for_people(raw: Archive, tmp_path: Path) -> None:
    ran = run_command(("archive", "count", "raw", "--cycle", "19_3"), tmp_path / "nobody", raw.env)
    assert ran.code == 0, ran.err
    assert "Archive: 7 files" in ran.out
    assert [line.split()[:4] for line in ran.out.splitlines() if line.startswith("raw")] == [
        ["raw", "WISH", "19_3", "6"],
        ["raw", "GEM", "19_3", "1"],
    ]


def test_one_cycle_says_nothing_about_others(raw: Archive, autostats: Autostats) -> None:
    count(raw, autostats)
    ran = count(raw, autostats, "--cycle", "19_4")
    assert ran.code == 75
    assert counts(ran) == {("WISH", "19_4"): 1, ("GEM", "19_4"): 0}
    assert "raw, GEM, 19_4: there are no files" in ran.err


def test_a_cycle_that_is_gone_has_no_files(raw: Archive, autostats: Autostats) -> None:
    count(raw, autostats)
    (raw.root / "WISH/cycle_19_3").rename(raw.root / "moved away")
    ran = count(raw, autostats, "--accept-loss")
    assert ran.code == 0, ran.err
    assert counts(ran) == {("WISH", "19_3"): 0, ("WISH", "19_4"): 1, ("GEM", "19_3"): 1}
    query = "select count, newest_modified_at, accepts_loss from obs_file_counts where cycle = '19_3' and"
    assert raw.observed(f"{query} instrument = 'WISH' order by collection_id") == [
        {
            "count": 6,
            "newest_modified_at": raw.observed(query + " count = 6")[0]["newest_modified_at"],
            "accepts_loss": 0,
        },
        {"count": 0, "newest_modified_at": None, "accepts_loss": 1},
    ]


def test_young_files_are_not_settled(raw: Archive, autostats: Autostats) -> None:
    raw.add("GEM/cycle_19_3/GEM101.nxs", timedelta(minutes=29))
    raw.add("GEM/cycle_19_3/GEM102.raw", timedelta(minutes=31))
    raw.add("GEM/cycle_19_3/GEM102.nxs", timedelta(minutes=-5))
    ran = count(raw, autostats)
    assert ran.code == 75
    assert "raw, GEM: files are still being written" in ran.err
    assert "--retries" in ran.err
    assert [row["state"] for row in counted(ran)] == ["settled", "settled", "settling"]
    runs = raw.observed(RUNS + " where instrument = 'GEM' order by 4")
    assert [tuple(row.values())[3:] for row in runs] == [(100, 100, 1), (101, 102, 0)]
    # They are news as long as they are not settled.
    before = len(raw.observed("select * from obs_files"))
    count(raw, autostats)
    newer = raw.observed("select * from obs_files order by collection_id, run_number")[before:]
    assert [row["run_number"] for row in newer] == [101, 102, 102]


def test_a_time_that_is_nonsense(raw: Archive, autostats: Autostats) -> None:
    os.utime(raw.root / "GEM/cycle_19_3/GEM00100.nxs", (10**12, 10**12))
    os.utime(raw.root / "WISH/cycle_19_4/sub/folder/WISH00000005.nxs", (-(10**9), -(10**9)))
    ran = count(raw, autostats)
    assert ran.code == 75
    newest = {row["cycle"] + row["instrument"]: row["newest_modified_at"] for row in counted(ran)}
    assert newest["19_3GEM"] == "2100-01-01T00:00:00Z"
    assert newest["19_4WISH"] == "1970-01-01T00:00:00Z"


def test_a_folder_that_is_not_there(raw: Archive, autostats: Autostats) -> None:
    (raw.root / "GEM").rename(raw.root / "elsewhere")
    ran = count(raw, autostats)
    assert ran.code == 6
    assert f"raw, GEM: {raw.root}/GEM is not there (unmounted?)" in ran.err
    assert counts(ran) == {("WISH", "19_3"): 6, ("WISH", "19_4"): 1, ("GEM", ""): None}
    assert {row["state"] for row in counted(ran)} == {"settled", "incomplete"}
    looks = raw.observed(
        "select state, error from obs_collections where collector = 'archive' order by state"
    )
    assert looks == [
        {"state": "complete", "error": None},
        {"state": "incomplete", "error": f"{raw.root}/GEM is not there (unmounted?)"},
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_may_not_be_read(raw: Archive, autostats: Autostats) -> None:
    folder = raw.root / "WISH/cycle_19_4/sub"
    folder.chmod(0)
    try:
        ran = count(raw, autostats)
    finally:
        folder.chmod(0o755)
    assert ran.code == 6
    assert f"{folder} cannot be listed: Permission denied" in ran.err
    assert {row["instrument"] for row in raw.observed("select * from obs_file_counts")} == {"GEM"}


def test_instruments_in_one_folder(archive: Archive, autostats: Autostats) -> None:
    for name in ("WISH1.nxs", "wish2.nxs", "GEM0007.raw", "SANS2D00041234.nxs", "OTHER1.nxs", "7.nxs"):
        archive.add(name)
    archive.add("lastrun.txt", content=b"GEM 00000009 0\n")
    archive.write({"name": "flat", "url": str(archive.root), "instruments": ["Wish", "GEM", "SANS2D", "X"]})
    registered(archive, autostats)
    ran = count(archive, autostats)
    assert ran.code == 75
    assert counts(ran) == {("Wish", ""): 2, ("GEM", ""): 1, ("SANS2D", ""): 1, ("X", ""): 0}
    assert archive.observed("select instrument, last_run_number from obs_file_counts order by 1") == [
        {"instrument": "GEM", "last_run_number": 9},
        {"instrument": "SANS2D", "last_run_number": None},
        {"instrument": "Wish", "last_run_number": None},
        {"instrument": "X", "last_run_number": None},
    ]
    assert len(archive.observed("select * from obs_collections where collector = 'archive'")) == 4


def test_strange_names(archive: Archive, autostats: Autostats) -> None:
    names = ['o\'brien "x" 1.nxs', "über 🚀2.nxs", "back\\slash3.nxs"]
    for name in names:
        archive.add(f"It's/{name}")
    (archive.root / "It's" / os.fsdecode(b"\xff\xfe4.nxs")).write_bytes(b"")
    archive.write(
        {"name": "it's \"raw\"", "url": f"{archive.root}/{{instrument}}", "file_types": ["any"],
         "instruments": ["It's"]},
        file_types=[{"name": "any", "pattern": r"(?P<run>\d+)\.nxs$"}],
    )  # fmt: skip
    registered(archive, autostats)
    ran = count(archive, autostats)
    assert ran.code == 75  # the last one is new
    assert [row["count"] for row in counted(ran)] == [4]
    paths = archive.observed("select path from obs_files order by run_number")
    assert [row["path"].rpartition("/")[2] for row in paths] == [*names, "\ufffd\ufffd4.nxs"]


def test_links_are_followed_and_nothing_is_counted_twice(archive: Archive, autostats: Autostats) -> None:
    elsewhere = archive.root.parent / "elsewhere"
    archive.add("WISH/WISH1.nxs")
    archive.add("../elsewhere/deep/WISH2.nxs")
    (archive.root / "WISH/linked").symlink_to(elsewhere)
    (archive.root / "WISH/again").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(archive.root / "WISH")
    (archive.root / "WISH/WISH3.nxs").symlink_to(elsewhere / "deep/WISH2.nxs")
    (archive.root / "WISH/WISH4.nxs").symlink_to("nowhere")
    (archive.root / "WISH/WISH5.nxs").symlink_to("WISH5.nxs")
    (archive.root / "WISH/WISH6.nxs").mkdir()
    archive.write({"name": "raw", "url": f"{archive.root}/{{instrument}}", "instruments": ["WISH"]})
    registered(archive, autostats)
    ran = count(archive, autostats)
    assert ran.code == 0, ran.err
    assert counts(ran) == {("WISH", ""): 3}
    assert [tuple(row.values())[3:] for row in archive.observed(RUNS)] == [(1, 3, 1)]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("lastrun.txt", "WISH 00044733 0", 44733),
        ("lastrun.txt", "WISH 00044733 0\r\n", 44733),
        ("lastrun.txt", "WISH 0004473", None),
        ("lastrun.txt", "WISH 00044733 0 1", None),
        ("lastrun.txt", "WISH x 0", None),
        ("lastrun.txt", "", None),
        ("lastruns.csv", "GEM,9,a,b,c,.nxs\nWISH,44733,lastrun.txt,summary.txt,data_dir,.nxs\n", 44733),
        ("lastruns.csv", "GEM,9,a,b,c,.nxs\nWISH,447", None),
        ("lastruns.csv", "GEM,9,a,b,c,.nxs\n", None),
        ("other.txt", "WISH 3 0", None),
    ],
)
def test_the_last_run(
    archive: Archive, autostats: Autostats, name: str, content: str, expected: int | None
) -> None:
    archive.add("WISH/data/cycle_1/WISH1.nxs")
    archive.add(f"logs/{name}", content=content.encode())
    archive.write(
        {
            "name": "raw",
            "url": f"{archive.root}/{{instrument}}/data/cycle_{{cycle}}",
            "instruments": ["WISH"],
            "last_run": f"{archive.root}/logs/{'lastrun.txt' if name == 'other.txt' else name}",
        }
    )
    registered(archive, autostats)
    assert count(archive, autostats).code == 0
    assert archive.observed("select last_run_number as run from obs_file_counts") == [{"run": expected}]


@pytest.mark.parametrize("folder", ["WISH", "WISH/cycle_1", "WISH/cycle_1/sub"])
def test_a_last_run_in_the_archive(archive: Archive, autostats: Autostats, folder: str) -> None:
    archive.add("WISH/cycle_1/WISH1.nxs")
    archive.add(f"{folder}/lastrun.txt", content=b"NDXWISH 12 0")
    archive.write(
        {"name": "raw", "url": f"{archive.root}/{{instrument}}/cycle_{{cycle}}", "instruments": ["WISH"]}
    )
    registered(archive, autostats)
    assert count(archive, autostats).code == 0
    assert archive.observed("select last_run_number as run from obs_file_counts") == [{"run": 12}]


def test_files_without_run_numbers(archive: Archive, autostats: Autostats) -> None:
    archive.add("WISH/summary.log")
    archive.add("WISH/WISH1.nxs")
    archive.write(
        {"name": "raw", "url": f"{archive.root}/{{instrument}}", "instruments": ["WISH"],
         "file_types": ["nexus", "log"]},
        file_types=[{"name": "log", "pattern": r"\.log(?P<run>)$"}],
    )  # fmt: skip
    registered(archive, autostats)
    ran = count(archive, autostats)
    assert [(row["file_type"], row["count"]) for row in counted(ran)] == [("log", 1), ("nexus", 1)]
    assert [row["file_type"] for row in archive.observed(RUNS)] == ["nexus"]
    assert [row["file_type"] for row in archive.observed("select * from obs_files")] == ["nexus"]


def test_cycles_by_time(archive: Archive, autostats: Autostats) -> None:
    for number in range(30):
        archive.add(f"20260101/00/obs.{number}.nc")
    archive.write(
        {
            "name": "obs",
            "url": f"{archive.root}/%Y%m%d/{{hour}}",
            "experiment": "replay",
            "every": "6h",
            "file_types": ["nc"],
            "expected": {"00": 31, "06": 74},
        },
        file_types=[{"name": "nc", "pattern": r"\.nc(?P<run>)$"}],
        experiments=[{"name": "replay", "cycle_start": "2026-01-01T00:00"}],
    )
    registered(archive, autostats)
    for cycle in ("2026-01-01T00", "2026-01-01T00:00", "20260101T0000Z"):
        (row,) = counted(count(archive, autostats, "--cycle", cycle))
        assert (row["cycle"], row["experiment"], row["instrument"]) == ("2026-01-01T00:00", "replay", "")
        assert (row["count"], row["expected"], row["shortfall"]) == (30, 31, 1)
    ran = count(archive, autostats, "--cycle", "2026-01-01T06")
    assert ran.code == 75
    assert [(row["count"], row["shortfall"], row["state"]) for row in counted(ran)] == [(0, 74, "empty")]
    ran = count(archive, autostats, "obs", "--cycle", "19_3")
    assert ran.code == 2
    assert "has cycles such as 2026-01-01T06:00, and not '19_3'" in ran.err
    assert archive.observed(RUNS) == archive.observed("select * from obs_files") == []


def test_names_that_are_not_registered(raw: Archive, autostats: Autostats) -> None:
    ran = count(raw, autostats, "row")
    assert ran.code == 2
    assert "There is no location 'row'. Did you mean raw?" in ran.err
    assert "Known locations: raw." in ran.err
    assert "autostats archive register" in ran.err
    assert raw.observed("select * from obs_file_counts") == []


def test_nothing_is_registered(archive: Archive, autostats: Autostats) -> None:
    ran = count(archive, autostats)
    assert ran.code == 2
    assert "No location is registered." in ran.err
    assert "autostats archive register" in ran.err
    assert not archive.home.exists()


def test_a_file_that_differs_from_what_is_registered(raw: Archive, autostats: Autostats) -> None:
    assert "differs" not in count(raw, autostats).err
    file = raw.home / "archive.yml"
    file.write_text(file.read_text() + "  settle_minutes: 5\n")
    assert (
        f"{file} differs from what is registered: `autostats archive register`" in count(raw, autostats).err
    )
    file.write_text("locations: [")
    ran = count(raw, autostats)
    assert ran.code == 0
    assert "is no YAML. What is registered counts." in ran.err


@pytest.mark.slow
def test_retries(raw: Archive, autostats: Autostats) -> None:
    file = raw.add("GEM/cycle_19_3/GEM101.nxs", NOW)

    def settle() -> None:
        time.sleep(1.5)
        os.utime(file, (0, 0))

    threading.Thread(target=settle).start()
    ran = count(raw, autostats, "--retries", "30", "--wait", "1s")
    assert ran.code == 0, ran.err
    assert "raw, GEM: files are still being written: retry 1 of 30 in 1s." in ran.err
    assert counts(ran) == {("WISH", "19_3"): 6, ("WISH", "19_4"): 1, ("GEM", "19_3"): 2}
    # What was settled was looked at once.
    looks = raw.observed(
        "select instrument, count(distinct collection_id) as n from obs_file_counts group by 1"
    )
    assert next(row["n"] for row in looks if row["instrument"] == "WISH") == 1
    assert next(row["n"] for row in looks if row["instrument"] == "GEM") > 1


def test_retries_come_to_an_end(raw: Archive, autostats: Autostats) -> None:
    raw.add("GEM/cycle_19_3/GEM101.nxs", NOW)
    ran = count(raw, autostats, "--retries", "1", "--wait", "1s")
    assert ran.code == 75
    assert ran.err.count("retry") == 1
    ran = count(raw, autostats, "--wait", "soon")
    assert ran.code == 2
    assert "--wait 'soon' is no duration" in ran.err


def test_ctrl_c_ends_a_wait_at_once(raw: Archive, tmp_path: Path) -> None:
    raw.add("GEM/cycle_19_3/GEM101.nxs", NOW)
    running = subprocess.Popen(
        [str(COMMAND), "archive", "count", "--retries", "5"],
        env=bare_environment(tmp_path / "nobody", raw.env),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    assert running.stderr is not None
    assert "retry 1 of 5 in 1h" in running.stderr.readline()
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = running.communicate(timeout=30)
    assert time.monotonic() - began < 2
    assert running.returncode == 130
    assert err == "error: interrupted.\n"
    assert {row["state"] for row in raw.observed("select state from obs_collections")} == {"complete"}


def test_locations_are_completed(raw: Archive, tmp_path: Path) -> None:
    complete = {"_AUTOSTATS_COMPLETE": "complete_bash", "COMP_CWORD": "3"}
    asked = raw.env | complete | {"COMP_WORDS": "autostats archive count r"}
    ran = run_command((), tmp_path / "nobody", asked)
    assert ran.out.split() == ["raw"]


@pytest.mark.slow
def test_ctrl_c_ends_a_listing(archive: Archive, autostats: Autostats, tmp_path: Path) -> None:
    asked = threading.Event()

    def slowly(number: int) -> None:
        if number > 3:
            asked.set()
            time.sleep(0.3)

    with made_up_bucket(1_000_000, slowly) as url:
        options = {"anon": True, "endpoint_url": url}
        archive.write({"name": "raw", "url": "s3://made", "instruments": ["WISH"], "options": options})
        registered(archive, autostats)
        running = subprocess.Popen(
            [str(COMMAND), "archive", "count"],
            env=bare_environment(tmp_path / "nobody", archive.env),
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        assert asked.wait(60)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, "error: interrupted.\n")
    looks = archive.observed("select state, error from obs_collections where collector = 'archive'")
    assert looks == [{"state": "incomplete", "error": "interrupted"}]
    assert archive.observed("select * from obs_file_counts") == []


def test_a_location_that_is_not_active_any_more(raw: Archive, autostats: Autostats) -> None:
    definition = {"name": "raw", "url": f"{raw.root}/{{instrument}}/cycle_{{cycle}}", "instruments": ["GEM"]}
    raw.write(definition | {"active": False}, definition | {"name": "other"})
    registered(raw, autostats)
    assert {row["location"] for row in counted(count(raw, autostats))} == {"other"}
    assert {row["location"] for row in counted(count(raw, autostats, "raw"))} == {"raw"}
    raw.write(definition | {"active": "no"})
    ran = autostats("archive", "register", "--home", raw.home)
    assert "location 'raw': active is neither true nor false" in ran.err
