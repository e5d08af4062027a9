"""What the suites share: the installed command, and a demonstration built once."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.built_once import built_once
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

    def build(home: Path) -> Ran:
        options = ("--days", "20", "--jobs", "1500", "--seed", "7")
        ran = run_command(("demo", "--dir", home, *options), home.with_name("nobody"))
        assert ran.code == 0, ran.err
        return ran

    home, built_in, ran = built_once(tmp_path_factory, "demo", build)
    return Demo(home, ran, built_in)


@pytest.fixture
def own_demo(demo: Demo, tmp_path: Path) -> Demo:
    """A copy of the demonstration, to be changed at will."""
    home = tmp_path / "own demo"
    shutil.copytree(demo.home, home)
    return Demo(home, demo.ran, demo.built_in)
