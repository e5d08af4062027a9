"""`autostats archive register`: what is new, changed and unchanged."""

import json
from typing import Any

import pytest
from jsonschema import validate
from support.archive import Archive
from support.dbt_project import ROOT
from support.installed import Autostats

RAW = {"name": "raw", "url": "/archive/{instrument}", "instruments": ["WISH"]}
SCHEMA = ROOT / "runner/autostats/schemas/archive-register-1.json"


def register(archive: Archive, autostats: Autostats, *more: str) -> dict[str, tuple[str, str]]:
    ran = autostats("archive", "register", "--home", archive.home, "--format", "json", *more)
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    validate(found, json.loads(SCHEMA.read_text()))
    return {row["name"]: (row["state"], row["changes"]) for row in found["entries"]}


def test_new_changed_unchanged(archive: Archive, autostats: Autostats) -> None:
    archive.write(RAW, RAW | {"name": "other"}, experiments=[{"name": "replay"}])
    new = ("new", "")
    assert register(archive, autostats) == {"replay": new, "raw": new, "other": new}
    archive.write(RAW | {"settle_minutes": 60, "instruments": ["WISH", "GEM"]}, RAW | {"name": "other"})
    assert register(archive, autostats) == {
        "raw": ("changed", 'instruments: ["WISH"] -> ["WISH", "GEM"]; settle_minutes: 30 -> 60'),
        "other": ("unchanged", ""),
    }
    ran = autostats("archive", "register", "--home", archive.home)
    assert "Nothing changed." in ran.out
    rows = archive.observed("select kind, name from obs_registrations order by collection_id, kind, name")
    assert [tuple(row.values()) for row in rows] == [
        ("experiment", "replay"),
        ("location", "other"),
        ("location", "raw"),
        ("location", "raw"),
    ]
    looks = archive.observed("select collector, state, rows from obs_collections")
    assert [look["rows"] for look in looks] == [3, 1]
    assert {(look["collector"], look["state"]) for look in looks} == {("registration", "complete")}


def test_a_dry_run_writes_nothing(archive: Archive, autostats: Autostats) -> None:
    archive.write(RAW)
    ran = autostats("archive", "register", "--home", archive.home, "--dry-run")
    assert ran.code == 0
    assert "1 new or would change." in ran.out
    assert not (archive.home / "observations.sqlite").exists()
    register(archive, autostats)
    before = archive.observed("select * from obs_collections")
    archive.write(RAW | {"settle_minutes": 5})
    assert register(archive, autostats, "--dry-run")["raw"][0] == "changed"
    assert archive.observed("select * from obs_collections") == before


def test_a_mistake_and_nothing_is_taken(archive: Archive, autostats: Autostats) -> None:
    archive.write(RAW, RAW | {"name": "other", "settle_minutes": -1})
    ran = autostats("archive", "register", "--home", archive.home)
    assert ran.code == 2
    assert "location 'other': settle_minutes is -1" in ran.err
    assert not (archive.home / "observations.sqlite").exists()


def test_another_file_may_refer_to_what_is_registered(archive: Archive, autostats: Autostats) -> None:
    archive.write(experiments=[{"name": "replay"}])
    register(archive, autostats)
    more: dict[str, Any] = {"name": "obs", "url": "/obs/%Y%m%d{hour}", "experiment": "replay", "every": "6h"}
    file = archive.write(more).rename(archive.home / "more.yml")
    assert register(archive, autostats, str(file)) == {"obs": ("new", "")}


def test_a_file_that_is_not_there(archive: Archive, autostats: Autostats) -> None:
    ran = autostats("archive", "register", "--home", archive.home)
    assert ran.code == 2
    assert f"There is no {archive.home}/archive.yml." in ran.err


@pytest.mark.parametrize("table", ["obs_registrations", "obs_file_counts", "obs_files", "obs_file_runs"])
def test_observations_of_an_earlier_version(archive: Archive, autostats: Autostats, table: str) -> None:
    archive.write(RAW)
    assert autostats("availability", "add", "WISH", "up", "--home", archive.home).code == 0
    archive.observed(f"drop table {table}")
    assert register(archive, autostats) == {"raw": ("new", "")}
    assert archive.observed(f"select count(*) as n from {table}") == [{"n": table == "obs_registrations"}]
    assert len(archive.observed("select * from obs_polls")) == 1
