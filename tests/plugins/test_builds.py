"""Plug-ins in a real installation: built, published, broken, mended, taken away, installed, by plain dbt."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from support.documentation import ROOT, plugin_files, write_plugins
from support.extent import some
from support.installed import Autostats, Demo, bare_environment

PAGE = ROOT / "docs" / "plugins.md"
DESCRIBED = """
version: 2
models:
  - name: {name}
    meta:
      autostats:
        statistic:
          {{summary: x, bucket: day, time_column: day, dimensions: [instrument], measures: [jobs_total]}}
    columns:
      - {{name: jobs_total, description: Jobs., tests: [{{accepted_values: {{values: [-1]}}}}]}}
"""
DAILY = "select day, instrument, {column} as jobs_total from {{{{ ref('fct_instrument_daily') }}}}"
# By plug-in: its model, its SQL, its YAML, and what is said of it.
BROKEN = {
    "bad_sql": ("a_model", DAILY.format(column="jobs_totl"), DESCRIBED, 'column "jobs_totl" not found'),
    "bad_yaml": ("b_model", DAILY.format(column="jobs_total"), "models: [\n", "Syntax error near line"),
    "bad_ref": ("c_model", "select * from {{ ref('nowhere') }}", DESCRIBED, "node named 'nowhere'"),
    "bad_jinja": ("d_model", "select 1 {% if %}", DESCRIBED, "Expected an expression"),
    "taken": ("fct_jobs", "select 1 as day", DESCRIBED, "fct_jobs"),
    "failing": (
        "e_model",
        DAILY.format(column="jobs_total"),
        DESCRIBED,
        "accepted_values_e_model_jobs_total",
    ),
    "endless": ("f_model", "select 1 as day", "models: []", "None of its models has"),
}


def some_broken() -> dict[str, tuple[str, str, str, str]]:
    names = some(list(BROKEN), 3)
    return {name: BROKEN[name] for name in names}


def broken(home: Path) -> None:
    for plugin, (model, sql, described, _) in some_broken().items():
        folder = home / "plugins" / plugin / "models"
        folder.mkdir(parents=True)
        (folder / f"{model}.sql").write_text(sql.replace("{{{{", "{{").replace("}}}}", "}}"))
        (folder / f"{model}.yml").write_text(
            described.format(name=model) if "{name}" in described else described
        )


def at_night(demo: Demo) -> dict[tuple[str, str], tuple[int, int]]:
    """Recount the jobs, and those created before six o'clock UTC, by local day and instrument."""
    import sqlite3

    query = (
        "select coalesce(instrument.name, 'unknown'), created from reduction_viewer_reductionrun as job"
        " left join reduction_viewer_instrument as instrument on job.instrument_id = instrument.id"
    )
    total: Counter[tuple[str, str]] = Counter()
    night: Counter[tuple[str, str]] = Counter()
    with sqlite3.connect(demo.source) as connection:
        for instrument, created in connection.execute(query):
            moment = datetime.fromisoformat(created).replace(tzinfo=UTC)
            cell = (str(moment.astimezone(ZoneInfo("Europe/London")).date()), instrument)
            total[cell] += 1
            night[cell] += moment.hour < 6
    return {cell: (jobs, night[cell]) for cell, jobs in total.items()}


def marts(home: Path) -> dict[str, str]:
    """Return a digest of each table, without what tells builds apart."""
    with duckdb.connect(str(home / "autostats.duckdb"), read_only=True) as connection:
        connection.execute("use autostats.autostats")
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'autostats'"
            ).fetchall()
            if not name.startswith(("int_", "dim_settings", "fct_load", "dim_catalogue", "dim_statistics"))
        ]
        return {
            table: hashlib.sha256(repr(sorted(map(repr, rows(connection, table)))).encode()).hexdigest()
            for table in tables
        }


def rows(connection: duckdb.DuckDBPyConnection, table: str) -> list[Any]:
    shown = f"select columns(c -> c not in ('load_number', 'loaded_at')) from {table}"
    return connection.execute(shown).fetchall()


