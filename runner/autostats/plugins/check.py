"""What a plug-in's models may declare."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from autostats.published.words import RESERVED

# The keys of `meta.autostats.statistic`, and which of them there must be.
_KEYS = {
    "name": False,
    "summary": True,
    "bucket": True,
    "time_column": True,
    "dimensions": False,
    "measures": True,
    "chart": False,
}
_LISTS = ("dimensions", "measures")
BUCKETS = ("second", "5s", "minute", "hour", "day", "week", "month", "cycle")
CHARTS = ("line", "bar", "area")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def fault_of_models(manifest: Any, package: str) -> str | None:
    """Return what is wrong with the models of a package in dbt's manifest, or None."""
    nodes = [node for node in manifest.nodes.values() if str(node.resource_type) == "model"]
    schemas = {(node.database, node.schema) for node in nodes if node.package_name == "autostats"}
    models = [node for node in nodes if node.package_name == package]
    for model in models:
        if (model.database, model.schema) not in schemas:
            return f"Model {model.name} is in a schema of its own ({model.schema}): leave that setting out."
        for fault in _faults(model.meta.get("autostats", {})):
            return f"Model {model.name}: {fault}"
    if not any(statistics(model.meta) for model in models):
        return "None of its models has `meta: {autostats: {statistic: ...}}`."
    return None


def statistics(meta: Mapping[str, Any]) -> list[Any]:
    """Return what a model's `meta` declares: one statistic, or a list of them."""
    said = meta.get("autostats", {}).get("statistic", [])
    return said if isinstance(said, list) else [said]


def _faults(meta: Any) -> Iterator[str]:
    if not isinstance(meta, dict):
        yield "`meta.autostats` is not a mapping."
        return
    for statistic in statistics({"autostats": meta}):
        if not isinstance(statistic, dict):
            yield "a statistic is not a mapping."
            return
        yield from _faults_of(statistic)


def _faults_of(statistic: Mapping[str, Any]) -> Iterator[str]:
    for key in statistic:
        if key not in _KEYS:
            yield f"a statistic has no {key!r}; it has {', '.join(_KEYS)}."
    for key, is_needed in _KEYS.items():
        if is_needed and not statistic.get(key):
            yield f"its statistic lacks {key!r}."
    for key in _LISTS:
        if not _is_list_of_names(statistic.get(key, [])):
            yield f"{key!r} is not a list of columns."
    for key in _KEYS.keys() - set(_LISTS):
        if key in statistic and not isinstance(statistic[key], str):
            yield f"{key!r} is not a text."
    for name in statistic.get("dimensions", []):
        if name in RESERVED:
            yield f"a dimension cannot be called {name!r}, a word of requests: give it another name."
    if statistic.get("bucket") not in BUCKETS:
        yield f"there is no bucket {statistic.get('bucket')!r}; there are {', '.join(BUCKETS)}."
    if statistic.get("chart", CHARTS[0]) not in CHARTS:
        yield f"there is no chart {statistic['chart']!r}; there are {', '.join(CHARTS)}."
    if "name" in statistic and not _NAME.fullmatch(statistic["name"]):
        yield f"{statistic['name']!r} cannot be a statistic's name: small letters and digits, with - between."


def _is_list_of_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name.isidentifier() for name in value)
