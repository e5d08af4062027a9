"""What a command says when the statistics database is not there, not one, or not free."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from autostats.errors import UsageError
from autostats.installation import upgrade_advice
from autostats.schema_version import SCHEMA_VERSION
from autostats.warehouse import wait_limit
from support.installed import Autostats
from support.marts import wish_jobs, write_marts

AS_OF = datetime(2020, 2, 12, 23, 30)
COMMANDS = (
    ("report",),
    ("plot", "jobs"),
    ("missing",),
    ("explain", "WISH", "2020-02-11", "jobs_total"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_database(autostats: Autostats, tmp_path: Path, command: tuple[str, ...]) -> None:
    result = autostats(*command, "--home", tmp_path)
    assert (result.code, result.out) == (2, "")
    assert f"no statistics database in {tmp_path}" in result.err
    assert "`autostats run`" in result.err
    assert "`autostats demo`" in result.err
    assert not list(tmp_path.glob("*.duckdb"))


def test_only_the_demonstration_is_there(autostats: Autostats, tmp_path: Path) -> None:
    write_marts(tmp_path / "demo" / "autostats.duckdb", wish_jobs(), AS_OF)
    result = autostats("report", "--home", tmp_path)
    assert result.code == 2
    assert f"--home {tmp_path / 'demo'}" in result.err


@pytest.mark.parametrize("content", [b"hello" * 1000, b"", b"SQLite format 3\x00" + b"x" * 5000])
def test_some_other_file(autostats: Autostats, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "autostats.duckdb"
    file.write_bytes(content)
    result = autostats("report", "--home", tmp_path)
    assert (result.code, result.out) == (2, "")
    assert str(file) in result.err
    assert "--home" in result.err
    assert file.read_bytes() == content


def test_a_folder_in_its_place(autostats: Autostats, tmp_path: Path) -> None:
    (tmp_path / "autostats.duckdb").mkdir()
    result = autostats("report", "--home", tmp_path)
    assert (result.code, result.out) == (2, "")


def test_a_duckdb_file_without_statistics(autostats: Autostats, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "autostats.duckdb")) as connection:
        connection.execute("create table t (a int)")
    result = autostats("report", "--home", tmp_path)
    assert result.code == 2
    assert "holds no finished statistics" in result.err


def test_from_a_newer_version(autostats: Autostats, tmp_path: Path) -> None:
    write_marts(tmp_path / "autostats.duckdb", wish_jobs(), AS_OF, schema_version=SCHEMA_VERSION + 1)
    result = autostats("report", "--home", tmp_path)
    assert result.code == 2
    assert "made by a newer autostats" in result.err
    assert upgrade_advice() in result.err


def test_from_an_older_version(autostats: Autostats, tmp_path: Path) -> None:
    write_marts(tmp_path / "autostats.duckdb", wish_jobs(), AS_OF, schema_version=0)
    result = autostats("report", "--home", tmp_path)
    assert result.code == 2
    assert "`autostats run --full-refresh`" in result.err


def test_a_table_is_not_there(autostats: Autostats, tmp_path: Path) -> None:
    path = write_marts(tmp_path / "autostats.duckdb", wish_jobs(), AS_OF)
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table autostats.autostats.fct_run_daily")
    result = autostats("report", "--home", tmp_path)
    assert result.code == 2
    assert "fct_run_daily" in result.err


def test_another_target(autostats: Autostats, wish_home: Path) -> None:
    assert autostats("report", "--home", wish_home, "--target", "nowhere").code == 2
    assert autostats("report", "--home", wish_home, "--target", "duckdb").code == 0


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """A statistics database that another process has open for writing until its stdin ends."""
    path = write_marts(tmp_path / "it's held" / "autostats.duckdb", wish_jobs(), AS_OF)
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield path.parent, holder
        holder.communicate("")


def test_locked_for_longer_than_the_limit(
    autostats: Autostats, held: tuple[Path, subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, holder = held
    monkeypatch.setenv("AUTOSTATS_WAIT", "0.3")
    began = time.monotonic()
    result = autostats("report", "--home", home)
    assert time.monotonic() - began < 5
    assert (result.code, result.out) == (5, "")
    assert f"(process {holder.pid})" in result.err
    assert "gave up after 0.3 s" in result.err
    assert "IO Error" not in result.err


def test_locked_for_a_while(
    autostats: Autostats, held: tuple[Path, subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, holder = held

    def leave_then_sleep(seconds: float) -> None:
        holder.communicate("")
        assert seconds > 0

    monkeypatch.setattr("autostats.locked_file.time.sleep", leave_then_sleep)
    result = autostats("report", "--home", home)
    assert result.code == 0
    assert "waiting up to 10 s" in result.err
    assert "WISH" in result.out


@pytest.mark.parametrize("given", ["ten", "-1", "inf", "nan"])
def test_nonsense_as_the_limit(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOSTATS_WAIT", given)
    with pytest.raises(UsageError, match="not a number of seconds"):
        wait_limit()


def test_readers_do_not_disturb_each_other(autostats: Autostats, wish_home: Path) -> None:
    with duckdb.connect(str(wish_home / "autostats.duckdb"), read_only=True):
        assert autostats("missing", "--home", wish_home).code == 0


def test_a_crashed_writer_leaves_its_log_behind(autostats: Autostats, tmp_path: Path) -> None:
    """The last transactions may be in the write-ahead log alone, and a reader must see them."""
    path = write_marts(tmp_path / "autostats.duckdb", wish_jobs(), AS_OF)
    script = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
        "c.execute('set checkpoint_threshold = \"1GB\"');"
        "c.execute('update autostats.autostats.fct_instrument_daily set jobs_total = 77');"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=False)
    assert path.with_suffix(".duckdb.wal").exists()
    result = autostats("report", "--home", tmp_path, "--from", "2020-02-11", "--to", "2020-02-11")
    assert result.code == 0
    assert " 77 " in result.out