def listed(autostats: Autostats, demo: Demo) -> dict[str, Any]:
    ran = autostats("stats", "list", "--home", demo.home, "--format", "json")
    assert ran.code == 0, ran.err
    return {row["ident"]: row for row in json.loads(ran.out)["statistics"]}


def shown(autostats: Autostats, demo: Demo, ident: str) -> list[dict[str, Any]]:
    ran = autostats("stats", "show", ident, "--home", demo.home, "--format", "json")
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["rows"]
    return found


@pytest.mark.slow
def test_from_the_worked_example_to_its_end(autostats: Autostats, own_demo: Demo, tmp_path: Path) -> None:
    home = own_demo.home
    with duckdb.connect(str(home / "autostats.duckdb"), read_only=True) as connection:
        [(as_of,)] = connection.execute("select as_of from autostats.autostats.dim_settings").fetchall()

    def run(code: int = 0, **more: str) -> str:
        moment = f"{as_of:%Y-%m-%d %H:%M:%S}"
        env = {**own_demo.env, **more}
        ran = autostats("run", "--quiet", "--home", home, "--as-of", moment, env=env)
        assert ran.code == code, ran.err
        return ran.err

    # The worked example, word for word: back-filled, and right.
    write_plugins(home, PAGE)
    run()
    before = marts(home)
    expected = at_night(own_demo)
    found = {
        (row["day"], row["instrument"]): (row["jobs_total"], row["jobs_at_night"])
        for row in shown(autostats, own_demo, "night-jobs-1d")
    }
    assert found == expected
    statistic = listed(autostats, own_demo)["night-jobs-1d"]
    assert (statistic["plugin"], statistic["state"]) == ("night_work", "ok")
    site = autostats("docs", "--home", home, "--output", tmp_path / "site.html", env=own_demo.env)
    assert site.code == 0, site.err
    assert "model.night_work.night_jobs" in (tmp_path / "site.html").read_text(encoding="utf-8")
    # Plain dbt builds what the run left, and `stats publish` shows it.
    dbt = Path(sys.executable).with_name("dbt")
    built = subprocess.run(
        [str(dbt), "build", "--profiles-dir", "../profiles", "--select", "night_work"],
        cwd=home / "project",
        env=bare_environment(tmp_path / "nobody", {**own_demo.env, "AUTOSTATS_HOME": str(home)}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout
    assert autostats("stats", "publish", "--home", home, env=own_demo.env).code == 0

    # Broken ones change nothing of anything else.
    broken(home)
    model = home / "plugins" / "night_work" / "night_jobs.sql"
    sound = model.read_text()
    model.write_text(sound.replace("sum(jobs_total) as jobs_total", "error(instrument) as jobs_total"))
    said = run(code=3)
    now = listed(autostats, own_demo)
    for plugin, (_, _, _, why) in some_broken().items():
        assert why in now[plugin]["error"], plugin
        assert plugin in said
    assert now["night-jobs-1d"]["state"] == "failed"
    assert len(shown(autostats, own_demo, "night-jobs-1d")) == len(expected)
    after = marts(home)
    assert {table: after[table] for table in before if table != "night_jobs"} == {
        table: digest for table, digest in before.items() if table != "night_jobs"
    }
    checks = autostats("doctor", "--quiet", "--home", home, env=own_demo.env)
    assert all(f"Plug-in {plugin}" in checks.out for plugin in now if plugin in BROKEN), checks.out

    # Mended as an installed package, and taken away.
    shutil.rmtree(home / "plugins")
    package = tmp_path / "site-packages" / "our_statistics" / "night_work"
    package.mkdir(parents=True)
    (package / "night_jobs.sql").write_text(sound)
    described = plugin_files(PAGE)["plugins/night_work/night_jobs.yml"]
    (package / "night_jobs.yml").write_text(described)
    info = tmp_path / "site-packages" / "our_statistics-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: our-statistics\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[autostats.plugins]\nnight_work = our_statistics.night_work\n")
    run(PYTHONPATH=str(tmp_path / "site-packages"))
    statistic = listed(autostats, own_demo)["night-jobs-1d"]
    assert (statistic["plugin"], statistic["state"], statistic["error"]) == ("night_work", "ok", None)
    run()
    assert "night-jobs-1d" not in listed(autostats, own_demo)
