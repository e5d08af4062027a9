"""Attaching servers: MariaDB and PostgreSQL as they are, and a server that only listens for passwords."""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

import duckdb
import pytest
from autostats.errors import AutostatsError, PrivilegeError, RefusedError, UnreachableError, UsageError
from autostats.source import connection as source_connection
from autostats.source.attach import attach
from autostats.source.url import Source
from support.sources import Engine, Era, ServerSource, SourceWriter, server_source, wish_fixture

JOBS = "autoreduction.main.reduction_viewer_reductionrun"
ENGINES: list[Engine] = ["mariadb", "postgres"]
# Whatever SQL, a connection string or an option file might take for its own.
AWKWARD = """it's "quoted" \\ and %s; =#@:/?[x] å"""


def failure(url: str) -> AutostatsError:
    with duckdb.connect() as connection, pytest.raises(AutostatsError) as caught:
        attach(connection, Source.from_url(url))
    assert caught.value.remedy
    return caught.value


@contextmanager
def listening_postgres(passwords: list[str]) -> Iterator[int]:
    """A server that asks for a clear password, keeps it, and refuses it. Yields its port."""

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, client.makefile("rb") as stream:
                length, code = struct.unpack("!ii", stream.read(8))
                stream.read(length - 8)
                if code == 80877103:
                    client.sendall(b"N")
                    (length,) = struct.unpack("!i", stream.read(4))
                    stream.read(length - 4)
                client.sendall(b"R" + struct.pack("!ii", 8, 3))
                if stream.read(1) != b"p":
                    continue
                (length,) = struct.unpack("!i", stream.read(4))
                passwords.append(stream.read(length - 4).rstrip(b"\0").decode())
                text = b'SFATAL\0C28P01\0Mpassword authentication failed for user "anna"\0\0'
                client.sendall(b"E" + struct.pack("!i", 4 + len(text)) + text)

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listener,), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_an_awkward_password_arrives_and_is_in_no_message() -> None:
    heard: list[str] = []
    with listening_postgres(heard) as port:
        error = failure(f"postgresql://anna:{quote(AWKWARD, safe='')}@127.0.0.1:{port}/x")

    assert heard == [AWKWARD]
    assert isinstance(error, RefusedError)
    assert "refused the account" in str(error)
    assert "anna:***@" in str(error)
    for text in (AWKWARD, quote(AWKWARD, safe=""), "quoted"):
        assert text not in str(error)


def test_no_secret_is_left_in_the_connection() -> None:
    with duckdb.connect() as connection, listening_postgres([]) as port:
        with pytest.raises(RefusedError):
            attach(connection, Source.from_url(f"postgresql://anna:{'s3cret'}@127.0.0.1:{port}/x"))

        assert connection.execute("select * from duckdb_secrets()").fetchall() == []


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_port_where_nobody_listens(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_connection, "PAUSES_SECONDS", (0.0, 0.0))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = failure(f"{kind}://anna:s3cret@127.0.0.1:{port}/x")

    assert isinstance(error, UnreachableError)
    assert "cannot be reached" in str(error)
    assert "s3cret" not in f"{error} {error.remedy}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_a_server_that_never_answers(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_connection, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(source_connection, "PAUSES_SECONDS", ())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        error = failure(f"{kind}://anna:s3cret@127.0.0.1:{listener.getsockname()[1]}/x")

    assert isinstance(error, UnreachableError)
    assert time.monotonic() - began < 8
    assert "s3cret" not in str(error)


@pytest.fixture(scope="module", params=ENGINES)
def wish(request: pytest.FixtureRequest) -> Iterator[ServerSource]:
    with server_source(request.param) as source:
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        yield source


@pytest.mark.slow
def test_the_genuine_schema(wish: ServerSource) -> None:
    with duckdb.connect() as connection:
        schema = attach(connection, Source.from_url(wish.url))
        row = connection.execute(
            f"select count(*), max(cast(created as timestamp)), count(distinct status_id) from {JOBS}"
        ).fetchone()

    assert schema.era == "C"
    assert row == (9, datetime(2020, 2, 12, 11), 4)


@pytest.mark.slow
def test_no_other_schema_of_the_server_is_listed(wish: ServerSource) -> None:
    """A server may hold thousands of tables, and some may be dropped while dbt lists them."""
    with duckdb.connect() as connection:
        schema = attach(connection, Source.from_url(wish.url))
        listed = connection.execute(
            "select distinct schema_name from duckdb_tables() where database_name = 'autoreduction_source'"
        ).fetchall()

    assert listed == [(schema.name,)]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("era", ["A", "B"])
def test_earlier_eras(engine: Engine, era: Era) -> None:
    with server_source(engine, era) as source:
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        with duckdb.connect() as connection:
            assert attach(connection, Source.from_url(source.url)).era == era
            assert connection.execute(f"select count(*) from {JOBS}").fetchone() == (8,)


