"""The project describes itself: every model, column, macro and argument, and the docs site builds."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.dbt_project import ROOT, DbtProject, select

# These may hold as many rows as there are jobs: their tests look at the newest load alone.
LARGE = {
    "int_job_versions",
    "int_known_runs",
    "int_failure_streaks",
    "fct_jobs",
    "fct_run_daily",
    "fct_load_days",
    "fct_instrument_hourly",
    "fct_job_volume_daily",
    "int_table_checks",
    "fct_table_checks",
    "fct_table_freshness_daily",
}


def ours(nodes: dict[str, Any], *kinds: str) -> list[Any]:
    return [
        node for node in nodes.values() if node.package_name == "autostats" and node.resource_type in kinds
    ]


def test_no_deprecation_and_no_warning(project: DbtProject) -> None:
    """Of the parse, which is where dbt looks for them."""
    assert project.parse_events
    bad = [event for event in project.parse_events if event.info.level in ("warn", "error")]
    assert [event.info.msg for event in bad] == []


def test_every_model_and_column_is_described(project: DbtProject) -> None:
    manifest = project.manifest
    nodes = ours(manifest.nodes, "model", "seed")
    assert len(nodes) >= 22
    described = [*nodes, *ours(manifest.sources, "source"), *ours(manifest.exposures, "exposure")]
    lacking = [node.unique_id for node in described if not node.description]
    for node in [*nodes, *ours(manifest.sources, "source")]:
        lacking += [f"{node.name}.{name}" for name, column in node.columns.items() if not column.description]
    for node in nodes:
        lacking += [
            f"{node.name}.{name}: type" for name, column in node.columns.items() if not column.data_type
        ]
    assert lacking == []


def test_every_macro_and_argument_is_described(project: DbtProject) -> None:
    """In macros/_macros.yml; what a macro is on one database, `duckdb__...`, needs no words of its own."""
    lacking = []
    for macro in ours(project.manifest.macros, "macro"):
        if "__" in macro.name or macro.name.startswith("materialization_"):
            continue
        name = macro.name.removeprefix("test_")
        (declared,) = re.findall(rf"(?:macro|test) {name}\(([^)]*)\)", macro.macro_sql)
        names = [part.split("=")[0].strip() for part in declared.split(",") if part.strip()]
        described = [argument.name for argument in macro.arguments if argument.description]
        if not macro.description or described != names:
            lacking.append(macro.name)
    assert lacking == []


@pytest.mark.slow
def test_the_described_columns_are_those_that_are_built(project: DbtProject, wish_home: Path) -> None:
    built = select(
        wish_home,
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'autostats'",
    )
    tables: dict[str, list[str]] = {}
    for row in built:
        tables.setdefault(row["table_name"], []).append(row["column_name"])
    nodes = ours(project.manifest.nodes, "model", "seed")
    assert {node.name: sorted(node.columns) for node in nodes} == {
        name: sorted(columns) for name, columns in tables.items()
    }
    spelling = {"double": "double precision"}
    types = {(row["table_name"], row["column_name"]): row["data_type"].lower() for row in built}
    wrong = [
        f"{node.name}.{name}"
        for node in nodes
        for name, column in node.columns.items()
        if re.sub(r"\(.*", "", column.data_type)
        != spelling.get(types[node.name, name], types[node.name, name])
    ]
    assert wrong == []


def test_marts_are_public_under_contract_and_all_have_an_owner(project: DbtProject) -> None:
    manifest = project.manifest
    models = ours(manifest.nodes, "model")
    for model in models:
        is_mart = model.path.startswith("marts")
        assert (model.access.value == "public") == is_mart, model.name
        assert model.contract.enforced == is_mart, model.name
    groups = {group.name: group for group in ours(manifest.groups, "group")}
    assert {node.group for node in [*models, *ours(manifest.nodes, "seed")]} == set(groups)
    owned = [*groups.values(), *ours(manifest.exposures, "exposure")]
    assert all(one.owner.name and one.owner.email for one in owned)


def test_what_one_group_alone_reads_is_private(project: DbtProject) -> None:
    manifest = project.manifest
    models = {model.unique_id: model for model in ours(manifest.nodes, "model")}
    for name, model in models.items():
        readers = {manifest.nodes[child].group for child in manifest.child_map[name] if child in models}
        is_private = not model.path.startswith("marts") and readers == {model.group}
        tested = any(
            not manifest.nodes[child].group for child in manifest.child_map[name] if child in manifest.nodes
        )
        assert (model.access.value == "private") == (is_private and not tested), model.name


def test_commands_read_tables_except_for_four_views(project: DbtProject) -> None:
    """Each job, name and check is stored once: views pick the newest version, those before, or measure."""
    manifest = project.manifest
    parents = {parent for exposure in manifest.exposures.values() for parent in exposure.depends_on.nodes}
    views = {
        manifest.nodes[parent].name
        for parent in parents
        if manifest.nodes[parent].config.materialized == "view"
    }
    assert views == {"fct_jobs", "fct_instrument_renamings", "fct_table_checks", "fct_announcements"}


def test_the_rules_of_the_project_evaluator_hold(project: DbtProject, tmp_path: Path) -> None:
    rules = yaml.safe_load((ROOT / "dbt-bouncer.yml").read_text(encoding="utf-8"))
    config = tmp_path / "dbt-bouncer.yml"
    config.write_text(yaml.safe_dump(rules | {"dbt_artifacts_dir": str(project.target)}), encoding="utf-8")
    bouncer = Path(sys.executable).with_name("dbt-bouncer")
    done = subprocess.run(
        [str(bouncer), "run", "--config-file", str(config)],
        env=os.environ | {"COLUMNS": "250"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.findall(r"SUCCESS=(\d+)", done.stdout + done.stderr)[0]) > 300


def test_large_tables_are_tested_by_their_newest_load(project: DbtProject) -> None:
    tests = ours(project.manifest.nodes, "test")
    generic = [test for test in tests if getattr(test, "attached_node", None)]
    attached = [test for test in generic if test.attached_node.split(".")[-1] in LARGE]
    assert len(attached) > 10
    assert [test.name for test in attached if "load_number" not in (test.config.where or "")] == []
    assert len(tests) <= 110


def test_every_model_has_its_key_and_each_rule_a_test(project: DbtProject) -> None:
    manifest = project.manifest
    keys = {"unique", "unique_combination_of_columns"}
    keyed = {
        test.attached_node.split(".")[-1]
        for test in ours(manifest.nodes, "test")
        if getattr(test, "test_metadata", None) and test.test_metadata.name in keys
    }
    # Views over the source: a test would read all of it each night.
    unkeyed = {
        "stg_autoreduction__reduction_runs",
        "stg_autoreduction__run_numbers",
        "stg_observations__polls",
        "stg_observations__table_checks",
        "stg_observations__file_counts",
        "stg_observations__file_runs",
        "stg_observations__messages",
    }
    models = {model.name for model in ours(manifest.nodes, "model")}
    assert models - keyed == unkeyed
    rules = Counter(test.model for test in manifest.unit_tests.values())
    assert models - set(rules) == set()


@pytest.mark.parametrize("path", sorted(ROOT.glob("models/**/*.yml")), ids=lambda path: path.stem)
def test_both_versions_of_dbt_can_read_it(path: Path) -> None:
    """dbt-core 1.7 drops what it does not know in silence. Each model has a file of its own."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*-?\s*(data_tests|arguments|loaded_at_query):", text, re.MULTILINE)
    content = yaml.safe_load(text)
    assert content["version"] == 2
    if not path.stem.startswith("_") and path.stem != "exposures":
        assert [model["name"] for model in content["models"]] == [path.stem]
        assert path.with_suffix(".sql").exists()


