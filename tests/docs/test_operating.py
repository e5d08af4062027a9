"""The commands that install, copy, restore and move an installation, typed as the pages show them."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from autostats.home import Home
from autostats.run.lock import is_held
from support.accounts import account
from support.documentation import ROOT
from support.installed import COMMAND, bare_environment

# What the pages name; in a test, all of it is in one folder.
PLACES = re.compile(r"(?<![\w.)/-])/(?=(?:var/lib|srv|backup|usr/local/bin|opt)\b)")


@dataclass(frozen=True)
class Machine:
    """A folder in place of the root of a machine, and the environment of its user."""

    root: Path
    env: Mapping[str, str]
    cwd: Path = ROOT

    def type(self, commands: str) -> str:
        """Run commands of a page in a clone, as a shell does, and return what they print."""
        ran = subprocess.run(
            ["/bin/sh", "-euc", PLACES.sub(f"{self.root}/", commands)],
            cwd=self.cwd,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert ran.returncode == 0, f"{commands}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
        return ran.stdout

    def place(self, path: str) -> Path:
        return self.root / path


def blocks(page: str, heading: str) -> list[str]:
    """Return the commands of a section of a page."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None
    return re.findall(r"```sh\n(.*?)```", section[1], re.DOTALL)


@pytest.fixture
def machine(busy_home: Path, tmp_path: Path) -> Machine:
    """A machine with statistics, and with polls that the next run would count."""
    for folder in ("var/lib", "srv", "backup", "usr/local/bin"):
        (tmp_path / folder).mkdir(parents=True)
    home = tmp_path / "var/lib/autostats"
    shutil.copytree(busy_home, home)
    path = os.pathsep.join([str(tmp_path / "usr/local/bin"), str(COMMAND.parent), os.environ["PATH"]])
    made = Machine(tmp_path, bare_environment(tmp_path / "nobody", {"PATH": path}))
    made.type(f"autostats availability add WISH down --at '2020-02-12 22:00' --home {home}")
    return made


@pytest.fixture
def kept(machine: Machine) -> Callable[[str], list[str]]:
    """Return what the report of a home says, and the polls that it has."""

    def told(home: str) -> list[str]:
        place = machine.place(home)
        period = "--from 2020-01-24 --to 2020-02-12 --by day --all"
        report = machine.type(f"autostats report {period} --format json --home {place}")
        with closing(sqlite3.connect(f"file:{place}/observations.sqlite?mode=ro", uri=True)) as polls:
            return [report, *polls.iterdump()]

    return told


def test_a_copy_is_restored(machine: Machine, kept: Callable[[str], list[str]]) -> None:
    before = kept("var/lib/autostats")
    [copy] = blocks("backup", "Make a copy")
    machine.type(copy)
    assert machine.place("backup/autostats.tar.gz").stat().st_mode & 0o077 == 0
    assert not machine.place("var/lib/autostats/observations.copy").exists()

    machine.place("var/lib/autostats/autostats.duckdb").write_bytes(b"a disk full of noise")
    machine.place("var/lib/autostats/observations.sqlite").unlink()
    [restore] = blocks("backup", "Restore")
    *unpack, run = restore.splitlines(keepends=True)
    machine.type("".join(unpack))
    assert kept("var/lib/autostats") == before
    assert run == "autostats run --home /var/lib/autostats\n"


def test_a_home_moves_to_another_folder_and_another_machine(
    machine: Machine, kept: Callable[[str], list[str]]
) -> None:
    before = kept("var/lib/autostats")
    [install, _] = blocks("backup", "Make a copy")[0].splitlines()
    machine.type(install)
    *pack, run = blocks("moving", "To another machine")[0].splitlines(keepends=True)
    machine.type("".join(pack))
    assert kept("srv/autostats") == before
    assert run == "autostats run --home /srv/autostats\n"
    machine.place("srv/autostats").rename(machine.place("srv/unpacked"))

    [move] = blocks("moving", "To another folder")
    machine.type(move)
    assert kept("srv/autostats") == before


@pytest.mark.slow
def test_the_statistics_move_to_a_server(tmp_path: Path) -> None:
    """Their source is on it, and the settings still name its address."""
    with account("postgres", tmp_path) as server:
        path = os.pathsep.join([str(COMMAND.parent), os.environ["PATH"]])
        machine = Machine(tmp_path, server.environment | {"PATH": path}, cwd=tmp_path)
        home = Path(server.environment["AUTOSTATS_HOME"])
        home.mkdir()
        (home / "autostats.toml").write_text(f'source_url = "{server.source.url}"\n')
        machine.type("autostats run --quiet")
        assert (home / "autostats.duckdb").exists()
        # The jobs are of 2020.
        [move] = blocks("moving", "From DuckDB to PostgreSQL or MySQL")
        machine.type(move.replace("--last 30d", "--from 2020-02-01 --to 2020-02-29"))
        row, *_ = (tmp_path / "after.csv").read_text().splitlines()[1:]
        assert row.startswith("WISH,9,")
        machine.type("autostats run --quiet")
        assert json.loads(machine.type("autostats doctor --format json"))[0]["state"] == "OK"
        facts = json.loads(machine.type("autostats stats list --format json"))
        assert facts["statistics"]
        loads = "select count(*) from autostats.fct_loads"
        with closing(server.source.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(loads)
            assert cursor.fetchone()[0] == 1, "the second run found nothing new, and wrote there"
        kept = machine.type("autostats report --target duckdb --from 2020-02-01 --to 2020-02-29 --format csv")
        assert kept == (tmp_path / "before.csv").read_text()


def test_a_run_waits_for_a_copy(machine: Machine) -> None:
    home, tools = machine.place("var/lib/autostats"), machine.place("usr/local/bin")
    # The copy lasts until it may go on.
    os.mkfifo(machine.place("go"))
    (tools / "tar").write_text(f"#!/bin/sh\ntouch {machine.place('busy')}\nread _ < {machine.place('go')}\n")
    (tools / "tar").chmod(0o755)
    script = (ROOT / "deploy/backup/autostats-backup", home, machine.place("backup/a.tar.gz"))
    with subprocess.Popen(script, env=machine.env, stderr=subprocess.DEVNULL) as copying:
        while not machine.place("busy").exists():
            assert copying.poll() is None
            time.sleep(0.01)
        held = is_held(Home(home))
        machine.place("go").write_text("\n")
    assert (held, is_held(Home(home))) == (True, False)
