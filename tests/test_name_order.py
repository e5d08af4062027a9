"""Names come in one order, whoever sorts them."""

from __future__ import annotations

import re
from pathlib import Path

import autostats
import duckdb
from autostats.name_order import name_key

NAMES = [
    "WISH",
    "ÅNGSTRÖM",
    "ALF",
    "Pearl",
    "POLARIS",
    "PEARL",
    "alf",
    "éclair",
    "Eclair",
    "ØRE",
    "Zoom",
    "λ",
    "Λ",
    "",
]
_ORDER = re.compile(r"order by.*\binstrument\b.*")


def test_case_and_accents_do_not_count() -> None:
    assert sorted(NAMES, key=name_key)[:6] == ["", "ALF", "alf", "ÅNGSTRÖM", "Eclair", "éclair"]


def test_queries_sort_alike() -> None:
    query = "select name from (select unnest(?) as name) order by name collate noaccent.nocase, name"
    rows = duckdb.connect().execute(query, [NAMES]).fetchall()
    assert [name for (name,) in rows] == sorted(NAMES, key=name_key)


def test_every_query_for_a_list_of_instruments_does() -> None:
    package = Path(autostats.__file__).parent
    found = [
        order
        for module in sorted(package.rglob("*.py"))
        for order in _ORDER.findall(module.read_text(encoding="utf-8"))
        if "partition by" not in order
    ]
    assert len(found) > 10
    assert [order for order in found if "collate noaccent.nocase" not in order] == []
