"""Checks are kept on every target, under the documented accounts."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.accounts import account
from support.freshness import Monitored


@pytest.mark.slow
@pytest.mark.parametrize("target", ["postgres", "mysql"])
def test_checks_on_a_server(target: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table orders (at text)")
        connection.execute("insert into orders values (datetime('now'))")
        connection.commit()
    with account(target, tmp_path) as autostats:
        monitored = Monitored(tmp_path / "home", {"LITE": f"sqlite:///{path}"})
        monitored.write(["lite,main,orders,at,UTC,60,true", "nowhere,main,orders,at,UTC,60,true"])
        for arguments, count in (((), 2), ((), 0), (("--all",), 2)):
            ran = autostats("freshness", "check", *arguments, "--format", "json", **monitored.env)
            assert ran.code == (6 if count else 0), ran.err
            assert len(json.loads(ran.out)["checks"]) == count
        with closing(autostats.source.connect()) as connection, closing(connection.cursor()) as cursor:
            schema = "autostats" if target == "postgres" else f"{autostats.name}_statistics"
            if target == "postgres":
                cursor.execute(
                    "select schema_name from information_schema.schemata where schema_owner = %s",
                    [autostats.name],
                )
                ((schema,),) = cursor.fetchall()
            cursor.execute(f"select _table, _status, interval_seconds from {schema}.obs_table_checks")
            rows = sorted(cursor.fetchall())
    good, bad = ("main.orders", "Okay", 3600), ("main.orders", "AUTOSTATS_DB_NOWHERE is not set.", 3600)
    assert rows == [bad, bad, good, good]
