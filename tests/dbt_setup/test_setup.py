"""What a command works with: found once, when it is asked for, and without a secret to show."""

from pathlib import Path

import pytest
from autostats.configuration.build import Build, write_build
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.home import Home

URL = "mysql://reader:s3cret@db/x"
SERVER = "autostats: {target: site, outputs: {site: {type: postgres, host: h, user: u, dbname: d}}}"


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_a_report_reads_no_profile_and_writes_none(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert Setup(home, environment={}).server is None
    assert not home.root.exists()


def test_each_part_is_found_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    setup = Setup(home, environment={"AUTOSTATS_SOURCE_URL": "sqlite:///x"})
    assert (setup.target.name, setup.target_name, setup.source.kind) == ("duckdb", None, "sqlite")
    write_build(home, Build("postgres"))
    assert (setup.target.name, setup.target_name) == ("duckdb", None)
    assert Setup(home, environment={}).target_name == "postgres"


def test_no_secret_is_in_the_repr(tmp_path: Path) -> None:
    setup = Setup(Home(tmp_path), vars_option="{max_gap: 7}", environment={"AUTOSTATS_SOURCE_URL": URL})
    assert setup.source.password == "s3cret"
    assert "s3cret" not in repr(setup)


def test_the_vars_of_the_command_line_are_settings(tmp_path: Path) -> None:
    setup = Setup(Home(tmp_path), vars_option="{max_gap: 7, as_of: '2020-02-12'}", environment={})
    assert setup.configuration["vars.max_gap"].value == 7
    assert setup.given_variables["as_of"] == "2020-02-12"
    with pytest.raises(UsageError, match="there is no var named max_gab"):
        _ = Setup(Home(tmp_path), vars_option="{max_gab: 7}", environment={}).configuration


def test_a_project_of_ones_own_may_have_another_default(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "dbt_project.yml").write_text("name: autostats")
    (project / "profiles.example.yml").write_text(SERVER)
    home = Home(tmp_path / "home")
    for setup in (
        Setup(home, project_option=project, environment={}),
        Setup(home, environment={"DBT_PROJECT_DIR": str(project)}),
    ):
        assert setup.server is not None
        assert setup.source == setup.server.source


def test_the_packaged_profile_is_copied_where_it_differs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    profile = Setup(home, "mysql", environment={}).profiles_dir / "profiles.yml"
    written = profile.stat().st_mtime_ns
    assert Setup(home, "mysql", environment={}).profiles_dir == home.profiles
    assert profile.stat().st_mtime_ns == written
    profile.write_text("autostats: {}")
    assert Setup(home, "mysql", environment={}).target.adapter == "mysql"
