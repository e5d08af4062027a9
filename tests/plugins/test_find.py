"""Which plug-ins there are, and what is said of those that cannot be."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from autostats.home import Home
from autostats.plugins.find import find_plugins


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def folder(home: Home, name: str, project: str | None = None) -> Path:
    made = home.plugins / name
    made.mkdir(parents=True)
    (made / "model.sql").write_text("select 1 as one")
    if project is not None:
        (made / "dbt_project.yml").write_text(project)
    return made


def errors(home: Home) -> dict[str, str | None]:
    return {plugin.name: plugin.error for plugin in find_plugins(home)}


def test_without_a_folder_there_are_none(home: Home) -> None:
    assert find_plugins(home) == []
    home.plugins.mkdir(parents=True)
    (home.plugins / "README.md").write_text("not a folder")
    folder(home, ".git")
    folder(home, "_draft")
    assert find_plugins(home) == []


def test_folders_by_name_with_the_name_in_their_project(home: Home) -> None:
    folder(home, "b_plugin")
    other = folder(home, "a-clone", "name: site_statistics\nversion: 1.0.0\n")
    assert errors(home) == {"b_plugin": None, "site_statistics": None}
    assert [plugin.folder for plugin in find_plugins(home)][1] == other


@pytest.mark.parametrize(
    ("name", "project", "said"),
    [
        ("autostats", None, "'autostats' cannot be its name"),
        ("Upper", None, "'Upper' cannot be its name"),
        ("two words", None, "'two words' cannot be its name"),
        ("x", "name: [1]", "cannot be its name"),
        ("x", "name: x\non-run-end: select 1", "has on-run-end, which would run with every build"),
        ("x", "name: {", "cannot be read"),
    ],
)
def test_what_cannot_be_a_plugin(home: Home, name: str, project: str | None, said: str) -> None:
    folder(home, name, project)
    [error] = errors(home).values()
    assert error is not None
    assert said in error


def test_a_folder_without_models(home: Home) -> None:
    (home.plugins / "empty").mkdir(parents=True)
    assert errors(home) == {"empty": "There is no model in its folder."}


def test_of_two_with_one_name_the_first_counts(home: Home) -> None:
    first, second = folder(home, "a", "name: same"), folder(home, "b", "name: same")
    assert errors(home) == {"same": None, f"same ({second})": f"{first} has the name same already."}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A distribution that names its package and another that does not exist as plug-ins."""
    site = tmp_path / "site"
    package = site / "our_statistics" / "night_work"
    package.mkdir(parents=True)
    (package / "night_jobs.sql").write_text("select 1 as one")
    info = site / "our_statistics-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-statistics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[autostats.plugins]\nnight_work = our_statistics.night_work\ngone = no_such_package.models\n"
    )
    monkeypatch.syspath_prepend(str(site))
    yield package
    for name in [name for name in sys.modules if name.startswith("our_statistics")]:
        del sys.modules[name]


def test_installed_packages_count_without_their_code_being_run(home: Home, installed: Path) -> None:
    # Finding it would run the code of the package around it, as every import does, and not its own.
    (installed / "__init__.py").write_text("raise SystemExit('imported')")
    found = {plugin.name: plugin for plugin in find_plugins(home)}
    assert found["night_work"].folder == installed
    assert found["night_work"].error is None
    assert "no_such_package" in (found["gone"].error or "")
    folder(home, "night_work")
    assert errors(home)["night_work"] is None
    assert f"night_work ({installed})" in errors(home)
