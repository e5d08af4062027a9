"""Every exit code of docs/configuration.md, through the installed command."""

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from autostats.home import Home
from autostats.run import lock
from support.installed import Autostats, Demo, Ran, interrupted_run

DOCUMENTED = Path(__file__).parents[2] / "docs" / "configuration.md"


def _good(demo: Demo, autostats: Autostats) -> int:
    return autostats("report", "--home", demo.home).code


def _found_something(demo: Demo, autostats: Autostats) -> int:
    return autostats("missing", "--check", "--home", demo.home).code


def _usage(demo: Demo, autostats: Autostats) -> int:
    return autostats("run", "--home", demo.home.parent / "without a source").code


def _model_failed(demo: Demo, autostats: Autostats) -> int:
    cycles = demo.home / "seeds" / "beam_cycles.csv"
    cycles.write_text(cycles.read_text(encoding="utf-8") + "2099/01,some day,2099-02-01,\n", encoding="utf-8")
    return autostats("run", "--home", demo.home, env=demo.env).code


def _stale(demo: Demo, autostats: Autostats) -> int:
    with duckdb.connect(str(demo.home / "autostats.duckdb")) as connection:
        connection.execute("update autostats.autostats.dim_settings set as_of = as_of - interval 3 days")
    return autostats("doctor", "--home", demo.home, env=demo.env).code


def _locked(demo: Demo, autostats: Autostats) -> int:
    with lock.hold(Home(demo.home), 0):
        return autostats("run", "--home", demo.home, "--wait", "0", env=demo.env).code


def _unreachable(demo: Demo, autostats: Autostats) -> int:
    url = "mysql://reader@127.0.0.1:1/autoreduction"
    ran: Ran = autostats("run", "--home", demo.home, env={"AUTOSTATS_SOURCE_URL": url})
    return ran.code


def _nothing_there(demo: Demo, autostats: Autostats) -> int:
    folder = demo.home.parent / "empty"
    folder.mkdir()
    (demo.home / "archive.yml").write_text(
        f"experiments: [{{name: e}}]\nlocations: [{{name: none, url: {folder}, experiment: e}}]\n",
        encoding="utf-8",
    )
    assert autostats("archive", "register", "--home", demo.home).code == 0
    return autostats("archive", "count", "none", "--home", demo.home).code


def _interrupted(demo: Demo, autostats: Autostats) -> int:
    return interrupted_run(demo, demo.home.parent / "nobody", 0.1, refresh=False)


WAYS: dict[int, Callable[[Demo, Autostats], int]] = {
    0: _good,
    1: _found_something,
    2: _usage,
    3: _model_failed,
    4: _stale,
    5: _locked,
    6: _unreachable,
    75: _nothing_there,
    130: _interrupted,
}


def test_each_documented_code_is_tried() -> None:
    table = DOCUMENTED.read_text(encoding="utf-8").partition("## Exit codes")[2]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set(WAYS)


@pytest.mark.slow
@pytest.mark.parametrize("code", [0, 1, 2, 4, 5, 75])
def test_a_quick_code(code: int, own_demo: Demo, autostats: Autostats) -> None:
    assert WAYS[code](own_demo, autostats) == code


@pytest.mark.slow
@pytest.mark.parametrize("code", [3, 6, 130])
def test_a_slow_code(code: int, own_demo: Demo, autostats: Autostats) -> None:
    assert WAYS[code](own_demo, autostats) == code
