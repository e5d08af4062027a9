"""The installed command: its exit codes, its streams, and what it does not import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.installed import COMMAND

COMMANDS = (["report", "--all"], ["missing"], ["explain", "WISH", "2020-02-11", "jobs_total"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_only_the_result_is_on_stdout(wish_home: Path, command: list[str]) -> None:
    done = subprocess.run(
        [COMMAND, *command, "--home", wish_home, "--format", "json"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)


def test_exit_codes(wish_home: Path, tmp_path: Path) -> None:
    def code(*arguments: str | Path) -> int:
        return subprocess.run([COMMAND, *arguments], capture_output=True).returncode

    assert code("report", "--home", wish_home) == 0
    assert code("missing", "--check", "--home", wish_home) == 1
    assert code("report", "nowhere", "--home", wish_home) == 2
    assert code("report", "--home", tmp_path) == 2


def test_a_reader_that_leaves_is_no_failure(busy_home: Path) -> None:
    done = subprocess.run(
        f"set -o pipefail; '{COMMAND}' report --all --home '{busy_home}' --from 2020-01-24"
        " --format md | head -n 1",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Data reduction")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_report_imports_neither_dbt_nor_anything_slow(wish_home: Path, command: list[str]) -> None:
    script = (
        "import sys; from autostats.cli import invoke; code = invoke(sys.argv[1:]);"
        "print(code, sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *command, "--home", wish_home],
        capture_output=True,
        text=True,
        check=True,
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("0 ")
    for slow in ("dbt", "jinja2", "yaml", "pandas", "numpy", "agate", "requests", "asyncio"):
        assert f"'{slow}'" not in last, slow


def test_a_table_does_without_the_machine_formats(wish_home: Path) -> None:
    script = (
        "import sys; from autostats.cli import invoke; invoke(sys.argv[1:]); print('rich' in sys.modules,"
        " 'autostats.render.as_table' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "report", "--format", "json", "--home", wish_home, "-q"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.split()[-1] == "False"
