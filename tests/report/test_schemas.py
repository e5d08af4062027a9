"""What json and csv hold is what the shipped schemas say, to the column."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from autostats.statistics.buckets import By
from autostats.statistics.explain import NUMBERS
from jsonschema import Draft202012Validator
from support.schemas import MADE, ROOT, as_text, shipped

from report.conftest import Autostats

SINCE = ("--from", "2020-01-24", "--to", "2020-02-11")


def validator(command: str) -> Draft202012Validator:
    schema = json.loads(shipped(command).read_text(encoding="utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@pytest.mark.parametrize("command", MADE)
def test_shipped_schemas_are_those_of_the_columns(command: str) -> None:
    made = as_text(MADE[command]())
    if os.environ.get("AUTOSTATS_UPDATE_DOCS") == "1":
        shipped(command).write_text(made, encoding="utf-8")
    assert shipped(command).read_text(encoding="utf-8") == made, (
        "AUTOSTATS_UPDATE_DOCS=1 brings the schemas up to date; what breaks a program is a new version"
    )
    assert (files("autostats") / "schemas" / shipped(command).name).is_file()
    assert f"`{shipped(command).name}`" in (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", MADE)
def test_every_part_is_described(command: str) -> None:
    schema = json.loads(shipped(command).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)

    def has_words(part: Mapping[str, Any], text: str) -> bool:
        if part.get("format") == "date-time" and "UTC timestamp" not in text:
            return False
        if "number" in part.get("type", ()) and not any(
            unit in text for unit in ("seconds", "hours", "0 to 1", "unit")
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
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            found.append(f"{path} is open")
        return found + [more for name, each in part.items() for more in undescribed(each, f"{path}/{name}")]

    assert undescribed(schema, "") == []


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home"])
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


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home"])
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


@pytest.mark.parametrize("home", ["busy_home", "wish_home", "strange_home"])
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


def test_doctor_is_valid(autostats: Autostats, tmp_path: Path) -> None:
    found = json.loads(autostats("doctor", "--format", "json", "--home", tmp_path).out)
    assert found
    validator("doctor").validate(found)


def test_verify_is_valid() -> None:
    from datetime import date, datetime

    from autostats.commands.verify import _document
    from autostats.render.as_json import as_json
    from autostats.statistics.settings import Settings
    from autostats.verification.comparison import Difference, Verification

    differences = [
        Difference("WISH", date(2020, 2, 11), "jobs_failed", 3, 4),
        Difference("WISH", date(2020, 2, 11), "avg_exe_time", None, 42.5),
    ]
    found = Verification(7, 21, 100, 0, 0, differences)
    document = _document(found, Settings(1, "0.1.0", "Europe/London", datetime(2020, 2, 12, 23, 30)))
    validator("verify").validate(json.loads(as_json(document)))


def _properties(command: str, *path: str) -> Mapping[str, Any]:
    part = json.loads(shipped(command).read_text(encoding="utf-8"))["properties"]
    for name in path:
        part = part[name]
    properties: Mapping[str, Any] = (part.get("items") or part)["properties"]
    return properties


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
    assert next(csv.reader(io.StringIO(result.out))) == single
    in_json = json.loads(autostats(*command.split(), "--format", "json", "--home", busy_home).out)
    assert in_json[section]
    assert all(list(row) == list(properties) for row in in_json[section])


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
