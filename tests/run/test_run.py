"""`autostats run`, through the installed command: what it says, what it decides, how it fails."""

import json
import os
import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from autostats.home import Home
from jsonschema import Draft202012Validator
from support.dbt_project import ROOT
from support.installed import Autostats, Demo, interrupted_run


def _lines(text: str) -> dict[str, str]:
    """Return the lines of the summary by their labels."""
    found = (re.match(r"(\w+) +(.*)", line) for line in text.splitlines())
    return {match[1]: match[2] for match in found if match}


def _change(home: Path, *statements: str) -> None:
    with duckdb.connect(str(home / "autostats.duckdb")) as connection:
        for statement in statements:
            connection.execute(statement)


def _settings(home: Path) -> dict[str, object]:
    with duckdb.connect(str(home / "autostats.duckdb"), read_only=True) as connection:
        result = connection.execute("select * from autostats.autostats.dim_settings")
        row = result.fetchone()
        assert row is not None
        return dict(zip([column[0] for column in result.description or ()], row, strict=True))


def _change_source(file: Path) -> None:
    """Of the completed jobs that are their run's only one, let the oldest fail, and the newest vanish."""
    with sqlite3.connect(file) as source:
        alone = [
            job_id
            for (job_id,) in source.execute(
                """
                select min(job.id)
                from reduction_viewer_reductionrun as job
                inner join reduction_viewer_runnumber as number on number.reduction_run_id = job.id
                inner join reduction_viewer_status as status on job.status_id = status.id
                where job.instrument_id is not null
                group by job.instrument_id, number.run_number
                having count(*) = 1 and max(status.value) = 'c' and not max(job.batch_run)
                order by 1
                """
            )
        ]
        source.execute(
            "update reduction_viewer_reductionrun set status_id ="
            " (select id from reduction_viewer_status where value = 'e') where id = ?",
            alone[:1],
        )
        source.execute("delete from reduction_viewer_runnumber where reduction_run_id = ?", alone[-1:])
        source.execute("delete from reduction_viewer_reductionrun where id = ?", alone[-1:])


@pytest.mark.slow
def test_first_load_then_a_night(own_demo: Demo, autostats: Autostats, tmp_path: Path) -> None:
    home, work = tmp_path / "home", tmp_path / "work"
    work.mkdir()
    secret = {"DBT_ENV_SECRET_X": "tr0ub4dor"}
    ran = autostats("run", "--home", home, "--debug", env=own_demo.env | secret, cwd=work)
    assert (ran.code, ran.err) == (0, "")
    assert "(the first load)" in _lines(ran.out)["Read"]
    assert re.fullmatch(r"\d+ days on \d+ instruments", _lines(ran.out)["Days"])
    written = (home / "logs" / "autostats.log").read_text()
    assert all(text in written for text in ("dbt build", "DEBUG", "done in"))
    assert "tr0ub4dor" not in written
    # Nothing is written but the home.
    assert not list(work.iterdir())
    assert not list((tmp_path / "nobody").iterdir())
    assert not list(home.rglob("dbt.log"))

    _change_source(own_demo.source)
    ran = autostats("run", "--home", home, "--from", "2000-01-01", env=own_demo.env)
    assert (ran.code, ran.err) == (0, "")
    assert _lines(ran.out)["Read"] == "0 new jobs, 1 changed, 1 vanished"
    assert _lines(ran.out)["Failing"].startswith("1 newly: ")


