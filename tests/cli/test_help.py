"""Help, version, completion, and what a command does not import."""

import subprocess
import sys
from pathlib import Path

import pytest
from autostats import __version__
from autostats.cli import COMMANDS
from support.installed import Autostats, Demo, bare_environment


def test_version(autostats: Autostats) -> None:
    assert autostats("--version").out == f"autostats {__version__}\n"


def test_help_lists_the_commands_and_the_exit_codes(autostats: Autostats) -> None:
    ran = autostats("--help")
    assert ran.code == 0
    assert all(f" {command} " in ran.out for command in COMMANDS)
    assert "130 interrupted" in " ".join(ran.out.split())


def test_no_arguments_print_the_help(autostats: Autostats) -> None:
    ran = autostats()
    assert "Usage: autostats" in ran.out + ran.err


# These only group commands, which have the options.
GROUPS = {
    "availability": ("import", "add", "report"),
    "freshness": ("check", "report"),
    "archive": ("register", "count", "report"),
    "stats": ("list", "show", "publish"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_shows_examples_and_the_common_options(command: str, autostats: Autostats) -> None:
    ran = autostats(command, "--help", env={"COLUMNS": "100"})
    assert ran.code == 0
    assert f"autostats {command}" in ran.out[ran.out.index("Examples:") :]
    helps = [autostats(command, part, "--help").out for part in GROUPS.get(command, ())] or [ran.out]
    for text in helps:
        assert all(option in text for option in ("--home", "--target", "--debug", "--quiet"))


def test_the_command_in_a_command(autostats: Autostats) -> None:
    shown = autostats("missing", "--help", env={"COLUMNS": "100"}).out
    assert "Usage: autostats missing [OPTIONS] [INSTRUMENT]..." in shown
    assert "autostats missing ignore WISH 100-120" in shown
    assert autostats("missing", "-h", env={"COLUMNS": "100"}).out == shown
    ignore = autostats("missing", "ignore", "--help").out
    assert all(option in ignore for option in ("--reason", "--home", "--target", "--debug", "--quiet"))


def test_completion_knows_commands_and_options(autostats: Autostats) -> None:
    complete = {"_AUTOSTATS_COMPLETE": "complete_bash", "COMP_CWORD": "1", "COMP_WORDS": "autostats mis"}
    assert "missing" in autostats(env=complete).out
    complete |= {"COMP_CWORD": "2", "COMP_WORDS": "autostats run --full"}
    assert "--full-refresh" in autostats(env=complete).out


@pytest.mark.slow
def test_a_report_imports_nothing_heavy(demo: Demo, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "autostats", "report", "--home", str(demo.home)],
        env=bare_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rsplit("|", 1)[-1].strip() for line in ran.stderr.splitlines()}
    packages = {name.split(".")[0] for name in imported}
    assert "duckdb" in packages
    assert not packages & {"dbt", "dbt_common", "pydantic", "click", "numpy"}
    # DuckDB asks for pandas, and gets none.
    assert not any(name.startswith("pandas.") for name in imported)
