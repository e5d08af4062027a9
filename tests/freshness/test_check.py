"""`autostats freshness check` on files: what is due, what it prints and keeps, and how it ends."""

import csv
import io
import json
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from autostats.freshness.look import Last, due, state
from autostats.freshness.tables_file import read_tables
from support.freshness import COLUMNS, Monitored
from support.installed import COMMAND, Autostats, bare_environment, hear_ctrl_c

NOW = datetime(2026, 11, 20, 18)


@pytest.fixture
def monitored(tmp_path: Path) -> Monitored:
    """Three tables in a SQLite file: updated now, an hour ago, and never."""
    path = tmp_path / "orders.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for name, age in (("fresh", "0 seconds"), ("old", "-1 hour"), ("none", None)):
            connection.execute(f"create table {name} (at text)")
            if age is not None:
                connection.execute(f"insert into {name} values (datetime('now', ?))", [age])
        connection.commit()
    made = Monitored(tmp_path / "home", {"LITE": f"sqlite:///{path}"})
    made.write([f"lite,main,{name},at,UTC,5,true" for name in ("fresh", "old", "none")])
    return made


def checks(out: str) -> dict[str, dict[str, Any]]:
    return {check["table"]: check for check in json.loads(out)["checks"]}


def test_what_is_found(monitored: Monitored, autostats: Autostats, tmp_path: Path) -> None:
    began = datetime.now(UTC)
    ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    assert ran.code == 4, ran.err
    found = checks(ran.out)
    assert {name: (check["state"], check["status"]) for name, check in found.items()} == {
        "main.fresh": ("fresh", "Okay"),
        "main.old": ("stale", "Okay"),
        "main.none": ("unknown", "no rows"),
    }
    old = found["main.old"]
    assert (old["column"], old["server"], old["db_type"]) == ("at", str(tmp_path / "orders.sqlite"), "sqlite")
    assert began <= datetime.fromisoformat(old["checked_at"]) <= datetime.now(UTC)
    lag = datetime.fromisoformat(old["checked_at"]) - datetime.fromisoformat(old["last_update"])
    assert old["lag_seconds"] == pytest.approx(lag.total_seconds()) == pytest.approx(3600, abs=60)
    rows = {row["_table"]: row for row in monitored.observed()}
    assert set(rows) == set(found)
    assert len({row["collection_id"] for row in rows.values()}) == 1
    assert (rows["main.old"]["interval_seconds"], rows["main.old"]["warn_seconds"]) == (300, 600)
    assert rows["main.none"]["_last_update"] is None
    (look,) = monitored.observed("select * from obs_collections")
    assert (look["collector"], look["state"], look["rows"]) == ("freshness", "complete", 3)
    # Nothing is due so soon, except with --all.
    ran = autostats("freshness", "check", "--format", "csv", env=monitored.env)
    assert ran.code == 0
    assert list(csv.DictReader(io.StringIO(ran.out))) == []
    ran = autostats("freshness", "check", "--all", env=monitored.env | {"COLUMNS": "80"})
    assert ran.code == 4
    assert "Freshness: 3 tables checked" in ran.out
    assert len(monitored.observed()) == 6
    assert len(monitored.observed("select * from obs_collections")) == 3


