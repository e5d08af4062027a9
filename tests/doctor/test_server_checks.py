"""What the doctor makes of a server that is not as it should be."""

import json
from datetime import datetime, timedelta

import pytest
from autostats.doctor.findings import State
from autostats.doctor.server_checks import _clock, _version
from autostats.installation import install_line
from support.installed import Autostats


def test_a_clock_that_is_off() -> None:
    now = datetime(2028, 2, 29, 0, 30)
    assert _clock(now.isoformat(" "), "SYSTEM", now).state is State.OK
    off = _clock((now - timedelta(hours=2)).isoformat(" "), "SYSTEM", now)
    assert off.state is State.WARN
    assert off.detail.startswith("7,200 s away")
    assert "timedatectl set-ntp true" in off.remedy


@pytest.mark.parametrize(
    ("name", "found", "wanted"),
    [
        ("PostgreSQL", (11, 9), (12, 0)),
        ("MySQL", (8, 0, 30), (8, 0, 31)),
        ("MariaDB", (10, 5, 99), (10, 6, 0)),
    ],
)
def test_a_server_that_is_too_old(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    old = _version(name, found, wanted)
    assert old.state is State.FAIL
    assert old.remedy == f"Upgrade it to {name} {'.'.join(map(str, wanted))} or newer."
    assert _version(name, wanted, wanted).state is State.OK


def test_an_extra_that_is_missing(autostats: Autostats) -> None:
    ran = autostats(
        "doctor", "--target", "mysql", "--format", "json", env={"AUTOSTATS_MYSQL_HOST": "127.0.0.1"}
    )
    assert ran.code == 1
    remedies = [check["remedy"] for check in json.loads(ran.out) if check["state"] == "FAIL"]
    assert f"Install it: {install_line('mysql')}" in remedies
