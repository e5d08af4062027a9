"""`autostats doctor`: each check, and what fixes what is wrong."""

import json
from pathlib import Path

import duckdb
import pytest
from support.freshness import Monitored
from support.installed import Autostats, Demo, Ran
from support.logos import PNG, svg


def _checks(ran: Ran) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in json.loads(ran.out)}


@pytest.mark.slow
def test_all_is_well(demo: Demo, autostats: Autostats) -> None:
    ran = autostats("doctor", "--home", demo.home, "--format", "json", env=demo.env)
    checks = _checks(ran)
    assert ran.code == 0, ran.out
    assert {check["state"] for check in checks.values()} == {"OK"}
    assert checks["Source schema"]["detail"] == "main, era C, no column missing"
    assert "duckdb 1.5.5" in checks["Packages"]["detail"]
    assert autostats("doctor", "--home", demo.home, "--quiet", env=demo.env).out == ""


@pytest.mark.slow
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
    assert checks["Statistics"]["state"] == "OK"
    assert checks["Statistics"]["detail"] == "none yet: the first `autostats run` builds them"


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


@pytest.mark.slow
def test_what_the_last_build_left_to_say(own_demo: Demo, autostats: Autostats) -> None:
    with duckdb.connect(str(own_demo.home / "autostats.duckdb")) as connection:
        connection.execute("use autostats.autostats")
        connection.execute("update dim_settings set has_passed_tests = false")
        connection.execute("insert into ignored_runs values ('WSIH', 1, 2, 'misspelt'), ('WISH', 1, 2, null)")
    settings = own_demo.home / "autostats.toml"
    rules = '[rules."Gem"]\npending_for = 60\n[rules."WISH"]\npending_for = 60\n'
    settings.write_text((settings.read_text() if settings.exists() else "") + rules)
    ran = autostats("doctor", "--home", own_demo.home, "--format", "json", env=own_demo.env)
    checks = _checks(ran)
    warned = {name for name, check in checks.items() if check["state"] == "WARN"}
    assert warned == {"Tests", "Ignored runs", "Rules"}
    assert checks["Rules"]["detail"] == "[rules] names Gem, which has no jobs in the source"
    assert "names WSIH, which" in checks["Ignored runs"]["detail"]


@pytest.mark.slow
def test_a_logo_that_cannot_be_used(own_demo: Demo, autostats: Autostats) -> None:
    file = own_demo.home / "logo.svg"
    file.write_bytes(svg("<script/>"))
    env = own_demo.env | {"AUTOSTATS_LOGO": "logo.svg"}
    ran = autostats("doctor", "--home", own_demo.home, "--format", "json", env=env)
    found = _checks(ran)["Logo"]
    assert (found["state"], found["remedy"]) == ("WARN", "Export it as a plain SVG, or as a PNG.")
    assert found["detail"] == f"The logo {file} contains the element script."
    file.write_bytes(PNG)
    ran = autostats("doctor", "--home", own_demo.home, "--format", "json", env=env)
    assert _checks(ran)["Logo"]["state"] == "OK"


@pytest.mark.slow
def test_monitored_tables(own_demo: Demo, autostats: Autostats) -> None:
    urls = {"JOBS": f"sqlite:///{own_demo.source}", "WRONG": f"sqlite:///{own_demo.home}/none.sqlite"}
    monitored = Monitored(own_demo.home, urls)
    monitored.write(
        [
            "jobs,main,reduction_viewer_reductionrun,created,UTC,5,true",
            "jobs,main,none,at,UTC,5,true",
            "no where,main,orders,at,UTC,5,true",
            "wrong,main,orders,at,UTC,5,true",
        ]
    )
    ran = autostats(
        "doctor", "--home", own_demo.home, "--format", "json", env=dict(own_demo.env) | monitored.env
    )
    checks = _checks(ran)
    assert ran.code == 1
    assert checks["Monitored tables"]["detail"] == f"{monitored.file}, 4 active tables"
    assert checks["Tables of jobs"]["state"] == "OK"
    assert checks["Tables of jobs"]["detail"].startswith("main.reduction_viewer_reductionrun on /")
    bad = checks["Tables of no where"]
    assert (bad["state"], bad["detail"]) == ("WARN", "main.orders: AUTOSTATS_DB_NO_WHERE is not set.")
    assert "Set it where" in bad["remedy"]
    assert checks["Tables of wrong"]["state"] == "FAIL"
    assert "AUTOSTATS_DB_WRONG" in checks["Tables of wrong"]["remedy"]
