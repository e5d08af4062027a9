"""From a message to the statistics, on each target: `autostats listen` beside `autostats run --watch`."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.accounts import account
from support.bus import OwnQueue, announcement, queue_of, until
from support.dbt_project import select
from support.extent import some
from support.installed import COMMAND, Ran, bare_environment, hear_ctrl_c, run_command
from support.sources import SourceWriter, genuine_era_c, wish_fixture

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Installation:
    """An installed command with its environment and target, and how to ask its statistics for one number."""

    command: Path
    environment: dict[str, str]
    target: str
    number: Callable[[str], int]

    def __call__(self, *arguments: str) -> Ran:
        done = subprocess.run(
            [str(self.command), *arguments, "--target", self.target],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def running(self, told: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with told.open("w") as err:
            process = subprocess.Popen(
                [str(self.command), *arguments, "--target", self.target],
                env=self.environment,
                stdout=subprocess.DEVNULL,
                stderr=err,
                preexec_fn=hear_ctrl_c,
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture(params=some(["duckdb", "postgres", "mysql"], 1))
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    if request.param == "duckdb":
        source = genuine_era_c(tmp_path / "source.sqlite")
        with SourceWriter.open(source) as writer:
            wish_fixture(writer)
        home = tmp_path / "home"
        places = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "AUTOSTATS_HOME": str(home)}
        environment = bare_environment(tmp_path / "nobody", places)

        def number(query: str) -> int:
            return int(next(iter(select(home, query)[0].values())))

        yield Installation(COMMAND, environment, "duckdb", number)
        return
    with account(request.param, tmp_path) as autostats:
        schema = "autostats" if request.param == "postgres" else f"{autostats.name}_statistics"

        def number(query: str) -> int:
            connection = autostats.source.connect()
            try:
                cursor = connection.cursor()
                cursor.execute(query.replace("from ", f"from {schema}."))
                return int(cursor.fetchone()[0])
            finally:
                connection.close()

        yield Installation(autostats.command, autostats.environment, request.param, number)


def _patient(installation: Installation, query: str) -> int:
    """Ask again while a build has the file for itself."""
    error_text = ""
    for _ in range(300):
        try:
            return installation.number(query)
        except Exception as error:
            if "lock" not in str(error).lower():
                raise
            error_text = str(error)
            time.sleep(0.1)
    raise AssertionError(f"locked: {error_text}")


COUNTED = "select coalesce(sum(announcements), 0) from fct_announcements"


def test_from_the_message_to_the_statistics(installation: Installation, tmp_path: Path) -> None:
    assert installation("run", "--quiet").code == 0
    with queue_of("amqp") as queue:
        listen = ("listen", "--url", queue.url, "--queue", queue.name)
        watch = ("run", "--watch", "2s", "--select", "live")
        listener = installation.running(tmp_path / "heard.txt", *listen)
        watcher = installation.running(tmp_path / "built.txt", *watch)
        with listener as hearing, watcher as building:
            until(lambda: "built in" in (tmp_path / "built.txt").read_text(), 60)
            until(lambda: "Listening to" in (tmp_path / "heard.txt").read_text(), 60)
            _announced_in_time(installation, queue, range(1, 4))
            # A daily run and the watch take turns. It finds that nobody knows the runs but the bus.
            ran = installation("run", "--quiet", "--wait", "60", "--vars", "{announce_grace: 1}")
            assert (ran.code, ran.out, ran.err) == (0, "", "")
            missing = installation("missing", "--kind", "announced_only", "--check", "--format", "csv")
            assert missing.code == 1
            assert missing.out.splitlines()[1].startswith("WISH,1,3,3,announced_only,open,")
            _announced_in_time(installation, queue, range(4, 7))
            assert _stopped(building, signal.SIGTERM) == 0
            assert _stopped(hearing, signal.SIGINT) == 130
    told = (tmp_path / "built.txt").read_text()
    assert told.count("built in") >= 3
    assert set(told.split("\n", 1)[0].split()[:3]) == {"3", "models", "built"}
    assert "error" not in told.lower()


def _stopped(process: subprocess.Popen[bytes], number: int) -> int:
    process.send_signal(number)
    return process.wait(60)


def _announced_in_time(installation: Installation, queue: OwnQueue, runs: range) -> None:
    before, took = _patient(installation, COUNTED), list[float]()
    for run in runs:
        published = time.monotonic()
        queue.publish([announcement(run)])
        before += 1
        until(lambda wanted=before: _patient(installation, COUNTED) == wanted, 60)
        took.append(time.monotonic() - published)
    # A machine that is busy with other tests may be late now and then.
    assert sorted(took)[len(took) // 2] < 10


def test_without_statistics_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    source = genuine_era_c(tmp_path / "source.sqlite")
    env = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "AUTOSTATS_HOME": str(tmp_path / "home")}
    for more in ((), ("--watch", "5s")):
        ran = run_command(("run", "--select", "live", *more), tmp_path / "nobody", env)
        assert ran.code == 2
        assert "There are no finished statistics to add to." in ran.err


def test_a_live_build_leaves_the_source_alone(tmp_path: Path) -> None:
    """Its database may be gone: nothing of it is read."""
    source = genuine_era_c(tmp_path / "source.sqlite")
    with SourceWriter.open(source) as writer:
        wish_fixture(writer)
    env = {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}", "AUTOSTATS_HOME": str(tmp_path / "home")}
    assert run_command(("run", "--quiet"), tmp_path / "nobody", env).code == 0
    source.unlink()
    ran = run_command(("run", "--select", "live"), tmp_path / "nobody", env)
    assert (ran.code, ran.out) == (0, ""), ran.err
    assert ran.err.startswith("3 models built in ")
    ran = run_command(("run", "--select", "nothing"), tmp_path / "nobody", env)
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: No model has the tag 'nothing'.")
