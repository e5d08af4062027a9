"""`autostats` in processes that have already imported dbt: forks of one server, one for each run."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SERVER = """
import json, os, sys
import dbt.adapters.duckdb
import dbt.cli.main
import autostats.run.daily
from autostats.cli import invoke

for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.clear()
        os.environ.update(asked["environment"])
        for number in (1, 2):
            os.dup2(os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
        os._exit(invoke(asked["arguments"]))
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


class WarmRun:
    """A run in a fork of the server: its process id, and how it ended once it has."""

    def __init__(self, server: "subprocess.Popen[str]", pid: int) -> None:
        self._server = server
        self.pid = pid

    def wait(self) -> int:
        """Return the exit code, negative for the signal that ended it."""
        assert self._server.stdout is not None
        return os.waitstatus_to_exitcode(int(self._server.stdout.readline()))


class Warm:
    """The server, which does one run at a time."""

    def __init__(self, server: "subprocess.Popen[str]") -> None:
        self._server = server

    def start(self, arguments: Sequence[str], environment: dict[str, str], output: Path) -> WarmRun:
        """Start a run; what it prints is added to `output`."""
        asked = {"arguments": arguments, "environment": environment, "output": str(output)}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked) + "\n")
        self._server.stdin.flush()
        return WarmRun(self._server, int(self._server.stdout.readline()))


@contextmanager
def warm_server() -> Iterator[Warm]:
    """Start the server, and stop it afterwards."""
    with subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield Warm(server)
        server.kill()
