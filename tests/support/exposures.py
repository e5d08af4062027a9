"""Which tables models/exposures.yml names, and which are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from autostats.warehouse import Warehouse

from support.dbt_project import ROOT

_EXPOSURES = ROOT / "models" / "exposures.yml"
_TABLE = re.compile(r"\b(?:from|join)\s+\"?((?:fct|dim|rpt|int)_\w+)")


def exposed() -> dict[str, set[str]]:
    """Return the tables of each exposure, by the name of its command."""
    content = yaml.safe_load(_EXPOSURES.read_text(encoding="utf-8"))
    return {
        exposure["name"].removeprefix("autostats_"): set(
            re.findall(r"'(\w+)'", " ".join(exposure["depends_on"]))
        )
        for exposure in content["exposures"]
    }


def tables_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Return what tells which tables were read since this call."""
    queries: list[str] = []
    ask = Warehouse.rows

    def listen(self: Warehouse, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        queries.append(sql)
        return ask(self, sql, parameters)

    monkeypatch.setattr(Warehouse, "rows", listen)
    return lambda: set(_TABLE.findall("\n".join(queries)))
