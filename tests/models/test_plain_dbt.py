"""dbt without the runner, as its own command: a cron line, a copied profile, an empty home."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.dbt_project import ROOT, DbtProject, select
from support.observations import sqlite

DBT = Path(sys.executable).with_name("dbt")


def test_a_stale_source_is_told(project: DbtProject, wish_home: Path, wish_source: Path) -> None:
    """The jobs of the fixture are years old; `created` is read of the newest thousand alone."""
    results = project.invoke("source freshness", home=wish_home, source=wish_source)
    states = {result.node.name: result.status.value for result in results.results}
    assert states["reduction_viewer_reductionrun"] == "warn"


def plain_dbt(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run dbt as somebody who copied the profile and set nothing but what `environment` says."""
    (folder / "profiles.yml").write_text((ROOT / "profiles.example.yml").read_text(), encoding="utf-8")
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    return subprocess.run(
        [
            *(str(DBT), *arguments, "--project-dir", str(ROOT), "--profiles-dir", str(folder)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env={**kept, "HOME": str(folder), **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_cron_line(wish_source: Path, tmp_path: Path) -> None:
    """Twice: the first load, and a night after it; with every test, and no deprecated use of dbt."""
    home = tmp_path / "home"
    home.mkdir()
    environment = {"AUTOSTATS_HOME": str(home), "AUTOSTATS_SOURCE_URL": f"sqlite:///{wish_source}"}
    for _ in range(2):
        done = plain_dbt(tmp_path, "--warn-error", "build", "--show-all-deprecations", **environment)
        assert done.returncode == 0, done.stdout
    jobs = select(home, "select sum(jobs_total) as jobs from fct_instrument_daily")
    assert jobs == [{"jobs": 9}]
    assert select(home, "select load_number from dim_settings") == [{"load_number": 1}]


@pytest.mark.slow
def test_no_source_is_said_so(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    done = plain_dbt(tmp_path, "build", AUTOSTATS_HOME=str(home))
    assert done.returncode != 0
    assert "AUTOSTATS_SOURCE_URL" in done.stdout
    assert "autostats demo" in done.stdout


@pytest.mark.slow
def test_observations_that_cannot_be_read_are_said_so(wish_source: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    sqlite(home / "observations.sqlite", "pragma user_version = 99")
    url = f"sqlite:///{wish_source}"
    done = plain_dbt(tmp_path, "build", AUTOSTATS_HOME=str(home), AUTOSTATS_SOURCE_URL=url)
    assert done.returncode != 0
    assert "were written by a newer autostats (version 99)" in done.stdout