@pytest.mark.slow
def test_the_docs_site_builds(project: DbtProject, wish_home: Path, wish_source: Path) -> None:
    project.invoke("docs generate", home=wish_home, source=wish_source)
    catalog = json.loads((project.target / "catalog.json").read_text(encoding="utf-8"))
    assert catalog["errors"] is None
    names = {node["metadata"]["name"] for node in catalog["nodes"].values()}
    assert names == {node.name for node in ours(project.manifest.nodes, "model", "seed")}
    # No collector has run here, so that there are no observations.
    sources = [
        node for node in ours(project.manifest.sources, "source") if node.source_name == "autoreduction"
    ]
    described = {node.name: set(node.columns) for node in sources}
    assert set(described) == {node["metadata"]["name"] for node in catalog["sources"].values()}
    for node in catalog["sources"].values():
        assert set(node["columns"]) - described[node["metadata"]["name"]] == set()


def test_the_queries_of_the_overview_run(wish_home: Path) -> None:
    text = (ROOT / "models" / "docs" / "overview.md").read_text(encoding="utf-8")
    queries = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    rows, runs, resolved = (select(wish_home, query) for query in queries)
    assert rows == [
        {"instrument": "WISH", "jobs": 9, "pass_rate": 71.4, "mean_seconds": pytest.approx(276.8)}
    ]
    assert runs == [{"instrument": "WISH", "runs": 5, "runs_passed": 4}]
    assert [(row["year"], row["month"], row["resolved_by"], row["resolved"]) for row in resolved] == [
        (2020, 2, "devs", 1),
        (2020, 2, "users", 1),
    ]
