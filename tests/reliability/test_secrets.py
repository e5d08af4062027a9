"""No secret is seen anywhere: not in the log, on the console, in what dbt writes, or in a message."""

import itertools
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from autostats.cli import COMMANDS
from autostats.render.output import Format
from support.archive import written
from support.extent import some
from support.freshness import Monitored
from support.installed import Autostats, Ran
from support.reliability.hostile import MARKS
from support.serving import serving
from support.sources import Engine, ServerSource, SourceWriter, server_source

pytestmark = pytest.mark.slow

NOON = datetime(2020, 3, 1, 12)
# Characters that mean something in URLs, in SQL and to DuckDB; the mark is what is searched for.
PASSWORD = "p4ss:@/?#'\"\\ MARK1"
ENVIRONMENT = "3nv-MARK2"
PROFILE = "pr0file-MARK3"
QUERY = "/qu3ry-MARK4"
NOTIFIED = "t0ken-MARK5"
TYPED_FILES = (Format.XLSX, Format.PARQUET)
FILES = (Format.SVG, Format.PNG, *TYPED_FILES)
_numbers = itertools.count(1)


def _search(ran: Ran, *folders: Path) -> None:
    """Look for every mark in what was printed and in every file below the folders."""
    for mark in MARKS:
        assert mark not in ran.out + ran.err, ran.err
        for folder in folders:
            for path in folder.rglob("*"):
                if path.is_file() and path.name != "profiles.yml":
                    assert mark.encode() not in _content(path), path


def _content(path: Path) -> bytes:
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as book:
        return b"".join(map(book.read, book.namelist()))


def _every_command(home: Path) -> list[tuple[str | Path, ...]]:
    reports: list[tuple[str | Path, ...]] = [
        *(("report", "--format", kind) for kind in Format if kind not in FILES),
        *(("report", "--by", "day", "--output", home / f"days.{kind}") for kind in TYPED_FILES),
        ("report", "--all", "--output", home / "all.html"),
        ("report", "--by", "day", "--output", home / "days.csv"),
        ("attention",),
        ("missing",),
        ("digest", "--dry-run"),
        ("digest", "--notify"),
        ("cycles",),
        ("settings",),
        ("settings", "--format", "json"),
        ("init", "--source-url", "${AUTOSTATS_SOURCE_URL}", "--force"),
        ("plot", "jobs"),
        ("plot", "missing", "--output", home / "missing.svg"),
        ("explain", "WISH", "2020-03-01", "jobs_total"),
        ("verify",),
        ("doctor",),
        ("doctor", "--format", "json"),
        ("docs",),
        ("availability", "report"),
        ("availability", "report", "--now"),
        ("freshness", "check", "--all"),
        ("freshness", "check", "--all", "--format", "json"),
        ("freshness", "report"),
        ("archive", "report"),
        ("stats", "list"),
        ("stats", "show", "jobs-1d"),
        ("stats", "show", "jobs-1d", "--output", home / "jobs.html"),
        ("stats", "publish"),
    ]
    runs: list[tuple[str | Path, ...]] = [
        ("demo", "--dir", home / "demo", "--days", "3", "--jobs", "100"),
        ("availability", "add", "WISH", "down", "--at", "2020-02-28 10:00", "--reason", "vacuum pump"),
        ("archive", "register"),
        ("archive", "count"),
        # The broker refuses the password.
        ("listen", "--queue", "nothing"),
        ("run", "--as-of", str(NOON)),
        ("run", "--as-of", str(NOON), "--full-refresh", "--vars", "{max_gap: 5}"),
    ]
    # It would not end: see `_ask_the_server`.
    assert {command[0] for command in (*runs, *reports)} == set(COMMANDS) - {"serve"}
    return [
        (*command, *(() if command[0] == "demo" else ("--home", home)), "--debug")
        for command in (*runs, *reports)
    ]


def _ask_the_server(home: Path, env: Mapping[str, str]) -> Ran:
    """Run the server, ask for everything, also as somebody who sends the token where it does not belong."""
    token = f"{NOTIFIED}-{NOTIFIED}"
    answers = []
    with serving(home, "--debug", env={**env, "AUTOSTATS_TOKEN": token}) as server, server.client() as client:
        for headers in ({"authorization": f"Bearer {token}"}, {"authorization": f"Basic {token}"}):
            for path in ("/api/", "/metrics", "/openapi.json", "/trigger_report", f"/{token}"):
                answers.append(client.get(path, headers=headers))
            answers.append(client.post("/reports", json={"last": token[:40]}, headers=headers))
        time.sleep(5)
        listed = client.get("/api/", headers={"authorization": f"Bearer {token}"})
        assert listed.status_code in {200, 503}
    return Ran(0, "".join(f"{answer.headers} {answer.text}" for answer in [*answers, listed]), "")


@contextmanager
def _account(source: ServerSource) -> Iterator[str]:
    """Make an account that may read the source, and yield its name."""
    connection = source.connect()
    name = f"reader_{source.database}_{next(_numbers)}"[-32:]
    cursor = connection.cursor()
    escaped = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    if source.engine == "mariadb":
        cursor.execute(f"create user '{name}'@'%' identified by '{escaped}'")
        cursor.execute(f"grant select on {source.database}.* to '{name}'@'%'")
    else:
        doubled = PASSWORD.replace("'", "''")
        cursor.execute(f"create role {name} login password '{doubled}'")
        cursor.execute(f"grant select on all tables in schema public to {name}")
    connection.commit()
    try:
        yield name
    finally:
        if source.engine == "mariadb":
            cursor.execute(f"drop user '{name}'@'%'")
        else:
            cursor.execute(f"drop owned by {name}")
            cursor.execute(f"drop role {name}")
        connection.commit()
        connection.close()


