"""The tables that commands query, as the contracts beside the models declare them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from autostats.yaml_file import parsed

from support.dbt_project import ROOT


@cache
def marts() -> Mapping[str, Mapping[str, str]]:
    """Return each mart's columns as `create table` needs them: the type, and `not null`."""
    return _declared(*sorted((ROOT / "models" / "marts").rglob("*.yml")))


@cache
def tables() -> Mapping[str, Mapping[str, str]]:
    """Return those of the marts, and of the other tables that a command reads."""
    return {**marts(), **_declared(ROOT / "models" / "intermediate" / "int_file_runs.yml")}


def _declared(*paths: Path) -> dict[str, dict[str, str]]:
    declared = [model for path in paths for model in parsed(path.read_text(encoding="utf-8"))["models"]]
    return {
        model["name"]: {column["name"]: _declaration(column) for column in model["columns"]}
        for model in declared
    }


def _declaration(column: Mapping[str, Any]) -> str:
    kinds = {constraint["type"] for constraint in column.get("constraints", ())}
    return f"{column['data_type']} not null" if "not_null" in kinds else column["data_type"]