@pytest.mark.slow
def test_nothing_can_be_written(wish: ServerSource) -> None:
    with duckdb.connect() as connection:
        schema = attach(connection, Source.from_url(wish.url))
        table = f'autoreduction_source."{schema.name}".reduction_viewer_status'
        for statement in (
            f"insert into {table} (id, value) values (99, 'x')",
            f"update {table} set value = 'x'",
            f"drop table {table}",
        ):
            with pytest.raises(duckdb.Error, match="read-only"):
                connection.execute(statement)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query",
    [
        "select count(*), max(finished) is null from {}",
        "select max(id) + 0, min(id) > 0 from {} where id > 1",
        "select id, batch_run from {} order by id desc limit 1",
    ],
)
def test_what_the_readers_push_down_is_right(wish: ServerSource, query: str) -> None:
    with duckdb.connect() as connection:
        attach(connection, Source.from_url(wish.url))

        assert connection.execute(query.format(JOBS)).fetchone() == (9, "max(id)" in query)


@pytest.mark.slow
def test_a_wrong_password_or_user(wish: ServerSource) -> None:
    user = "root" if wish.engine == "mariadb" else "nobody_at_all"
    address = wish.url.partition("@")[2]

    error = failure(f"{wish.url.partition(':')[0]}://{user}:s3cret@{address}")

    assert isinstance(error, RefusedError)
    assert "refused the account" in str(error)
    assert "s3cret" not in f"{error} {error.remedy}"


@pytest.mark.slow
def test_an_account_with_an_awkward_password() -> None:
    with server_source("mariadb") as source:
        name = source.database[-16:]
        connection = source.connect()
        cursor = connection.cursor()
        for host in ("%", "localhost"):
            cursor.execute("create user %s@%s identified by %s", (name, host, AWKWARD))
            cursor.execute(f"grant select on {source.database}.* to %s@%s", (name, host))
        try:
            url = f"mysql://{name}:{quote(AWKWARD, safe='')}@{source.url.partition('@')[2]}"
            with duckdb.connect() as reader:
                assert attach(reader, Source.from_url(url)).era == "C"
                assert reader.execute("select * from duckdb_secrets()").fetchall() == []
                paths = reader.execute("select path from duckdb_databases()").fetchall()
                assert "quoted" not in str(paths)
        finally:
            for host in ("%", "localhost"):
                cursor.execute("drop user %s@%s", (name, host))
            connection.close()


@pytest.mark.slow
def test_a_database_that_is_not_there(wish: ServerSource) -> None:
    error = failure(f"{wish.url}_not")

    assert isinstance(error, UsageError)
    assert "no such database" in str(error)


@pytest.mark.slow
def test_tables_that_the_account_may_not_read() -> None:
    with server_source("postgres") as source:
        role = source.database
        connection = source.connect()
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"create role {role} login")
        try:
            cursor.execute(f"grant select on reduction_viewer_reductionrun to {role}")
            error = failure(source.url.replace("postgres@", f"{role}@"))
        finally:
            cursor.execute(f"drop owned by {role}")
            cursor.execute(f"drop role {role}")
            connection.close()

    assert isinstance(error, PrivilegeError)
    assert "lacks the privilege SELECT on reduction_viewer_" in str(error)
    assert "reduction_viewer_status" in str(error)
    assert "reduction_viewer_reductionrun" not in str(error)
    assert '"public"."reduction_viewer_status"' in error.remedy
    assert f'TO "{role}";' in error.remedy


@pytest.mark.slow
def test_what_is_optional_is_left_out_where_the_account_may_not_read_it() -> None:
    """A cautious administrator grants the columns of the jobs one by one."""
    with server_source("postgres") as source:
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        role = source.database
        columns = "id, created, started, finished, last_updated, started_by, run_version, batch_run"
        keys = "instrument_id, status_id, experiment_id, software_id"
        connection = source.connect()
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute(f"create role {role} login")
        try:
            cursor.execute(f"grant select ({columns}, {keys}) on reduction_viewer_reductionrun to {role}")
            for table in ("status", "instrument", "experiment", "runnumber"):
                cursor.execute(f"grant select on reduction_viewer_{table} to {role}")
            with duckdb.connect() as reader:
                schema = attach(reader, Source.from_url(source.url.replace("postgres@", f"{role}@")))
                described = {row[0] for row in reader.execute(f"describe {JOBS}").fetchall()}
                assert reader.execute(f"select count(software_id), count(*) from {JOBS}").fetchone() == (0, 9)
        finally:
            cursor.execute(f"drop owned by {role}")
            cursor.execute(f"drop role {role}")
            connection.close()
    assert schema.unread == [
        "reduction_viewer_software",
        "reduction_viewer_reductionrun.reduction_host",
        "reduction_viewer_reductionrun.run_title",
    ]
    assert not {"reduction_host", "run_title"} & described


@pytest.mark.slow
def test_another_schema() -> None:
    with server_source("postgres") as source:
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        connection = source.connect()
        cursor = connection.cursor()
        cursor.execute('create schema "Old one"')
        for table in ("reductionrun", "status", "instrument", "experiment", "runnumber"):
            name = f"reduction_viewer_{table}"
            cursor.execute(f'create table "Old one".{name} as select * from public.{name} limit 2')
        connection.commit()
        connection.close()

        with duckdb.connect() as reader:
            assert attach(reader, Source.from_url(source.url)).name == "public"
            old = Source.from_url(f"{source.url}?schema=Old%20one")
            assert attach(reader, old).name == "Old one"
            assert reader.execute(f"select count(*) from {JOBS}").fetchone() == (2,)
        error = failure(f"{source.url}?schema=none")
        assert "in schema none" in str(error)
        assert "Old one, public" in error.remedy
