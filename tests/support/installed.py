"""The installed command, run as a user who has not set anything up."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from support.anyday.moments import HANDED_ON, SHIFT

COMMAND = Path(sys.executable).with_name("autostats")
# What a process needs to start at all; none of the developer's own settings.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "OPENBLAS_CORETYPE")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Autostats = Callable[..., Ran]


def bare_environment(user_home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a user who has not set anything up, plus `extra`."""
    user_home.mkdir(parents=True, exist_ok=True)
    kept = (*_KEPT, *HANDED_ON) if SHIFT in os.environ else _KEPT
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {"HOME": str(user_home), "LANG": "C.UTF-8"} | dict(extra or {})


def run_command(
    arguments: tuple[str | Path, ...],
    user_home: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = 180,
) -> Ran:
    """Run the installed `autostats` and return how it ended."""
    done = subprocess.run(
        [str(COMMAND), *map(str, arguments)],
        env=bare_environment(user_home, env),
        cwd=cwd or user_home,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Demo:
    """A demonstration: its home, its source, the environment that names it, and the output of building it."""

    home: Path
    ran: Ran
    built_in: Path

    @property
    def source(self) -> Path:
        return self.home / "source.sqlite"

    @property
    def env(self) -> dict[str, str]:
        return {
            "AUTOSTATS_SOURCE_URL": f"sqlite:///{quote(str(self.source))}",
            "AUTOSTATS_DB_USERDB": f"sqlite:///{quote(str(self.home / 'userdb.sqlite'))}",
        }


def hear_ctrl_c() -> None:
    """As a child's `preexec_fn`, let SIGINT interrupt it: tests in the background ignore the signal."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def interrupted_run(demo: Demo, user_home: Path, seconds: float, refresh: bool) -> int:
    """Send Ctrl-C to a run `seconds` after it took the lock; return its exit code."""
    running = subprocess.Popen(
        [str(COMMAND), "run", "--home", str(demo.home), *(["--full-refresh"] if refresh else [])],
        env=bare_environment(user_home, demo.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    )
    holder = demo.home / "autostats.lock.holder"
    while not holder.exists() and running.poll() is None:
        time.sleep(0.01)
    time.sleep(seconds)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert "Traceback" not in err
    assert running.returncode != 130 or "interrupted" in err
    return running.returncode
