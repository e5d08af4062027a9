"""Monitored tables on PostgreSQL, MariaDB and DuckDB, among servers and tables that hang."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from support.freshness import Monitored, refusing_port, silent_server
from support.installed import COMMAND, Autostats, bare_environment, hear_ctrl_c
from support.sources import Engine, ServerSource, server_source

pytestmark = pytest.mark.slow

TABLES = {
    "postgres": """
        create schema "My Schema";
        create table "My Schema"."Mixed %s ""Case" ("At :x" timestamptz);
        insert into "My Schema"."Mixed %s ""Case" values (now());
        create view "My Schema".seen as select "At :x" as at from "My Schema"."Mixed %s ""Case";
        create table "My Schema".days (at date);
        insert into "My Schema".days values ((now() at time zone 'UTC')::date);
        create table "My Schema".texts (at text);
        insert into "My Schema".texts
            values (to_char(now() at time zone 'Asia/Tokyo', 'YYYY-MM-DD"T"HH24:MI:SS'));
        create table "My Schema".numbers (s bigint, ms bigint);
        insert into "My Schema".numbers select extract(epoch from now()), 1000 * extract(epoch from now());
        create table "My Schema".naive (at timestamp);
        insert into "My Schema".naive values (now() at time zone 'Asia/Tokyo');
        create table "My Schema".nothing (at timestamp);
        create table "My Schema".locked (at timestamp);
        create view "My Schema".slow as select now() + ('0' || pg_sleep(60)::text || ' s')::interval as at
    """,
    "mariadb": """
        create table `Mixed %s ``Case` (`At :x` timestamp(6));
        insert into `Mixed %s ``Case` values (now(6));
        create view seen as select utc_timestamp() - interval timestampdiff(second, `At :x`, now()) second
            as at from `Mixed %s ``Case`;
        create table days (at date);
        insert into days values (utc_date());
        create table texts (at varchar(30));
        insert into texts values (date_format(utc_timestamp() + interval 9 hour, '%Y-%m-%dT%T'));
        create table numbers (s bigint, ms bigint);
        insert into numbers values (unix_timestamp(), 1000 * unix_timestamp());
        create table naive (at datetime(6));
        insert into naive values (utc_timestamp(6) + interval 9 hour);
        create table nothing (at datetime);
        create table locked (at datetime);
        create view slow as select date_add(now(), interval sleep(60) second) as at
    """,
}


# As they are in a cell of CSV.
MIXED = {"postgres": '"Mixed %s ""Case"', "mariadb": "Mixed %s `Case"}


@contextmanager
def made(engine: Engine) -> Iterator[tuple[ServerSource, str]]:
    """Make the tables; yield where they are, and the schema in the configuration."""
    with server_source(engine, "A") as source:
        with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
            for statement in TABLES[engine].split(";\n"):
                cursor.execute(statement)
            connection.commit()
        yield source, "My Schema" if engine == "postgres" else source.database


def ours(source: ServerSource) -> list[Any]:
    """Return what the server still does for us in this database, by its own account."""
    query = (
        "select state, query from pg_stat_activity"
        f" where datname = '{source.database}' and application_name = 'autostats' and state <> 'idle'"
        if source.engine == "postgres"
        else "select command, info from information_schema.processlist"
        f" where db = '{source.database}' and command = 'Query' and info not like '%processlist%'"
    )
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


@contextmanager
def locked(source: ServerSource, schema: str) -> Iterator[None]:
    """Hold a lock that nobody else can read through."""
    with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
        if source.engine == "postgres":
            cursor.execute(f'lock table "{schema}".locked in access exclusive mode')
        else:
            cursor.execute("lock tables locked write")
        yield


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_forms_of_tables(engine: Engine, autostats: Autostats, tmp_path: Path) -> None:
    with made(engine) as (source, schema):
        monitored = Monitored(tmp_path / "home", {"DB": source.url})
        # MariaDB's timestamps come on the clock of its own session, which is that of the machine.
        here = "UTC" if engine == "postgres" else time.strftime("%Z")
        monitored.write(
            [
                f"db,{schema},{MIXED[engine]},At :x,{here},5,true",
                f"db,{schema},seen,at,UTC,5,true",
                f"db,{schema},days,at,UTC,1440,true",
                f"db,{schema},texts,at,Asia/Tokyo,5,true",
                f"db,{schema},numbers,s,Asia/Tokyo,5,true",
                f"db,{schema},numbers,ms,Asia/Tokyo,5,true",
                f"db,{schema},naive,at,Asia/Tokyo,5,true",
                f"db,{schema},nothing,at,UTC,5,true",
                f"db,{schema},no such,at,UTC,5,true",
                f"db,{schema},naive,no such,UTC,5,true",
            ]
        )
        ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    assert ran.code == 6, ran.err
    found = json.loads(ran.out)["checks"]
    assert [check["state"] for check in found] == ["fresh"] * 7 + ["unknown"] * 3, found
    assert [check["status"] for check in found[:8]] == ["Okay"] * 7 + ["no rows"]
    assert all("no such" in check["status"] for check in found[8:])
    server = urlsplit(source.url)
    assert {check["server"] for check in found} == {f"{server.hostname}:{server.port}"}
    assert {check["db_type"] for check in found} == {"postgresql" if engine == "postgres" else "mysql"}


def test_duckdb(autostats: Autostats, tmp_path: Path) -> None:
    path = tmp_path / "orders.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute('create table "Orders" as select now() as "at"')
    monitored = Monitored(tmp_path / "home", {"DUCK": f"duckdb:///{path}"})
    monitored.write(["duck,main,Orders,at,UTC,5,true", "duck,main,none,at,UTC,5,true"])
    ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    assert ran.code == 6, ran.err
    first, second = json.loads(ran.out)["checks"]
    assert (first["state"], first["server"], first["db_type"]) == ("fresh", str(path), "duckdb")
    assert "none does not exist" in second["status"]


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_nothing_hangs_and_nothing_is_left(engine: Engine, autostats: Autostats, tmp_path: Path) -> None:
    """Tables that hang beside some that do not: each has its row, and the server nothing to do any more."""
    with made(engine) as (source, schema), silent_server() as silent, locked(source, schema):
        kind = urlsplit(source.url).scheme
        monitored = Monitored(
            tmp_path / "home",
            {
                "DB": source.url,
                "SILENT": f"{kind}://me:s3cret@127.0.0.1:{silent}/x",
                "REFUSES": f"{kind}://me:s3cret@127.0.0.1:{refusing_port()}/x",
            },
        )
        hanging = [f"db,{schema},{name},at,UTC,5,true" for name in ("locked", "slow")]
        well = [f"db,{schema},texts,at,Asia/Tokyo,5,true", f"db,{schema},naive,at,Asia/Tokyo,5,true"]
        other = [
            f"{name},x,t{number},at,UTC,5,true" for name in ("silent", "refuses") for number in range(50)
        ]
        monitored.write([*hanging, *other, *well])
        # Seen by the server, a second after the time-out of what began last: nothing of ours.
        left: list[Any] = []
        ended = threading.Event()

        def look() -> None:
            while not ended.is_set():
                left.append((time.monotonic(), ours(source)))
                time.sleep(0.1)

        spy = threading.Thread(target=look)
        spy.start()
        began = time.monotonic()
        ran = autostats("freshness", "check", "--timeout", "2", "--format", "json", env=monitored.env)
        took = time.monotonic() - began
        time.sleep(0.5)
        ended.set()
        spy.join()
    assert ran.code == 6, ran.err
    found = json.loads(ran.out)["checks"]
    assert len(found) == 104
    by = {check["table"].rpartition(".")[2]: check for check in found}
    assert by["locked"]["status"] == by["slow"]["status"] == "no answer within 2 s"
    assert by["texts"]["state"] == by["naive"]["state"] == "fresh"
    assert {check["status"] for check in found[2:52]} == {"no answer within 2 s"}
    assert len({check["status"] for check in found[52:102]}) == 1
    assert "refused" in found[52]["status"].lower()
    assert all(check["status"].count("\n") == 0 for check in found)
    assert "s3cret" not in ran.out + ran.err + str(monitored.observed())
    assert len(monitored.observed()) == 104
    assert took < 30
    busy = [moment for moment, queries in left if any(_is_check(query) for _, query in queries)]
    assert busy
    assert left[-1][1] == []
    # Three seconds: the time-out, and a second; the spy's own time and the connection's beside.
    assert max(busy) - min(busy) < 3.3


def _is_check(query: str | None) -> bool:
    return query is not None and "max(" in query.lower()


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_server_that_knows_no_time_out(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What runs is then stopped from here."""
    from autostats.freshness import databases
    from autostats.freshness.servers import check_tables
    from autostats.freshness.tables_file import read_tables
    from autostats.warehouse import utc_now

    with made(engine) as (source, schema):
        monitored = Monitored(tmp_path / "home", {"DB": source.url})
        monitored.write([f"db,{schema},slow,at,UTC,5,true", f"db,{schema},naive,at,Asia/Tokyo,5,true"])
        ask = databases.text
        monkeypatch.setattr(
            databases, "text", lambda statement: ask("select 1" if " = " in statement else statement)
        )
        began = time.monotonic()
        batches = check_tables(
            read_tables(monitored.file), 1, 8, utc_now, threading.Event(), environment=monitored.env
        )
        statuses = {row["_table"].rpartition(".")[2]: row["_status"] for batch in batches for row in batch}
        assert ours(source) == []
        assert time.monotonic() - began < 10
    assert statuses == {"slow": "no answer within 1 s", "naive": "Okay"}


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_a_connection_may_only_read(engine: Engine, tmp_path: Path) -> None:
    from autostats.freshness.databases import configured_database
    from autostats.freshness.tables_file import read_tables
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with made(engine) as (source, schema):
        monitored = Monitored(tmp_path / "home", {"DB": source.url})
        monitored.write([f"db,{schema},naive,at,Asia/Tokyo,5,true"])
        (table,) = read_tables(monitored.file)
        database = configured_database(table, 5, monitored.env)
        connection = database.connect()
        with closing(connection), pytest.raises(DBAPIError, match=r"(?i)read.only"):
            connection.execute(
                text("create table written (at int)" if engine == "postgres" else "delete from naive")
            )


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_an_account_with_one_connection(engine: Engine, autostats: Autostats, tmp_path: Path) -> None:
    """Its one connection does all checks."""
    with made(engine) as (source, schema), closing(source.connect()) as connection:
        cursor = connection.cursor()
        name = f"{source.database}_one"
        if engine == "postgres":
            statements = [
                f"create role {name} login password 's3cret' connection limit 1",
                f'grant usage on schema "{schema}" to {name}',
                f'grant select on "{schema}".naive, "{schema}".texts to {name}',
            ]
            drops = [f"drop owned by {name}", f"drop role {name}"]
        else:
            statements = [
                f"create user {name}@'%' identified by 's3cret' with max_user_connections 1",
                f"grant select on {source.database}.* to {name}@'%'",
            ]
            drops = [f"drop user {name}@'%'"]
        for statement in statements:
            cursor.execute(statement)
        connection.commit()
        server = urlsplit(source.url)
        place = f"{server.hostname}:{server.port}/{source.database}"
        monitored = Monitored(tmp_path / "home", {"DB": f"{server.scheme}://{name}:s3cret@{place}"})
        monitored.write(
            [
                f"db,{schema},{table},at,Asia/Tokyo,{number},true"
                for number, table in enumerate(["naive", "texts"], 1)
            ]
        )
        try:
            for _ in range(5):
                ran = autostats("freshness", "check", "--all", "--format", "json", env=monitored.env)
                assert ran.code == 0, ran.out
        finally:
            for statement in drops:
                cursor.execute(statement)
            connection.commit()


