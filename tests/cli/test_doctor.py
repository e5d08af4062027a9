"""`autostats doctor`: each check, and what mends what is wrong."""

import json
from pathlib import Path

import pytest
from support.installed import Autostats, Demo, Ran


def _checks(ran: Ran) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(ran.out)}


def test_all_is_well(demo: Demo, autostats: Autostats) -> None:
    ran = autostats("doctor", "--home", demo.home, "--format", "json", env=demo.env)
    checks = _checks(ran)
    assert ran.code == 0, ran.out
    assert {check["state"] for check in checks.values()} == {"OK"}
    assert checks["Source schema"]["detail"] == "main, era C, no column missing"
    assert "duckdb 1.5.5" in checks["Packages"]["detail"]
    assert autostats("doctor", "--home", demo.home, "--quiet", env=demo.env).out == ""


def test_a_table_on_one_screen(demo: Demo, autostats: Autostats) -> None:
    ran = autostats("doctor", "--home", demo.home, env=demo.env)
    assert ran.code == 0
    assert len(ran.out.splitlines()) < 24
    assert all(line.startswith("OK ") for line in ran.out.splitlines())


def test_nothing_is_set_up(autostats: Autostats, tmp_path: Path) -> None:
    ran = autostats("doctor", "--format", "json")
    checks = _checks(ran)
    assert ran.code == 1
    assert checks["Source"]["state"] == "FAIL"
    assert "AUTOSTATS_SOURCE_URL" in checks["Source"]["detail"]
    assert "autostats demo" in checks["Source"]["remedy"]
    assert checks["Statistics"]["state"] == "WARN"
    assert checks["Statistics"]["remedy"] == "Run: autostats run"


@pytest.mark.slow
def test_one_failure_hides_no_other(autostats: Autostats, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    url = "mysql://reader:s3cret-w0rd@127.0.0.1:1/autoreduction"
    ran = autostats(
        "doctor", "--home", tmp_path / "file" / "x", "--format", "json", env={"AUTOSTATS_SOURCE_URL": url}
    )
    checks = _checks(ran)
    assert ran.code == 1
    assert checks["Home"]["state"] == checks["Source"]["state"] == "FAIL"
    assert "s3cret" not in ran.out + ran.err
    assert all(check["remedy"] for check in checks.values() if check["state"] == "FAIL")
