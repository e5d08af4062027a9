"""dbt-core 1.11 and 1.7 see the same project: 1.7 drops in silence what it does not know."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.engines import mysql_python
from support.nights import PROJECT

pytestmark = pytest.mark.slow

_PARSE = (
    "from dbt.cli.main import dbtRunner; import sys; sys.exit(not dbtRunner().invoke(sys.argv[1:]).success)"
)


def manifest(python: Path, target: str, folder: Path) -> tuple[dict[str, Any], str]:
    """What this Python's dbt makes of the project, and what it printed."""
    folder.mkdir()
    (folder / "profiles.yml").write_text(
        (PROJECT / "profiles.example.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    done = subprocess.run(
        [
            *(str(python), "-c", _PARSE, "parse", "--no-partial-parse", "--target", target),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(folder)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
        ],
        env=os.environ | {"AUTOSTATS_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    return found, done.stdout


def outline(found: dict[str, Any]) -> dict[str, Any]:
    """What both have to agree on: nodes, tests' arguments, columns and contracts; sources' freshness."""
    nodes = {}
    for name, node in found["nodes"].items():
        test = node.get("test_metadata") or {}
        nodes[name.rsplit(".", 1)[0] if node["resource_type"] == "test" and test else name] = {
            "kind": node["resource_type"],
            "columns": sorted(node["columns"]),
            "described": sorted(column["description"] for column in node["columns"].values()),
            "materialized": node["config"].get("materialized"),
            "enabled": node["config"].get("enabled"),
            "access": node.get("access"),
            "group": node["config"].get("group"),
            "colour": (node.get("docs") or {}).get("node_color"),
            "contract": (node["config"].get("contract") or {}).get("enforced"),
            "severity": str(node["config"].get("severity", "")).upper(),
            "where": node["config"].get("where"),
            "depends_on": sorted(node.get("depends_on", {}).get("nodes", [])),
            "test": {key: value for key, value in (test.get("kwargs") or {}).items() if key != "model"},
        }
    sources = {
        name: {
            "loaded_at_field": source["loaded_at_field"],
            "warn_after": source["freshness"] and source["freshness"]["warn_after"],
            "has_filter": bool(source["freshness"] and source["freshness"]["filter"]),
            "columns": sorted(source["columns"]),
        }
        for name, source in found["sources"].items()
    }
    owners = {name: group["owner"]["email"] for name, group in found["groups"].items()}
    exposures = {
        name: {
            "owner": exposure["owner"]["email"],
            "depends_on": sorted(exposure["depends_on"]["nodes"]),
            "described": exposure["description"],
        }
        for name, exposure in found["exposures"].items()
    }
    return {"nodes": nodes, "sources": sources, "groups": owners, "exposures": exposures}


def test_both_see_the_same(tmp_path: Path) -> None:
    new, printed = manifest(Path(sys.executable), "postgres", tmp_path / "new")
    old, _ = manifest(mysql_python(), "mysql", tmp_path / "old")
    assert new["metadata"]["dbt_version"].startswith("1.11.")
    assert old["metadata"]["dbt_version"].startswith("1.7.")
    assert "deprecat" not in printed.lower()
    ours, theirs = outline(new), outline(old)
    for kind in ("sources", "groups", "exposures"):
        assert ours[kind] == theirs[kind]
    assert sorted(ours["nodes"]) == sorted(theirs["nodes"])
    for name, node in ours["nodes"].items():
        assert node == theirs["nodes"][name], name
    kinds = [node["kind"] for node in ours["nodes"].values()]
    assert {"model", "seed", "test", "operation"} == set(kinds)
    assert any(source["has_filter"] for source in ours["sources"].values())
