"""A source named by a relative path: `init` keeps where it is, and a run reads it from the current folder."""

import tomllib
from pathlib import Path
from urllib.parse import quote

import pytest
from autostats.demo import generate
from support.extent import long_only
from support.installed import run_command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "a folder"
    folder.mkdir()
    generate(folder / "source.sqlite", kind="sqlite", jobs=50, days=2)
    return folder


def test_init_writes_an_absolute_url(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"

    ran = run_command(
        ("init", "--home", home, "--source-url", "sqlite:///source.sqlite"), tmp_path, cwd=folder
    )

    assert ran.code == 0, ran.err
    written = tomllib.loads((home / "autostats.toml").read_text(encoding="utf-8"))
    assert written["source_url"] == f"sqlite:///{quote(str(folder / 'source.sqlite'))}"
    assert "OK" in run_command(("doctor", "--home", home), tmp_path).out.upper()


@pytest.mark.slow
@long_only
def test_a_run_reads_it_from_the_current_folder(folder: Path, tmp_path: Path) -> None:
    env = {"AUTOSTATS_SOURCE_URL": "sqlite:///source.sqlite"}

    ran = run_command(("run", "--home", tmp_path / "home"), tmp_path, env, cwd=folder)

    assert ran.code == 0, ran.err