@pytest.mark.parametrize("engine", ["postgres", "mariadb"])
def test_ctrl_c_stops_what_runs_and_keeps_what_is_known(engine: Engine, tmp_path: Path) -> None:
    with made(engine) as (source, schema):
        monitored = Monitored(tmp_path / "home", {"DB": source.url})
        monitored.write([f"db,{schema},slow,at,UTC,5,true", f"db,{schema},naive,at,Asia/Tokyo,5,true"])
        running = subprocess.Popen(
            [str(COMMAND), "freshness", "check", "--timeout", "50"],
            env=bare_environment(tmp_path / "nobody", monitored.env),
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        deadline = time.monotonic() + 30
        while not any(_is_check(query) for _, query in ours(source)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
        assert (running.returncode, err) == (130, "error: interrupted.\n")
        assert ours(source) == []
    assert [row["_table"].rpartition(".")[2] for row in monitored.observed()] == ["naive"]
    (look,) = monitored.observed("select * from obs_collections")
    assert (look["state"], look["rows"]) == ("complete", 1)


def test_a_moment_is_that_of_the_server(autostats: Autostats, tmp_path: Path) -> None:
    with made("postgres") as (source, schema):
        monitored = Monitored(tmp_path / "home", {"DB": source.url})
        monitored.write([f"db,{schema},seen,at,Asia/Tokyo,5,true"])
        with closing(source.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute('select max(at) from "My Schema".seen')
            (moment,) = cursor.fetchone()
        ran = autostats("freshness", "check", "--format", "json", env=monitored.env)
    (found,) = json.loads(ran.out)["checks"]
    assert datetime.fromisoformat(found["last_update"]) == moment.astimezone(UTC)


def test_a_wrong_password_and_one_from_an_option_file(autostats: Autostats, tmp_path: Path) -> None:
    with made("mariadb") as (source, schema), closing(source.connect()) as connection:
        cursor = connection.cursor()
        name = f"{source.database}_own"
        cursor.execute(f"create user {name}@'%' identified by 's3cret @:/'")
        cursor.execute(f"grant select (at) on {source.database}.naive to {name}@'%'")
        server = urlsplit(source.url)
        place = f"{server.hostname}:{server.port}/"
        monitored = Monitored(
            tmp_path / "home",
            {
                "WRONG": f"mysql://{name}:wr0ng%20s3cret@{place}",
                "FILE": f"mysql://{place}",
            },
        )
        monitored.write(
            [f"file,{schema},naive,at,Asia/Tokyo,5,true"]
            + [f"wrong,{schema},t{number},at,UTC,5,true" for number in range(20)]
        )
        options = tmp_path / "nobody" / ".my.cnf"
        options.parent.mkdir()
        options.write_text(f"[client]\nuser = {name}\npassword = 's3cret @:/'\n")
        try:
            ran = autostats("freshness", "check", "--format", "json", "--debug", env=monitored.env)
        finally:
            cursor.execute(f"drop user {name}@'%'")
    assert ran.code == 6, ran.err
    first, *others = json.loads(ran.out)["checks"]
    assert first["state"] == "fresh", first
    (status,) = {check["status"] for check in others}
    assert status.startswith("Access denied for user")
    assert "s3cret" not in ran.out + ran.err + str(monitored.observed())
