"""Run the tests for a fault in a copy of the project that contains it."""

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from mutants.fault import Fault

ROOT = Path(__file__).resolve().parents[1]
# What a test process imports that is not ours: loaded once, so that each process starts with it.
_READ_ONCE = [
    "pytest",
    "hypothesis",
    "xdist",
    "duckdb",
    "typer",
    "rich.console",
    "rich.table",
    "dbt.cli.main",
]


class Outcome(StrEnum):
    """What became of a fault. One that ran for too long counts as found: whoever waits would notice."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"


class Workshop:
    """A copy of a project (this one by default) in its own folder."""

    def __init__(self, folder: Path, project: Path = ROOT) -> None:
        self.root = folder
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=project,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (project / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(project / name, folder / name)

    def try_tests(
        self, tests: Sequence[str], patience: float, fault: Fault | None = None
    ) -> tuple[Outcome, float]:
        """Run the tests until one fails, with the fault planted; return its outcome and the seconds."""
        started = time.monotonic()
        if fault is None:
            return self._run(tests, patience), time.monotonic() - started
        path = self.root / fault.path
        times = path.stat()
        path.write_text(fault.planted, encoding="utf-8")
        try:
            return self._run(tests, patience, keep=False), time.monotonic() - started
        finally:
            path.write_text(fault.source, encoding="utf-8")
            # The same time as before: Python's compiled copy of it is valid again.
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def _run(self, tests: Sequence[str], patience: float, *, keep: bool = True) -> Outcome:
        process = _server().Process(target=_run_tests, args=(self.root, list(tests), keep))
        process.start()
        process.join(patience)
        if process.exitcode is None:
            os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()
            return Outcome.TIMEOUT
        return Outcome.KILLED if process.exitcode else Outcome.SURVIVED


def _server() -> Any:
    """Return the server that starts processes with the libraries already imported."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_READ_ONCE)
    return server


def _run_tests(root: Path, tests: list[str], keep: bool) -> None:
    """Be the test process: silent, in the copy, and in its own process group."""
    os.setsid()
    os.chdir(root)
    # Takes precedence over the installed package, in this process and in those that it starts.
    sys.path[:0] = [str(root / "runner"), str(root)]
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    if not keep:
        sys.dont_write_bytecode = True
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with (root / "pytest.log").open("w") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    import pytest

    code = pytest.main(["-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests])
    # Threads that a test left running must not keep the process alive.
    os._exit(int(code))
