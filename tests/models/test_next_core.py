"""The project under dbt-core 1.12: two loads with every test, and nothing that is deprecated."""

import os
import subprocess
from pathlib import Path

import pytest
from support.dbt_project import ROOT, select
from support.engines import python_with

pytestmark = pytest.mark.slow


def test_the_next_core_builds_the_same(wish_source: Path, tmp_path: Path) -> None:
    dbt = python_with("dbt-core 1.12", "next", "next").with_name("dbt")
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "profiles.yml").write_text((ROOT / "profiles.example.yml").read_text(), encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    places = {
        "HOME": str(tmp_path),
        "AUTOSTATS_HOME": str(home),
        "AUTOSTATS_SOURCE_URL": f"sqlite:///{wish_source}",
    }
    for unit_tests in ([], ["--exclude-resource-type", "unit_test"]):
        done = subprocess.run(
            [
                *(dbt, "--warn-error", "build", "--show-all-deprecations", "--no-send-anonymous-usage-stats"),
                *("--project-dir", ROOT, "--profiles-dir", tmp_path),
                *("--target-path", tmp_path / "target", "--log-path", tmp_path / "logs"),
                *unit_tests,
            ],
            env=kept | places,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert "Running with dbt=1.12." in done.stdout
    assert select(home, "select sum(jobs_total) as jobs from fct_instrument_daily") == [{"jobs": 9}]
    assert select(home, "select has_passed_tests from dim_settings") == [{"has_passed_tests": True}]
