"""Statistics that an earlier version made are brought forward; those of a later one are left alone."""

import sqlite3
from pathlib import Path

import pytest
from autostats.installation import upgrade_advice
from support.dbt_project import Row, select, statistics
from support.installed import run_command
from support.reliability.night import MARTS, MORNING, Night, state_of

pytestmark = pytest.mark.slow


def _forget(source: Path, how_many: int) -> list[int]:
    """Delete the oldest jobs at the source, as a clean-up there would; return their ids."""
    with sqlite3.connect(source) as connection:
        found = connection.execute(
            f"select id from reduction_viewer_reductionrun order by id limit {how_many}"
        ).fetchall()
        ids = [row[0] for row in found]
        listed = ", ".join(map(str, ids))
        connection.execute(f"delete from reduction_viewer_runnumber where reduction_run_id in ({listed})")
        connection.execute(f"delete from reduction_viewer_reductionrun where id in ({listed})")
    connection.close()
    return ids


def _jobs(home: Path, ids: list[int]) -> list[Row]:
    rows = select(home, f"from fct_jobs where job_id in ({', '.join(map(str, ids))}) order by job_id")
    return [{name: value for name, value in row.items() if "load" not in name} for row in rows]


def test_an_earlier_database_is_brought_forward_with_its_history(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    source = tmp_path / "source.sqlite"
    source.write_bytes(night.source.read_bytes())
    env = night.env | {"AUTOSTATS_SOURCE_URL": f"sqlite:///{source}"}
    ids = _forget(source, 30)
    kept = _jobs(home, ids)
    with statistics(home) as connection:
        # What the first version of a database lacks: a column that came later, and today's stamp.
        connection.execute("alter table int_job_versions drop column is_flagged_batch")
        connection.execute("update dim_settings set schema_version = 0, autostats_version = '0.0.1'")
    told = run_command(("report", "--home", home), night.folder / "nobody")
    assert told.code == 2
    assert "older autostats (0.0.1" in told.err
    ran = run_command(("run", "--home", home, "--as-of", str(MORNING)), night.folder / "nobody", env)
    assert ran.code == 0, ran.err
    assert "Rebuilding all statistics: they were built by an older version of autostats (0.0.1)" in ran.err
    assert len(kept) == len(ids)
    assert _jobs(home, ids) == kept
    # Every number is as if nothing had been lost, but for the settings that name the versions.
    found = state_of(home)
    assert [mart for mart in MARTS if found[mart] != night.after[mart]] == []
    assert run_command(("report", "--home", home), night.folder / "nobody").code == 0


def test_a_later_database_is_left_alone(night: Night, tmp_path: Path) -> None:
    home = night.home(tmp_path / "home")
    with statistics(home) as connection:
        connection.execute("update dim_settings set schema_version = 99, autostats_version = '9.9'")
    before = (home / "autostats.duckdb").read_bytes()
    for command in (
        night.arguments(home),
        night.arguments(home, "--full-refresh"),
        ("report", "--home", home),
    ):
        ran = run_command(tuple(command), night.folder / "nobody", night.env)
        assert (ran.code, ran.out) == (2, "")
        assert "newer" in ran.err
        assert upgrade_advice() in ran.err
    assert (home / "autostats.duckdb").read_bytes() == before
