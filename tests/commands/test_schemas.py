"""What json and csv hold is what the shipped schemas say, to the column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from autostats.queries.buckets import By
from autostats.queries.explain import NUMBERS
from autostats.schemas.__main__ import texts
from autostats.schemas.commands import SCHEMAS
from jsonschema import Draft202012Validator
from support.dbt_project import ROOT
from support.installed import Autostats

FOLDER = ROOT / "runner" / "autostats" / "schemas"
SINCE = ("--from", "2020-01-24", "--to", "2020-02-11")


@cache
def shipped(command: str) -> Any:
    return json.loads((FOLDER / f"{command}-1.json").read_text(encoding="utf-8"))


def validator(command: str) -> Draft202012Validator:
    schema = shipped(command)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_shipped_schemas_are_those_of_the_columns() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == texts(ROOT), (
        "`make schemas` brings them up to date; what breaks a program is a new version"
    )


@pytest.mark.parametrize("command", SCHEMAS)
def test_every_part_is_described(command: str) -> None:
    assert f"`{command}-1.json`" in (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    schema = shipped(command)
    Draft202012Validator.check_schema(schema)

    def has_words(part: Mapping[str, Any], text: str) -> bool:
        if part.get("format") == "date-time" and "UTC timestamp" not in text:
            return False
        if "number" in part.get("type", ()) and not any(
            unit in text for unit in ("seconds", "minutes", "hours", "percentage", "0 to 1", "unit")
        ):
            return False
        return text.endswith(".")

    def undescribed(part: Any, path: str) -> list[str]:
        if isinstance(part, list):
            return [found for each in part for found in undescribed(each, path)]
        if not isinstance(part, dict):
            return []
        found = [
            f"{path}/{name}"
            for name, each in part.get("properties", {}).items()
            if not has_words(each, each.get("description", ""))
        ]
        # Definitions are closed where they are referred to.
        closed = part.get("additionalProperties", part.get("unevaluatedProperties")) is False
        if "properties" in part and not closed and not path.startswith("/$defs/"):
            found.append(f"{path} is open")
        return found + [more for name, each in part.items() for more in undescribed(each, f"{path}/{name}")]

    assert undescribed(schema, "") == []


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home", "archived_home"])
@pytest.mark.parametrize(
    "options",
    [
        ("--all",),
        *(("--by", by.value, *(("--last", "2d") if by is By.HOUR else SINCE)) for by in By),
        (*SINCE, "--resolved", "--unresolved", "--missing"),
        (*SINCE, "--compare", "previous"),
        (*SINCE, "--compare", "year"),
        ("--columns", "jobs_per_day,instrument", "--sort", "-jobs_failed,instrument"),
        ("--from", "2010-01-01", "--to", "2010-01-02", "--all"),
    ],
    ids=" ".join,
)
def test_report_is_valid(
    autostats: Autostats, request: pytest.FixtureRequest, home: str, options: tuple[str, ...]
) -> None:
    result = autostats("report", *options, "--format", "json", "--home", request.getfixturevalue(home))
    assert result.code == 0, result.err
    validator("report").validate(json.loads(result.out))


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home", "archived_home"])
@pytest.mark.parametrize(
    "options",
    [(), ("--jumps",), ("--state", "all"), ("--state", "arrived"), ("--state", "ignored"), ("--last", "7d")],
    ids=" ".join,
)
def test_missing_is_valid(
    autostats: Autostats, request: pytest.FixtureRequest, home: str, options: tuple[str, ...]
) -> None:
    result = autostats("missing", *options, "--format", "json", "--home", request.getfixturevalue(home))
    assert result.code == 0, result.err
    validator("missing").validate(json.loads(result.out))


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home", "archived_home"])
@pytest.mark.parametrize("since", ["2020-01-01", "2020-02-11", "2020-02-13"])
def test_digest_is_valid(autostats: Autostats, request: pytest.FixtureRequest, home: str, since: str) -> None:
    result = autostats(
        "digest", "--since", since, "--format", "json", "--home", request.getfixturevalue(home)
    )
    assert result.code == 0, result.err
    validator("digest").validate(json.loads(result.out))


@pytest.mark.parametrize("column", NUMBERS)
def test_explain_is_valid(autostats: Autostats, busy_home: Path, column: str) -> None:
    result = autostats("explain", "WISH", "2020-02-10", column, "--format", "json", "--home", busy_home)
    assert result.code == 0, result.err
    validator("explain").validate(json.loads(result.out))


@pytest.mark.parametrize("run", ["WISH 100", "WISH 102", "GEM 3", "MARI 7", "LET 99"])
def test_explain_of_a_run_is_valid(autostats: Autostats, archived_home: Path, run: str) -> None:
    result = autostats("explain", *run.split(), "--format", "json", "--home", archived_home)
    assert result.code == 0, result.err
    validator("explain-run").validate(json.loads(result.out))


@pytest.mark.parametrize("home", ["archived_home", "wish_home"])
def test_archive_report_is_valid(autostats: Autostats, request: pytest.FixtureRequest, home: str) -> None:
    where = request.getfixturevalue(home)
    result = autostats("archive", "report", "--format", "json", "--home", where)
    assert result.code == 0, result.err
    validator("archive-report").validate(json.loads(result.out))


def test_doctor_is_valid(autostats: Autostats, tmp_path: Path) -> None:
    found = json.loads(autostats("doctor", "--format", "json", "--home", tmp_path).out)
    assert found
    validator("doctor").validate(found)


def test_verify_is_valid() -> None:
    from datetime import date, datetime

    from autostats.commands.verify import _document
    from autostats.queries.settings import Settings
    from autostats.render.as_json import as_json
    from autostats.verification.comparison import Difference, Verification

    differences = [
        Difference("fct_instrument_daily", "WISH", None, date(2020, 2, 11), "jobs_failed", 3, 4),
        Difference("fct_missing_runs", "WISH", 102, date(2020, 2, 11), "state", None, "open"),
    ]
    found = Verification(7, 21, 30, 100, differences=differences)
    document = _document(found, Settings(1, "0.1.0", "Europe/London", datetime(2020, 2, 12, 23, 30)))
    validator("verify").validate(json.loads(as_json(document)))


def _properties(command: str, *path: str) -> Mapping[str, Any]:
    schema = shipped(command)
    part = schema["properties"]
    for name in path:
        part = part[name]
    part = part.get("items") or part
    shared = schema["$defs"][part["$ref"].removeprefix("#/$defs/")]["properties"] if "$ref" in part else {}
    return {**part["properties"], **shared}


@pytest.mark.parametrize(
    ("command", "section"),
    [
        ("report", "summary"),
        *(
            (
                f"report --by {by} {'--last 1d' if by is By.HOUR else '--from 2020-01-24 --to 2020-02-11'}",
                f"{by}s",
            )
            for by in By
        ),
        ("report --resolved", "resolved"),
        ("report --unresolved", "unresolved"),
        ("report --missing", "missing"),
        ("report --compare previous", "comparison"),
        ("missing --state all", "missing"),
        ("missing --jumps", "jumps"),
    ],
)
def test_csv_has_the_columns_of_the_schema(
    autostats: Autostats, busy_home: Path, command: str, section: str
) -> None:
    result = autostats(*command.split(), "--format", "csv", "--home", busy_home)
    assert result.code == 0, result.err
    properties = _properties(command.split()[0], section)
    single = [name for name, schema in properties.items() if schema["type"] != "array"]
    assert sorted(next(csv.reader(io.StringIO(result.out)))) == sorted(single)
    in_json = json.loads(autostats(*command.split(), "--format", "json", "--home", busy_home).out)
    assert in_json[section]
    assert all(row.keys() == properties.keys() for row in in_json[section])


def test_a_column_more_is_not_valid(autostats: Autostats, busy_home: Path) -> None:
    found = json.loads(autostats("report", "--format", "json", "--home", busy_home).out)
    assert validator("report").is_valid(found)
    breaks: list[Callable[[Any], Any]] = [
        lambda report: report["summary"][0].update(jobs_lost=1),
        lambda report: report["total"].update(pass_rate=97),
        lambda report: report.pop("settings"),
        lambda report: report.update(schema="autostats/report/2"),
        lambda report: report["settings"].update(as_of="2020-02-12 23:30"),
    ]
    for spoil in breaks:
        broken = json.loads(json.dumps(found))
        spoil(broken)
        assert not validator("report").is_valid(broken)
