"""The dashboard for Grafana: each of its queries finds something at a server."""

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.documentation import ROOT
from support.installed import run_command
from support.serving import serving

DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "autostats.json").read_text(encoding="utf-8"))
TARGETS = [
    pytest.param(panel, target, id=panel["title"])
    for panel in DASHBOARD["panels"]
    for target in panel["targets"]
]
OF_PROMETHEUS = [param for param in TARGETS if param.values[1]["datasource"]["type"] == "prometheus"]
OF_API = [param for param in TARGETS if param not in OF_PROMETHEUS]
CHOSEN = {"instrument": "WISH", "__from:date:YYYY-MM-DD": "2020-01-01", "__to:date:YYYY-MM-DD": "2020-12-31"}


@contextmanager
def asking(home: Path, folder: Path) -> Iterator[httpx.Client]:
    own = shutil.copytree(home, folder / "home")
    ran = run_command(("stats", "publish", "--home", own), folder / "nobody")
    assert ran.code == 0, ran.err
    with serving(own) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def client(busy_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with asking(busy_home, tmp_path_factory.mktemp("busy")) as client:
        yield client


@pytest.fixture(scope="module")
def series(
    client: httpx.Client, archived_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, str]]]:
    """Return the labels of each series that Prometheus would store, by metric: of two facilities."""
    found: dict[str, list[dict[str, str]]] = {}
    with asking(archived_home, tmp_path_factory.mktemp("archived")) as other:
        for text in (client.get("/metrics").text, other.get("/metrics").text):
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    found.setdefault(sample.name, []).append(sample.labels)
    return found


def selectors(expression: Any) -> Iterator[Any]:
    """Yield the series that a PromQL expression selects."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for name in ("expr", "lhs", "rhs", "args"):
        inner = getattr(expression, name, None)
        for each in inner if isinstance(inner, list) else [inner]:
            if each is not None:
                yield from selectors(each)


@pytest.mark.parametrize(("panel", "target"), OF_PROMETHEUS)
def test_metrics_that_it_asks_for_are_there(
    panel: dict[str, Any], target: dict[str, Any], series: dict[str, list[dict[str, str]]]
) -> None:
    text = target["expr"].replace("$instrument", ".*")
    asked = list(selectors(promql_parser.parse(text)))
    assert asked
    for selector in asked:
        assert selector.name in series, sorted(series)
        wanted = {each.name: each for each in selector.matchers.matchers}
        matching = [
            labels
            for labels in series[selector.name]
            if all(
                re.fullmatch(matcher.value, labels.get(name, ""))
                if matcher.op == promql_parser.MatchOp.Re
                else labels.get(name) == matcher.value
                for name, matcher in wanted.items()
            )
        ]
        assert matching, (selector.name, wanted.keys())
        for label in re.findall(r"{{(\w+)}}", target["legendFormat"]):
            assert all(label in labels for labels in matching)


@pytest.mark.parametrize(("panel", "target"), OF_API)
def test_statistics_that_it_asks_for_have_its_columns(
    panel: dict[str, Any], target: dict[str, Any], client: httpx.Client
) -> None:
    url = re.sub(r"\$\{([^}]+)\}", lambda match: CHOSEN.get(match[1], ""), target["url"])
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows
    names = {column["selector"] for column in target["columns"]}
    assert names <= rows[0].keys()
    for column in target["columns"]:
        if column["type"] == "number":
            assert all(float(row[column["selector"]] or 0) >= 0 for row in rows)
    for transformation in panel.get("transformations", ()):
        shown = {column["text"] for column in target["columns"]}
        assert set(transformation["options"]["fields"]) <= shown


def test_it_asks_for_all_that_it_needs() -> None:
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD["panels"])))
    assert used - {"__from", "__to"} <= variables
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
