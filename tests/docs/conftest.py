"""The facility of the documentation: a demonstration at a fixed moment, so that examples stay correct."""

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from autostats.demo import generate
from support.built_once import built_once
from support.documentation import NOW, PAGES
from support.installed import Ran, run_command

ROOT = Path(__file__).parents[2]
PROJECT = (
    "dbt_project.yml",
    "profiles.example.yml",
    "models",
    "macros",
    "seeds",
    "tests/singular",
)
# A file that the pages' commands read: ```csv polls.csv
FILE = re.compile(r"```(?:csv|yaml) ([\w-]+\.(?:csv|yml))\n(.*?)```", re.DOTALL)

Shell = Callable[..., Ran]


def _write_files(folder: Path) -> None:
    """Write the files that the pages show."""
    for page in PAGES:
        for name, text in FILE.findall(page.read_text(encoding="utf-8")):
            (folder / name).write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def facility(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home of the documentation's statistics, with its source beside them as `source.sqlite`."""

    def build(home: Path) -> Ran:
        home.mkdir()
        source = home / "source.sqlite"
        generate(source, now=NOW, until=NOW.date())
        _write_files(home)
        files = ("--polls", home / "polls.csv", "--hours", home / "hours.csv")
        for command in (("availability", "import", *files), ("run", "--as-of", NOW.isoformat(" "))):
            ran = run_command(
                (*command, "--home", home),
                home / "nobody",
                {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}"},
            )
            assert ran.code == 0, ran.err
        return ran

    return built_once(tmp_path_factory, "facility", build)[0]


@pytest.fixture
def environment(facility: Path) -> dict[str, str]:
    """Return the variables that name the facility."""
    return {
        "AUTOSTATS_HOME": str(facility),
        "AUTOSTATS_SOURCE_URL": f"sqlite:///{facility / 'source.sqlite'}",
        # Never called: the pages only show what it would get.
        "AUTOSTATS_NOTIFY_URLS": "json://hooks.facility.example/?format=markdown",
        "COLUMNS": "80",
    }


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with a copy of the dbt project, as in a clone."""
    folder = tmp_path / "checkout"
    for part in PROJECT:
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part)
        else:
            shutil.copy2(ROOT / part, folder / part)
    _write_files(folder)
    return folder


@pytest.fixture(scope="session")
def rewrites() -> bool:
    """Return whether to update the pages (AUTOSTATS_UPDATE_DOCS=1) instead of checking them."""
    return os.environ.get("AUTOSTATS_UPDATE_DOCS") == "1"
