"""Every failure is a sentence with its remedy, on stderr, and ends in the documented exit code."""

import json
import logging
import subprocess
from pathlib import Path

import pytest
import typer
from autostats import cli, log
from autostats.errors import LockedError
from support.installed import COMMAND, Autostats, Demo, bare_environment, interrupted_run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rpt",), "No such command 'rpt'"),
        (("run", "--hom", "x"), "No such option: --hom"),
        (("run", "--wait", "soon"), "'soon' is not a valid float"),
        (("run", "--wait", "-1"), "-1"),
        (("report", "--format", "docx"), "docx"),
        (("demo", "--kind", "oracle"), "oracle"),
        (("run", "surplus"), "surplus"),
    ],
)
def test_a_slip_in_the_arguments_is_a_usage_error(
    arguments: tuple[str, ...], sentence: str, autostats: Autostats
) -> None:
    ran = autostats(*arguments)
    assert (ran.code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert first.startswith("error: ")
    assert sentence in first
    assert "--help` shows its usage." in second


def test_no_source_is_set(autostats: Autostats, tmp_path: Path) -> None:
    ran = autostats("run", "--home", tmp_path / "home")
    assert ran.code == 2
    assert "AUTOSTATS_SOURCE_URL" in ran.err
    assert "autostats demo" in ran.err
    assert not (tmp_path / "home" / "autostats.duckdb").exists()


@pytest.mark.slow
def test_a_server_that_does_not_answer(autostats: Autostats, tmp_path: Path) -> None:
    url = "postgresql://reader:s3cret-w0rd@127.0.0.1:1/autoreduction"
    ran = autostats("run", "--home", tmp_path, env={"AUTOSTATS_SOURCE_URL": url})
    assert ran.code == 6
    assert "cannot be reached" in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.slow
def test_a_file_that_is_no_autoreduction_database(autostats: Autostats, demo: Demo, tmp_path: Path) -> None:
    url = f"duckdb:///{demo.home / 'autostats.duckdb'}"
    ran = autostats("run", "--home", tmp_path, env={"AUTOSTATS_SOURCE_URL": url})
    assert ran.code == 2
    assert "not an Autoreduction database" in ran.err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "2020-02-30"), "There is no such date"),
        (("--from", "soon"), "--from 'soon' is not a day"),
        (("--from", "2020-02-12", "--to", "2020-02-11"), "--from 2020-02-12 is after --to 2020-02-11"),
        (("--from", "2999-01-01"), "is in the future"),
        (("--to", "2020-02-11"), "--to needs --from"),
        (("--as-of", "noon"), "--as-of 'noon' is not a time"),
        (("--as-of", "2999-01-01"), "is in the future"),
        (("--vars", "[1, 2]"), "--vars is not a mapping"),
        (("--vars", "{facility_timezone: Mars/Base}"), "'Mars/Base', the value of facility_timezone"),
        (("--target", "oracle"), "There is no target 'oracle'"),
        (("--project-dir", "/nowhere"), "There is no dbt_project.yml in /nowhere"),
        (("--profiles-dir", "/nowhere"), "/nowhere has no profiles.yml"),
    ],
)
def test_run_refuses_what_makes_no_sense(
    arguments: tuple[str, ...], sentence: str, autostats: Autostats, demo: Demo, tmp_path: Path
) -> None:
    ran = autostats("run", "--home", tmp_path / "home", *arguments, env=demo.env)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err


@pytest.mark.slow
def test_a_home_that_cannot_be_made(autostats: Autostats, demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = autostats("run", "--home", tmp_path / "file" / "home", env=demo.env)
    assert ran.code == 2
    assert "cannot be written" in ran.err


def _command_that_raises(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def build(commands: object) -> typer.Typer:
        app = typer.Typer(pretty_exceptions_enable=False)

        @app.callback(invoke_without_command=True)
        def fail() -> None:
            raise error

        return app

    monkeypatch.setattr(cli, "build_app", build)


def test_an_unexpected_error_is_one_sentence_and_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("AUTOSTATS_HOME", str(tmp_path))
    monkeypatch.setenv("AUTOSTATS_SOURCE_URL", "mysql://me:hunter22@db/x")
    # The log that another test in this process has opened is not this home's.
    monkeypatch.setattr(logging.getLogger("autostats"), "handlers", [])
    _command_that_raises(monkeypatch, ZeroDivisionError("divided hunter22 by\nzero"))
    assert cli.invoke([]) == cli.UNEXPECTED
    printed = capsys.readouterr().err
    written = (tmp_path / "logs" / log.FILE_NAME).read_text()
    assert "error: autostats failed with an unexpected ZeroDivisionError: divided *** by zero" in printed
    assert "Traceback" not in printed
    assert "Traceback" in written
    assert "hunter22" not in printed + written


def test_an_unexpected_error_is_logged_in_the_format_of_the_settings_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUTOSTATS_HOME", str(tmp_path))
    (tmp_path / "autostats.toml").write_text('log_format = "json"\n')
    monkeypatch.setattr(logging.getLogger("autostats"), "handlers", [])
    _command_that_raises(monkeypatch, ValueError("no such shape"))
    assert cli.invoke([]) == 1
    [line] = (tmp_path / "logs" / "autostats.log").read_text().splitlines()
    assert json.loads(line)["message"].endswith("ValueError: no such shape\n")


def test_an_expected_error_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command_that_raises(monkeypatch, LockedError("It is in use.", "Wait."))
    assert cli.invoke([]) == 5
    assert capsys.readouterr().err == "error: It is in use.\n  Wait.\n"


def test_an_interrupt_ends_in_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command_that_raises(monkeypatch, KeyboardInterrupt())
    assert cli.invoke([]) == 130
    assert "interrupted" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("words", ["report --home '{home}' --by day --format csv", "", "report --help"])
def test_a_reader_that_leaves_is_no_failure(demo: Demo, tmp_path: Path, words: str) -> None:
    command = f"'{COMMAND}' {words.format(home=demo.home)} | head -n 1"
    ran = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert len(ran.stdout.splitlines()) == 1


@pytest.mark.slow
def test_control_c_during_a_run_leaves_all_as_it_was(
    own_demo: Demo, autostats: Autostats, tmp_path: Path
) -> None:
    report = ("report", "--home", own_demo.home, "--format", "csv")
    before = autostats(*report).out
    assert interrupted_run(own_demo, tmp_path / "nobody", 0.1, refresh=True) == 130
    assert not (own_demo.home / "autostats.lock.holder").exists()
    assert autostats(*report).out == before