def _summary(text: str, schema: str) -> Any:
    """Return what was printed as JSON, if the schema of that name holds."""
    found = json.loads(text)
    shipped = json.loads((ROOT / "runner" / "autostats" / "schemas" / f"{schema}-1.json").read_text())
    Draft202012Validator(shipped, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(found)
    return found


def _break_a_plugin(home: Path) -> None:
    folder = home / "plugins" / "broken"
    folder.mkdir(parents=True)
    (folder / "broken.sql").write_text("select no_such_column from {{ ref('fct_jobs') }}")


@pytest.mark.slow
def test_a_night_as_json(own_demo: Demo, autostats: Autostats) -> None:
    home = own_demo.home
    env = own_demo.env | {"AUTOSTATS_LOG_FORMAT": "json"}
    (home / "logs" / "autostats.log").unlink()
    _change_source(own_demo.source)
    rebuild = ("run", "--home", home, "--from", "2000-01-01")
    ran = autostats(*rebuild, "--format", "json", "--quiet", env=env)
    assert (ran.code, ran.err) == (0, "")
    night = _summary(ran.out, "run")
    jobs = ("jobs_new", "jobs_changed", "jobs_vanished")
    assert [night[name] for name in (*jobs, "full_refresh", "first_load")] == [0, 1, 1, False, False]
    assert sum(map(len, night["days"].values())) == 2
    [failing] = night["failing"]["runs"]
    assert failing["instrument"] in night["days"]
    assert night["failing"]["total"] > night["failing"]["new"] == 1
    assert night["as_of"] == f"{_settings(home)['as_of']}Z".replace(" ", "T")
    asked = autostats("attention", "--home", home, "--format", "json", env=env)
    assert night["attention"] == json.loads(asked.out)["attention"]
    logged = [json.loads(line) for line in (home / "logs" / "autostats.log").read_text().splitlines()]
    assert len({line["invocation"] for line in logged}) == 1
    text = "\n".join(line["message"] for line in logged)
    assert all(words in text for words in ("run of ", "dbt build", "Completed successfully", "done in"))

    ran = autostats("run", "--home", home, "--select", "live", "--format", "json", env=env)
    assert (ran.code, ran.err) == (0, "")
    assert _summary(ran.out, "run-select")["models"] > 0

    _break_a_plugin(home)
    ran = autostats("run", "--home", home, "--format", "json", env=env)
    assert ran.code == 3
    assert ran.err.startswith("error: 1 plug-in failed. broken: ")
    assert _summary(ran.out, "run")["jobs_changed"] == 0


@pytest.mark.slow
def test_a_changed_time_zone_rebuilds_everything_and_says_so(own_demo: Demo, autostats: Autostats) -> None:
    ran = autostats(
        "run", "--home", own_demo.home, "--vars", "{facility_timezone: Asia/Tokyo}", env=own_demo.env
    )
    assert ran.code == 0, ran.err
    assert "Rebuilding all statistics: facility_timezone has changed from Europe/London" in ran.err
    assert "(a full refresh)" in ran.out
    assert _settings(own_demo.home)["facility_timezone"] == "Asia/Tokyo"


@pytest.mark.slow
def test_a_load_that_did_not_finish_is_done_again(own_demo: Demo, autostats: Autostats) -> None:
    _change(own_demo.home, "drop table autostats.autostats.dim_settings")
    ran = autostats("run", "--home", own_demo.home, env=own_demo.env)
    assert ran.code == 0, ran.err
    assert "did not finish" in ran.err


@pytest.mark.slow
def test_statistics_of_a_newer_version_are_left_alone(own_demo: Demo, autostats: Autostats) -> None:
    _change(own_demo.home, "update autostats.autostats.dim_settings set schema_version = 99")
    before = (own_demo.home / "autostats.duckdb").read_bytes()
    ran = autostats("run", "--home", own_demo.home, env=own_demo.env)
    assert ran.code == 2
    assert "newer autostats" in ran.err
    assert (own_demo.home / "autostats.duckdb").read_bytes() == before


@pytest.mark.slow
def test_a_file_that_is_no_statistics_database(demo: Demo, autostats: Autostats, tmp_path: Path) -> None:
    (tmp_path / "autostats.duckdb").write_text("some notes of mine " * 300)
    ran = autostats("run", "--home", tmp_path, env=demo.env)
    assert ran.code == 2
    assert "cannot be opened" in ran.err
    assert (tmp_path / "autostats.duckdb").read_text().startswith("some notes")


@pytest.mark.slow
def test_a_database_in_use_is_waited_for_then_named(own_demo: Demo, autostats: Autostats) -> None:
    with duckdb.connect(str(own_demo.home / "autostats.duckdb")):
        ran = autostats("run", "--home", own_demo.home, "--wait", "0.2", env=own_demo.env)
    assert ran.code == 5
    assert "is in use" in ran.err
    assert f"(process {os.getpid()})" in ran.err


@pytest.mark.slow
def test_a_failing_test_names_itself_and_the_log(own_demo: Demo, autostats: Autostats) -> None:
    seeds = own_demo.home / "seeds" / "beam_cycles.csv"
    rows = seeds.read_text().splitlines()
    seeds.write_text("\n".join([*rows, rows[-1]]) + "\n")
    ran = autostats("run", "--home", own_demo.home, "--quiet", env=own_demo.env)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("error: 1 data test failed: ")
    assert "unique_beam_cycles_cycle (1 row)" in ran.err
    assert "The statistics are built" in ran.err
    assert str(own_demo.home / "logs" / "autostats.log") in ran.err


@pytest.mark.slow
def test_most_data_tests_run_weekly_and_again_after_a_failure(own_demo: Demo, autostats: Autostats) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        ran = autostats("run", "--home", own_demo.home, "--quiet", *arguments, env=own_demo.env)
        return ran.code, ran.err

    table = "autostats.autostats.fct_resolved_runs"
    _change(own_demo.home, f"insert into {table} select * from {table} order by resolved_day limit 1")
    assert run() == (0, "")
    for arguments in (["--all-tests"], []):
        code, err = run(*arguments)
        assert (code, "unique_combination_of_columns_fct_resolved_runs" in err) == (3, True)
    assert run("--full-refresh") == (0, "")


@pytest.mark.slow
def test_a_project_that_dbt_cannot_read(own_demo: Demo, autostats: Autostats, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(own_demo.home / "project", project)
    (project / "models" / "broken.sql").write_text("select * from {{ ref('nothing') }}")
    ran = autostats("run", "--home", own_demo.home, "--project-dir", project, env=own_demo.env)
    assert ran.code == 3
    assert "dbt stopped: " in ran.err
    assert "nothing" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.slow
def test_a_past_moment(own_demo: Demo, autostats: Autostats) -> None:
    with duckdb.connect(str(own_demo.home / "autostats.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "select max(day) - 3 from autostats.autostats.fct_instrument_daily"
        ).fetchone()
    assert row is not None
    ran = autostats("run", "--home", own_demo.home, "--as-of", f"{row[0]} 12:00", env=own_demo.env)
    assert ran.code == 0, ran.err
    assert str(_settings(own_demo.home)["as_of"]) == f"{row[0]} 12:00:00"


@pytest.mark.slow
@pytest.mark.parametrize("refresh", [False, True])
def test_an_interrupted_run_is_made_up_for(
    refresh: bool, own_demo: Demo, autostats: Autostats, tmp_path: Path
) -> None:
    report = ("report", "--home", own_demo.home, "--format", "csv")
    before = autostats(*report).out
    for seconds in (0.5, 2, 3, 4, 5):
        code = interrupted_run(own_demo, tmp_path / "nobody", seconds, refresh)
        assert code in {0, 130}
        assert not (Home(own_demo.home).lock.with_name("autostats.lock.holder")).exists()
        assert autostats("run", "--home", own_demo.home, "-q", env=own_demo.env).code == 0
        assert autostats(*report).out == before
