"""A source that cannot be reached, that goes away in mid-read, or that falls silent."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from autostats.errors import RefusedError, UnreachableError
from autostats.source import connection as source_connection
from autostats.source.connection import open_source
from autostats.source.url import Source
from support.extent import some
from support.installed import COMMAND, Ran, bare_environment, hear_ctrl_c, run_command
from support.reliability.night import Moment, Night, differing, state_of
from support.reliability.proxy import Proxy, proxy_to
from support.sources import Engine, ServerSource, SourceWriter, server_source

NOON = datetime(2020, 3, 1, 12)
JOBS = 2500


@dataclass(frozen=True)
class Distant:
    """A source on a server, behind a proxy."""

    source: ServerSource
    proxy: Proxy
    user_home: Path

    @property
    def env(self) -> dict[str, str]:
        server = urlsplit(self.source.url)
        login = f"{server.netloc.rpartition('@')[0]}@" if "@" in server.netloc else ""
        return {
            "AUTOSTATS_SOURCE_URL": f"{server.scheme}://{login}127.0.0.1:{self.proxy.port}{server.path}",
            "AUTOSTATS_TIMEOUT": "30",
        }

    def run(self, home: Path, *more: str) -> Ran:
        arguments = ("run", "--home", str(home), "--as-of", str(NOON), *more)
        return run_command(arguments, self.user_home, self.env, timeout=300)


@contextmanager
def _distant(engine: Engine, user_home: Path) -> Iterator[Distant]:
    with server_source(engine) as source:
        with SourceWriter.open(source) as writer:
            for number in range(JOBS):
                created = NOON - timedelta(minutes=8 * number)
                writer.add_job(run_numbers=number, created=created, started=created, finished=created)
        server = urlsplit(source.url)
        with proxy_to(server.hostname or "", server.port or 0) as proxy:
            yield Distant(source, proxy, user_home)


@pytest.mark.slow
@pytest.mark.parametrize("engine", some(["mariadb", "postgres"], 1))
def test_a_connection_that_breaks_in_mid_read(engine: Engine, tmp_path: Path) -> None:
    with _distant(engine, tmp_path / "nobody") as distant:
        home = tmp_path / "home"
        assert distant.run(home, "--quiet").code == 0
        whole = distant.proxy.passed
        before = state_of(home)
        # While it looks at the schema, while it reads the jobs, and shortly before the end, if it gets there.
        for share in (0.02, 0.3, 0.9):
            distant.proxy.passed, distant.proxy.limit = 0, int(whole * share)
            ran = distant.run(home, "--full-refresh")
            assert ran.code == 6 or (ran.code == 0 and share == 0.9), (share, ran.err)
            assert "Traceback" not in ran.err
            assert ran.code == 0 or any(word in ran.err for word in ("un again", "Check the host")), ran.err
            # A full refresh takes its stamp away first.
            assert not differing(state_of(home), before, ["dim_settings"]), share
        distant.proxy.limit = None
        assert distant.run(home, "--quiet").code == 0
        assert not differing(state_of(home), before)


@pytest.mark.slow
@pytest.mark.parametrize("engine", some(["mariadb", "postgres"], 1, start=1))
def test_a_server_that_falls_silent_is_given_up(engine: Engine, tmp_path: Path) -> None:
    with _distant(engine, tmp_path / "nobody") as distant:
        home = tmp_path / "home"
        assert distant.run(home, "--quiet").code == 0
        whole = distant.proxy.passed
        distant.proxy.passed, distant.proxy.limit, distant.proxy.fate = 0, whole // 3, "silent"
        ran = distant.run(home, "--full-refresh", "--quiet")
        assert ran.code == 6, ran.err
        assert "no progress for 30 s, the limit that AUTOSTATS_TIMEOUT sets" in ran.err
        assert not (home / "autostats.lock.holder").exists()
        # Ctrl-C ends such a run as well, and at once: well before the time is up.
        distant.proxy.passed = 0
        process = subprocess.Popen(
            [str(COMMAND), "run", "--home", str(home), "--as-of", str(NOON), "--full-refresh"],
            env=bare_environment(tmp_path / "nobody", distant.env | {"AUTOSTATS_TIMEOUT": "300"}),
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=hear_ctrl_c,
        )
        while not distant.proxy.is_over():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in err) == (130, False), err
        distant.proxy.limit = None
        assert distant.run(home, "--quiet").code == 0


@pytest.mark.slow
def test_a_file_that_is_removed_in_mid_read(night: Night, tmp_path: Path) -> None:
    for number, anchor in enumerate(("run of ", "dbt build", " of ")):
        home = night.home(tmp_path / f"home {number}")
        kept = night.source.rename(night.source.with_suffix(".kept"))
        night.source.hardlink_to(kept)
        try:
            ran = night.run_and(home, Moment(anchor, 0.0), lambda process: night.source.unlink())
        finally:
            night.source.unlink(missing_ok=True)
            kept.rename(night.source)
        assert ran.code in {0, 6}, ran.err
        assert ran.code == 0 or "does not exist" in ran.err
        found = state_of(home)
        torn = [m for m, rows in found.items() if rows not in (night.before[m], night.after[m])]
        assert not torn
        night.heal(home)
        assert not differing(state_of(home), night.after)


def test_a_server_that_comes_back_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_connection, "PAUSES_SECONDS", (0.0, 0.0))
    attempts = _count_attempts(monkeypatch, [UnreachableError("away"), UnreachableError("away"), None])
    open_source(None, Source.from_url("mysql://host/database"), "x")  # type: ignore[arg-type]
    assert attempts == []


def test_a_server_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_connection, "PAUSES_SECONDS", (0.0, 0.0))
    attempts = _count_attempts(monkeypatch, [UnreachableError(f"away {n}") for n in range(4)])
    with pytest.raises(UnreachableError, match="away 2"):
        open_source(None, Source.from_url("mysql://host/database"), "x")  # type: ignore[arg-type]
    assert len(attempts) == 1


def test_a_refused_account_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = _count_attempts(monkeypatch, [RefusedError("no"), None])
    with pytest.raises(RefusedError):
        open_source(None, Source.from_url("mysql://host/database"), "x")  # type: ignore[arg-type]
    assert len(attempts) == 1


def _count_attempts(
    monkeypatch: pytest.MonkeyPatch, answers: list[UnreachableError | None]
) -> list[UnreachableError | None]:
    """Let each attempt to attach end in the next of the answers, which it takes away."""

    def attempt(connection: object, source: Source, catalog: str) -> None:
        answer = answers.pop(0)
        if answer is not None:
            raise answer

    monkeypatch.setattr(source_connection, "load_reader", lambda connection, kind: None)
    monkeypatch.setattr(source_connection, "_open_source", attempt)
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("engine", some(["mariadb", "postgres"], 1))
def test_the_first_connections_fail_and_the_next_one_stands(engine: Engine, tmp_path: Path) -> None:
    with _distant(engine, tmp_path / "nobody") as distant:
        distant.proxy.refused = 2
        ran = distant.run(tmp_path / "home", "--quiet")
        assert (ran.code, ran.err) == (0, "")
        assert distant.proxy.connections > 2