@pytest.mark.parametrize("engine", some(["mariadb", "postgres"], 1))
def test_connections_that_succeed(engine: Engine, autostats: Autostats, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with server_source(engine) as source:
        with SourceWriter.open(source) as writer:
            for number in range(1, 30, 3):
                moment = NOON - timedelta(hours=number)
                writer.add_job(run_numbers=number, created=moment, started=moment, finished=moment)
        with _account(source) as name:
            server = urlsplit(source.url)
            address = f"{server.hostname}:{server.port}/{source.database}"
            url = f"{server.scheme}://{name}:{quote(PASSWORD, safe='')}@{address}"
            env = {
                "AUTOSTATS_SOURCE_URL": url,
                "DBT_ENV_SECRET_OTHER": ENVIRONMENT,
                # Nobody listens there.
                "AUTOSTATS_BUS": f"amqp://guest:{quote(PASSWORD, safe='')}@127.0.0.1:5672//",
                "AUTOSTATS_NOTIFY_URLS": f"json://me:{NOTIFIED}@127.0.0.1:1/{NOTIFIED}?retry=0",
            }
            monitored = Monitored(home, {"SOURCE": url})
            schema = "public" if engine == "postgres" else source.database
            monitored.write([f"source,{schema},reduction_viewer_reductionrun,created,UTC,100000000,true"])
            env |= monitored.env
            written(tmp_path / "files" / "WISH1.nxs")
            (home / "archive.yml").write_text(
                f"experiments: [{{name: e}}]\n"
                f"locations: [{{name: raw, url: {tmp_path / 'files'}, experiment: e}}]\n",
                encoding="utf-8",
            )
            for command in _every_command(home):
                ran = autostats(*command, env=env, timeout=300)
                codes = {6} if "--notify" in command else {2} if command[0] == "listen" else {0, 4}
                assert ran.code in codes, (command, ran.err)
                _search(ran, tmp_path)
            _search(_ask_the_server(home, env), tmp_path)
            log = (home / "logs" / "autostats.log").read_text(encoding="utf-8")
            assert " DEBUG " in log
            wrong = f"{server.scheme}://{name}:{quote('wrong' + PASSWORD, safe='')}@{address}"
            ran = autostats("run", "--home", home, "--debug", env=env | {"AUTOSTATS_SOURCE_URL": wrong})
            assert ran.code == (2 if engine == "mariadb" else ran.code)
            _search(ran, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:1/autoreduction",
        f"postgresql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:1/autoreduction?sslkey={QUERY}",
        f"mysql://reader:{quote(PASSWORD, safe='')}@no-such-host.invalid/autoreduction?ssl_key={QUERY}",
        f"postgresql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:1/x?{QUERY}=1",
        f"mysql://reader:{PASSWORD}@127.0.0.1:1/autoreduction",
        f"mysql://reader:{quote(PASSWORD, safe='')}@127.0.0.1:99999/autoreduction",
        f"oracle://reader:{quote(PASSWORD, safe='')}@127.0.0.1/autoreduction",
        f"reader:{quote(PASSWORD, safe='')}@127.0.0.1/autoreduction",
    ],
)
@pytest.mark.parametrize("command", ["run", "doctor"])
def test_connections_that_fail(command: str, url: str, autostats: Autostats, tmp_path: Path) -> None:
    env = {"AUTOSTATS_SOURCE_URL": url, "DBT_ENV_SECRET_OTHER": ENVIRONMENT}
    ran = autostats(command, "--home", tmp_path / "home", "--debug", env=env)
    assert ran.code in {1, 2, 6}
    _search(ran, tmp_path)


def _profile(folder: Path, **output: object) -> Path:
    folder.mkdir()
    lines = [f"      {name}: {value}" for name, value in output.items()]
    head = ["autostats:", "  target: live", "  outputs:", "    live:"]
    (folder / "profiles.yml").write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("password", [PROFILE, "\"{{ env_var('DBT_ENV_SECRET_AUTOSTATS_PASSWORD') }}\""])
@pytest.mark.parametrize("command", ["run", "doctor", "report"])
def test_a_profile_that_fails(command: str, password: str, autostats: Autostats, tmp_path: Path) -> None:
    server: Mapping[str, object] = {"type": "postgres", "host": "127.0.0.1", "port": 1, "user": "me"}
    folder = _profile(tmp_path / "profiles", **server, password=password, dbname="x", schema="autostats")
    env = {"DBT_ENV_SECRET_AUTOSTATS_PASSWORD": ENVIRONMENT, "DBT_PROFILES_DIR": str(folder)}
    ran = autostats(command, "--home", tmp_path / "home", "--debug", env=env)
    assert ran.code in {1, 2, 6}, ran.err
    _search(ran, tmp_path)


def test_a_profile_that_succeeds(autostats: Autostats, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with server_source("postgres") as source:
        with SourceWriter.open(source) as writer:
            writer.add_job(run_numbers=1, created=NOON, started=NOON, finished=NOON)
        server = urlsplit(source.url)
        folder = _profile(
            tmp_path / "profiles",
            type="postgres",
            host=server.hostname,
            port=server.port,
            user=server.username,
            password=PROFILE,
            dbname=source.database,
            schema="autostats",
            threads=1,
        )
        env = {
            "DBT_ENV_SECRET_OTHER": ENVIRONMENT,
            "DBT_PROFILES_DIR": str(folder),
            "AUTOSTATS_SOURCE_SCHEMA": "public",
        }
        for command in (("run", "--as-of", str(NOON)), ("report", "--last", "1d"), ("doctor",)):
            ran = autostats(*command, "--home", home, "--debug", env=env, timeout=300)
            assert ran.code in {0, 4}, (command, ran.err)
            _search(ran, tmp_path)
