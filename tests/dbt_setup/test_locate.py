"""Which project, profile and target a run uses."""

from pathlib import Path

import pytest
from autostats.configuration.build import Build, write_build
from autostats.dbt_setup.locate import (
    find_profiles_dir,
    find_project_dir,
    find_target,
    named_project_variables,
    packaged_profiles_dir,
    with_own_seeds,
)
from autostats.errors import UsageError
from autostats.home import Home

PROJECT = find_project_dir(None, {})
OURS = "autostats: {target: duckdb, outputs: {duckdb: {type: duckdb}, server: {type: postgres}}}"
ANOTHER = "shop: {target: dev, outputs: {dev: {type: duckdb}}}"


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, as a user whose home is empty."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))


def _profiles(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "profiles.yml").write_text(text)
    return folder


def test_the_project_comes_with_the_package() -> None:
    assert (PROJECT / "models").is_dir()
    assert find_project_dir(PROJECT, {"DBT_PROJECT_DIR": "/nowhere"}) == PROJECT
    with pytest.raises(UsageError, match="/nowhere"):
        find_project_dir(None, {"DBT_PROJECT_DIR": "/nowhere"})


def test_without_a_profile_the_packaged_one_serves(tmp_path: Path) -> None:
    found = find_profiles_dir(Home(tmp_path / "home"), PROJECT, None, {})
    assert found == tmp_path / "home" / "profiles"
    assert find_target(found).adapter == "duckdb"


def test_a_profile_is_looked_for_where_dbt_looks(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    dbt = _profiles(tmp_path / "nobody" / ".dbt", OURS)
    assert find_profiles_dir(home, PROJECT, None, {}) == dbt
    here = _profiles(tmp_path / "cwd", OURS)
    assert find_profiles_dir(home, PROJECT, None, {}) == here
    named = _profiles(tmp_path / "named", OURS)
    assert find_profiles_dir(home, PROJECT, None, {"DBT_PROFILES_DIR": str(named)}) == named
    assert find_profiles_dir(home, PROJECT, dbt, {"DBT_PROFILES_DIR": str(named)}) == dbt


def test_the_profile_of_another_project_is_passed_over(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    _profiles(tmp_path / "cwd", ANOTHER)
    _profiles(tmp_path / "nobody" / ".dbt", ANOTHER)
    assert find_profiles_dir(home, PROJECT, None, {}) == packaged_profiles_dir(home, PROJECT)
    with pytest.raises(UsageError, match=r"no profiles\.yml with a profile named autostats"):
        find_profiles_dir(home, PROJECT, tmp_path / "cwd", {})


def test_a_profile_that_is_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        find_profiles_dir(Home(tmp_path), PROJECT, _profiles(tmp_path / "bad", "a: [b"), {})


def test_the_target(tmp_path: Path) -> None:
    folder = _profiles(tmp_path / "p", OURS)
    assert find_target(folder).name == "duckdb"
    assert find_target(folder, "server").adapter == "postgres"
    with pytest.raises(UsageError, match="no target 'x'") as caught:
        find_target(folder, "x")
    assert caught.value.remedy == "Its targets are duckdb, server."


def test_own_seeds_make_a_copy_of_the_project(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert with_own_seeds(home, PROJECT, home.root / "project") == PROJECT
    (home.root / "seeds").mkdir(parents=True)
    own = home.root / "seeds" / "ignored_runs.csv"
    own.write_text("instrument,first_run_number,last_run_number,reason\nWISH,1,2,test\n")
    for _ in range(2):
        copy = with_own_seeds(home, PROJECT, home.root / "project")
        assert copy == home.root / "project"
        assert (copy / "seeds" / "ignored_runs.csv").read_text() == own.read_text()
        assert (copy / "seeds" / "beam_cycles.csv").exists()
        assert {path.name for path in (copy / "tests").iterdir()} == {"singular"}
    (home.root / "seeds" / "beam_cycle.csv").write_text("")
    with pytest.raises(UsageError, match=r"beam_cycle\.csv is not a seed") as caught:
        with_own_seeds(home, PROJECT, home.root / "project")
    assert "beam_cycles.csv" in caught.value.remedy


def test_the_vars_of_a_project_count_only_when_it_was_named(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("vars: {max_gap: 7}")
    assert named_project_variables(None, {}) == {}
    assert named_project_variables(tmp_path, {}) == {"max_gap": 7}
    assert named_project_variables(None, {"DBT_PROJECT_DIR": str(tmp_path)}) == {"max_gap": 7}


def test_the_profile_that_was_named_goes_on(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    named = _profiles(tmp_path / "named", OURS)
    _profiles(tmp_path / "cwd", OURS)
    write_build(home, Build("server", named))
    assert find_profiles_dir(home, PROJECT, None, {}) == named
    (named / "profiles.yml").unlink()
    assert find_profiles_dir(home, PROJECT, None, {}) == tmp_path / "cwd"
    write_build(home, Build("duckdb", home.profiles))
    assert find_profiles_dir(home, PROJECT, None, {}) == home.profiles
