"""What the suites share: the installed command in an empty environment, and a demonstration built once."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

COMMAND = Path(sys.executable).with_name("autostats")
# What a process needs to start at all; nothing of the developer's own settings.
_KEPT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "OPENBLAS_CORETYPE")


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


Autostats = Callable[..., Ran]


def bare_environment(user_home: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a user who has set up nothing, plus `extra`."""
    user_home.mkdir(parents=True, exist_ok=True)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
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


@pytest.fixture
def autostats(tmp_path: Path) -> Autostats:
    """Run the installed command as a user whose home folder is empty, from there unless `cwd` is given."""

    def run(
        *arguments: str | Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 180,
    ) -> Ran:
        return run_command(arguments, tmp_path / "nobody", env, cwd, timeout)

    return run


@dataclass(frozen=True)
class Demo:
    """A demonstration: its home, its source, the environment that names it, what building it printed."""

    home: Path
    ran: Ran

    @property
    def source(self) -> Path:
        return self.home / "source.sqlite"

    @property
    def env(self) -> dict[str, str]:
        return {"AUTOSTATS_SOURCE_URL": f"sqlite://{quote(str(self.source))}"}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demonstration, built once by the installed command. Only to be read: see `own_demo`."""
    folder = tmp_path_factory.mktemp("demo")
    home = folder / "home"
    ran = run_command(
        ("demo", "--dir", home, "--days", "20", "--jobs", "1500", "--seed", "7"), folder / "nobody"
    )
    assert ran.code == 0, ran.err
    return Demo(home, ran)


@pytest.fixture
def own_demo(demo: Demo, tmp_path: Path) -> Demo:
    """A copy of the demonstration, to be changed at will."""
    home = tmp_path / "own demo"
    shutil.copytree(demo.home, home)
    return Demo(home, demo.ran)
