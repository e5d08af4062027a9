"""What the suites share: the installed command, and a demonstration built once."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.installed import Autostats, Demo, Ran, run_command


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


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A small demonstration, built once by the installed command. Only to be read: see `own_demo`."""
    folder = tmp_path_factory.mktemp("demo")
    home = folder / "home"
    ran = run_command(
        ("demo", "--dir", home, "--days", "20", "--jobs", "1500", "--seed", "7"), folder / "nobody"
    )
    assert ran.code == 0, ran.err
    return Demo(home, ran, built_in=home)


@pytest.fixture
def own_demo(demo: Demo, tmp_path: Path) -> Demo:
    """A copy of the demonstration, to be changed at will."""
    home = tmp_path / "own demo"
    shutil.copytree(demo.home, home)
    return Demo(home, demo.ran, built_in=demo.home)
