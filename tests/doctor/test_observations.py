"""What doctor says about the observations: how they are, and when each collector looked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from autostats.cli import invoke
from autostats.observations import file_systems
from support.installed import Autostats
from support.observations import held, sqlite
from support.reliability.disk import read_only

pytestmark = pytest.mark.slow

Checks = dict[str, dict[str, str]]


@pytest.fixture
def home(autostats: Autostats, tmp_path: Path) -> Path:
    """A home in which two polls were imported."""
    home = tmp_path / "home"
    polls = tmp_path / "polls.csv"
    polls.write_text("instrument,status,timestamp_utc\nWISH,up,2023-01-22\nWISH,down,2023-01-23\n")
    assert autostats("availability", "import", "--polls", polls, "--home", home).code == 0
    return home


def examined(autostats: Autostats, home: Path, **env: str) -> Checks:
    ran = autostats("doctor", "--home", home, "--format", "json", env=env)
    checks = {check["name"]: check for check in json.loads(ran.out)}
    return {name: checks[name] for name in ("Observations", "Availability") if name in checks}


def shifted(home: Path, **times: timedelta) -> None:
    """Let looks have happened earlier: by how much, by column."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for column, ago in times.items():
        moment = (now - ago).strftime("%Y-%m-%d %H:%M:%S.000000")
        sqlite(home / "observations.sqlite", f"update obs_collections set {column} = '{moment}'")


def test_nobody_has_looked(autostats: Autostats, tmp_path: Path) -> None:
    assert examined(autostats, tmp_path) == {}
    assert not (tmp_path / "observations.sqlite").exists()


def test_all_is_well(autostats: Autostats, home: Path) -> None:
    shifted(home, ended_at=timedelta(hours=5, minutes=2))
    before = (home / "observations.sqlite").read_bytes()
    checks = examined(autostats, home)
    assert [check["state"] for check in checks.values()] == ["OK", "OK"]
    assert f"{home}/observations.sqlite, version 1, " in checks["Observations"]["detail"]
    assert ", 5h 0" in checks["Availability"]["detail"]
    assert checks["Availability"]["detail"].endswith(" ago, 2 rows")
    assert (home / "observations.sqlite").read_bytes() == before


def test_a_look_that_failed(autostats: Autostats, home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("instrument,status,timestamp_utc\nWISH,up,never\n")
    assert autostats("availability", "import", "--polls", bad, "--home", home).code == 2
    check = examined(autostats, home)["Availability"]
    assert check["state"] == "WARN"
    assert check["detail"].startswith("last look 2")
    assert "bad.csv, line 2, has the time 'never'" in check["detail"]
    assert check["remedy"]
    assert autostats("availability", "add", "WISH", "up", "--home", home).code == 0
    assert examined(autostats, home)["Availability"]["state"] == "OK"


def test_a_look_that_never_ended(autostats: Autostats, home: Path) -> None:
    sqlite(home / "observations.sqlite", "update obs_collections set state = 'incomplete', ended_at = null")
    shifted(home, started_at=timedelta(hours=23))
    assert examined(autostats, home)["Availability"]["detail"] == "no look has ended yet"
    shifted(home, started_at=timedelta(hours=25))
    check = examined(autostats, home)["Availability"]
    assert (check["state"], "never ended" in check["detail"]) == ("WARN", True)


def test_old_rows(autostats: Autostats, home: Path) -> None:
    shifted(home, started_at=timedelta(days=89))
    assert "removes" not in examined(autostats, home)["Observations"]["detail"]
    shifted(home, started_at=timedelta(days=91))
    check = examined(autostats, home)["Observations"]
    assert (check["state"], check["detail"].endswith("the next look removes 2 older than 90 days")) == (
        "OK",
        True,
    )


def test_what_cannot_be_used(autostats: Autostats, home: Path) -> None:
    file = home / "observations.sqlite"
    with read_only(file):
        check = examined(autostats, home)["Observations"]
        assert (check["state"], check["detail"]) == ("FAIL", f"{file} cannot be written")
    with held(file, "pragma journal_mode = delete", "begin exclusive"):
        check = examined(autostats, home, AUTOSTATS_WAIT="0.1")["Observations"]
        assert (check["state"], "in use by another process" in check["detail"]) == ("WARN", True)
    sqlite(file, "pragma user_version = 99")
    check = examined(autostats, home)["Observations"]
    assert (check["state"], "by a newer autostats (version 99)" in check["detail"]) == ("FAIL", True)
    file.write_bytes(b"garbage" * 1000)
    check = examined(autostats, home)["Observations"]
    assert (check["state"], "is damaged" in check["detail"]) == ("FAIL", True)
    assert "move it away" in check["remedy"]


def test_on_a_network_file_system(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(file_systems, "network_file_system", lambda folder: "nfs4")
    invoke(["doctor", "--home", str(home), "--format", "json"])
    check = next(one for one in json.loads(capsys.readouterr().out) if one["name"] == "Observations")
    assert check["state"] == "WARN"
    assert "on nfs4, without a write-ahead log: runs and collectors wait for each other" in check["detail"]