def test_what_cannot_be_checked(monitored: Monitored, autostats: Autostats, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere.sqlite"
    monitored.urls |= {
        "NOWHERE": f"sqlite:///{nowhere}",
        "STRANGE": "strange://me:s3cret@host/x",
        "SERVER": "mssql+pyodbc://me:s3cret@host/x",
        "BROKEN": "postgresql://me:s3cret:x@ho@st/x",
    }
    expected = {
        "lite,main,no such": "no such table: main.no such",
        "nowhere,main,t": "unable to open database file",
        "unset,x,t1": "AUTOSTATS_DB_UNSET is not set.",
        "strange,x,t2": "no SQLAlchemy dialect for this kind of database is installed",
        "server,x,t3": "the driver pyodbc is not installed",
        "broken,x,t4": "AUTOSTATS_DB_BROKEN is no URL such as postgresql://user:password@host/database.",
    }
    monitored.write([f"{names},at,UTC,5,true" for names in expected])
    ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    assert ran.code == 6, ran.err
    found = json.loads(ran.out)["checks"]
    assert [check["status"] for check in found] == list(expected.values())
    assert {check["state"] for check in found} == {"unknown"}
    assert "s3cret" not in ran.out + ran.err + str(monitored.observed())
    assert not nowhere.exists()
    assert len(monitored.observed()) == len(expected)


def test_a_source_is_only_read(monitored: Monitored, autostats: Autostats, tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    before = path.read_bytes()
    path.chmod(0o444)
    assert autostats("freshness", "check", env=monitored.env).code == 4
    assert path.read_bytes() == before
    assert {found.name for found in tmp_path.glob("orders*")} == {"orders.sqlite"}


def test_a_bad_line_stops_everything(monitored: Monitored, autostats: Autostats) -> None:
    monitored.write(["lite,main,fresh,at,UTC,5,true", "lite,main,old,at,Nowhere,5,true"])
    ran = autostats("freshness", "check", env=monitored.env)
    assert ran.code == 2
    assert "monitored_tables.csv, line 3, has the time zone 'Nowhere'" in ran.err
    assert not (monitored.home / "observations.sqlite").exists()


def test_names_that_are_words_of_sql(monitored: Monitored, autostats: Autostats, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "orders.sqlite")) as connection:
        connection.execute('create table "Select %s ""x"" :y" ("order by" text)')
        connection.execute('insert into "Select %s ""x"" :y" values (datetime(\'now\'))')
        connection.commit()
    monitored.write(['lite,,"Select %s ""x"" :y",order by,UTC,5,true'])
    ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    assert ran.code == 0, ran.out
    assert checks(ran.out)['Select %s "x" :y']["state"] == "fresh"


@pytest.mark.parametrize(
    ("age", "tolerance", "is_due"),
    [(None, 30, True), (300, 0, True), (299, 0, False), (270, 30, True), (269, 30, False), (-1, 30, True)],
)
def test_what_is_due(monitored: Monitored, age: int | None, tolerance: int, is_due: bool) -> None:
    (table, *_) = read_tables(monitored.file)
    known = {} if age is None else {table.key: Last(NOW - timedelta(seconds=age), 0.1)}
    assert bool(due([table], known, NOW, timedelta(seconds=tolerance))) == is_due


def test_what_took_long_comes_last(monitored: Monitored) -> None:
    tables = read_tables(monitored.file)
    old = NOW - timedelta(days=1)
    known = {tables[0].key: Last(old, 10.0), tables[2].key: Last(old, 0.01)}
    assert due(tables, known, NOW) == [tables[1], tables[2], tables[0]]


@pytest.mark.parametrize(
    ("lag", "expected"),
    [(None, "unknown"), (-5, "fresh"), (599, "fresh"), (600, "warn"), (1199, "warn"), (1200, "stale")],
)
def test_states(lag: int | None, expected: str) -> None:
    last = None if lag is None else NOW - timedelta(seconds=lag)
    row = {"_query_timestamp": NOW, "_last_update": last, "warn_seconds": 600, "error_seconds": 1200}
    assert state(row) == expected


def test_watch_prints_no_result(monitored: Monitored, autostats: Autostats) -> None:
    ran = autostats("freshness", "check", "--watch", "--format", "json", env=monitored.env)
    assert ran.code == 2
    assert "--watch prints no result" in ran.err


def until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_watching(monitored: Monitored, tmp_path: Path, number: int, code: int) -> None:
    monitored.write(["lite,main,fresh,at,UTC,0.05,true"])
    told = tmp_path / "told.txt"
    with told.open("w") as err:
        running = subprocess.Popen(
            [str(COMMAND), "freshness", "check", "--watch"],
            env=bare_environment(tmp_path / "nobody", monitored.env),
            stderr=err,
            preexec_fn=hear_ctrl_c,
        )

        def count(table: str) -> int:
            if not monitored.observed("select * from sqlite_master where name = 'obs_table_checks'"):
                return 0
            return len(monitored.observed(f"select * from obs_table_checks where _table = '{table}'"))

        try:
            until((monitored.home / "observations.sqlite").exists)
            # Twice, each at its own interval of three seconds.
            until(lambda: count("main.fresh") >= 2)
            monitored.write(["lite,main,fresh,at,UTC,0.05,true", "lite,main,old,at,UTC,60,true"])
            until(lambda: count("main.old") == 1)
            monitored.file.write_text(f"{COLUMNS}\nlite,main,none,at,Nowhere,5,true\n")
            until(lambda: "Nowhere" in told.read_text())
            before = count("main.fresh")
            until(lambda: count("main.fresh") > before)
        finally:
            running.send_signal(number)
            assert running.wait(30) == code
    assert told.read_text().count("Nowhere") == 1
    assert "The last good file still counts." in told.read_text()
    assert count("main.old") == 1
    looks = monitored.observed("select * from obs_collections")
    assert {look["state"] for look in looks} == {"complete"}
    assert sum(look["rows"] for look in looks) == len(monitored.observed())
