"""The JSON Schemas that the package ships, made from the columns of its tables and what dbt says of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from autostats.digest.sections import range_columns
from autostats.render.section import Column, Kind
from autostats.sections.breakdown import DAY_COLUMNS, HOUR_COLUMNS, bucket_columns
from autostats.sections.comparison import COMPARISON_COLUMNS
from autostats.sections.explain import COLUMNS as EXPLAINED
from autostats.sections.missing import JUMP_COLUMNS, missing_columns
from autostats.sections.runs import RESOLVED_COLUMNS, UNRESOLVED_COLUMNS
from autostats.sections.summary import SUMMARY_COLUMNS
from autostats.statistics.buckets import By
from autostats.statistics.explain import NUMBERS, Behind
from autostats.statistics.missing import State

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "runner" / "autostats" / "schemas"
Schema = dict[str, Any]

_TYPES: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.NUMBER: {"type": "integer"},
    Kind.COUNT: {"type": "integer", "minimum": 0},
    Kind.BAD_COUNT: {"type": "integer", "minimum": 0},
    Kind.SHARE: {"type": "number", "minimum": 0, "maximum": 1},
    Kind.SECONDS: {"type": "number", "minimum": 0},
    Kind.HOURS: {"type": "number"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "format": "date-time", "pattern": "Z$"},
    Kind.HOUR: {"type": "string", "format": "date-time", "pattern": "Z$"},
    Kind.FLAG: {"type": "boolean"},
    Kind.SERIES: {"type": "array", "items": {"type": "integer", "minimum": 0}},
}
_NULLABLE = {
    "pass_rate",
    "avg_exe_time",
    "median_exe_time",
    "p95_exe_time",
    "max_exe_time",
    "exe_time",
    "age_days",
    "arrived_at",
    "ignored_reason",
    "rb_number",
    "run_version",
    "run_numbers",
    "started_by",
    "started_at",
    "finished_at",
}
# What no model has a column for.
_OWN: Mapping[str, str] = {
    "pass_rate": "Passed jobs among the passed and failed ones, 0 to 1; null when there are none.",
    "missing_runs": "Runs noticed missing on the day that are missing still.",
    "jobs_per_day": "Jobs created on each day, from the first day of the period with a record to the last.",
    "hour": "The beginning of the hour. UTC timestamp.",
    "week": "The ISO week, such as 2020-W07.",
    "month": "The month, such as 2020-02.",
    "quarter": "The quarter of the year, such as 2020-Q1.",
    "first_day": "The first local date that is counted.",
    "last_day": "The last local date that is counted.",
    "numbers_between": "How many numbers lie between the two.",
    "rank": "The job's place by execution time, from 1.",
}
_AGE = "Whole days from `noticed_day` to the day of the statistics; null unless the runs are missing still."


@cache
def _docs() -> dict[str, str]:
    text = (ROOT / "models" / "docs" / "columns.md").read_text(encoding="utf-8")
    blocks = re.findall(r"{% docs (\w+) %}\n(.*?)\n{% enddocs %}", text, re.DOTALL)
    return {name: " ".join(body.split()) for name, body in blocks}


@cache
def described(model: str) -> dict[str, str]:
    """Return what dbt says of each column of a model."""
    docs = _docs()
    (path,) = (ROOT / "models").rglob(f"{model}.yml")
    (found,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return {
        column["name"]: " ".join(
            re.sub(r"{{ doc\('(\w+)'\) }}", lambda match: docs[match[1]], column["description"]).split()
        )
        for column in found["columns"]
    }


def _description(name: str, models: Iterable[str], span: str) -> str:
    """Return what a column holds, in the words of dbt, of a day or of another span."""
    if name == "age_days":
        return _AGE
    texts = [described(model) for model in models]
    text = _OWN.get(name) or next(columns[name] for columns in texts if name in columns)
    text = text.replace(". NULL ", ". Null ").replace("NULL", "null")
    return (
        text.replace("on the day", f"in the {span}").replace("the day's", f"the {span}'s") if span else text
    )


def _property(column: Column, models: Iterable[str], span: str, *, nullable: bool) -> Schema:
    base = re.sub("_(then|change)$", "", column.name)
    text = _description(base, models, span)
    if column.name != base:
        nullable = True
        text = {"then": "Of the period compared with", "change": "This period less the one compared with"}[
            column.name.removeprefix(f"{base}_")
        ] + f": {text[0].lower()}{text[1:]}"
    kind = dict(_TYPES[column.kind])
    if column.name.endswith("_change"):
        kind = {"type": kind["type"]}
    if nullable:
        kind["type"] = [kind["type"], "null"]
    return {**kind, "description": text}


def row(
    columns: Iterable[Column], *models: str, span: str = "", required: bool, nullable: Iterable[str] = ()
) -> Schema:
    """Return the schema of a row; `required` says that each column is always there."""
    properties = {
        column.name: _property(
            column, models, span, nullable=column.name in _NULLABLE or column.name in nullable
        )
        for column in columns
        if column.machine
    }
    return {
        "type": "object",
        "properties": properties,
        **({"required": list(properties)} if required else {}),
        "additionalProperties": False,
    }


def _rows(description: str, item: Schema) -> Schema:
    return {"type": "array", "description": description, "items": item}


def _day(description: str) -> Schema:
    return {"type": "string", "format": "date", "description": description}


def _period(description: str, *, nullable: bool = False, days: bool = True) -> Schema:
    properties: Schema = {
        "first_day": _day("The first local date."),
        "last_day": _day("The last local date, included."),
    }
    if days:
        properties["days"] = {"type": "integer", "minimum": 1, "description": "How many days these are."}
    return {
        "type": ["object", "null"] if nullable else "object",
        "description": description,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _settings() -> Schema:
    properties = {
        "as_of": {**_TYPES[Kind.TIME], "description": "The moment of the statistics. UTC timestamp."},
        "facility_timezone": {"type": "string", "description": "The time zone of the local dates."},
        "schema_version": {"type": "integer", "description": "The version of the statistics' tables."},
        "autostats_version": {"type": "string", "description": "The version that built the statistics."},
    }
    return {
        "type": "object",
        "description": "How and when the statistics were built.",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _document(command: str, properties: Schema, optional: Iterable[str] = ()) -> Schema:
    every = {
        "schema": {"const": f"autostats/{command}/1", "description": "This schema and its version."},
        **properties,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:autostats:{command}:1",
        "title": f"autostats {command} --format json",
        "type": "object",
        "properties": every,
        "required": [name for name in every if name not in optional],
        "additionalProperties": False,
    }


def _total(columns: Iterable[Column]) -> Schema:
    own = [column for column in columns if column.name != "instrument"]
    return row(own, "fct_instrument_daily", span="period", required=False)


def _report() -> Schema:
    daily = "fct_instrument_daily"
    summary = row(SUMMARY_COLUMNS, daily, span="period", required=False)
    total = _total(SUMMARY_COLUMNS)
    missing = row(
        missing_columns(State.OPEN), "rpt_missing_runs", "fct_missing_runs", required=True, nullable=["cycle"]
    )
    breakdowns = {
        f"{by.value}s": _rows(
            f"With --by {by.value}: a row per instrument and {by.value}.",
            row(
                bucket_columns(by),
                "dim_cycles" if by is By.CYCLE else daily,
                daily,
                span="span",
                required=False,
            ),
        )
        for by in By
        if by not in (By.HOUR, By.DAY)
    }
    optional = {
        "total": {**total, "description": "All of them together, counted anew; absent without any record."},
        "comparison_total": {
            **_total(COMPARISON_COLUMNS),
            "description": "With --compare: all instruments together; absent without any record.",
        },
        "comparison": _rows(
            "With --compare: a row per instrument.",
            row(COMPARISON_COLUMNS, daily, span="period", required=False),
        ),
        "hours": _rows(
            "With --by hour: a row per instrument and hour.",
            row(HOUR_COLUMNS, daily, span="hour", required=False),
        ),
        "days": _rows(
            "With --by day: a row per instrument and day.",
            row(DAY_COLUMNS, daily, required=False, nullable=["cycle"]),
        ),
        **breakdowns,
        "resolved": _rows(
            "With --resolved: the runs that had failed before and passed in the period.",
            row(RESOLVED_COLUMNS, "fct_resolved_runs", required=True),
        ),
        "unresolved": _rows(
            "With --unresolved: the runs that failed in the period and have not passed since.",
            row(UNRESOLVED_COLUMNS, "fct_unresolved_runs", required=True),
        ),
        "missing": _rows("With --missing: ranges of runs noticed missing in the period.", missing),
        "compared": {
            "type": "object",
            "description": "With --compare: the days that are compared.",
            "properties": {"now": _period("Of this period."), "then": _period("Of the other.")},
            "required": ["now", "then"],
            "additionalProperties": False,
        },
    }
    always = {
        "period": _period("The days that are counted."),
        "settings": _settings(),
        "summary": _rows("A row per instrument, of the whole period.", summary),
    }
    return _document("report", always | optional, optional)


def _missing() -> Schema:
    models = ("rpt_missing_runs", "fct_missing_runs")
    properties = {
        "period": _period("The days on which they were noticed; null: ever.", nullable=True, days=False),
        "settings": _settings(),
        "missing": _rows(
            "Ranges of run numbers.",
            row(missing_columns(State.ALL), *models, required=False, nullable=["cycle"]),
        ),
        "jumps": _rows(
            "With --jumps: holes too long to be missing runs.",
            row(JUMP_COLUMNS, "fct_run_number_jumps", required=True),
        ),
    }
    return _document("missing", properties, ["jumps"])


def _explain() -> Schema:
    models = {
        Behind.JOBS: "fct_jobs",
        Behind.RUNS: "fct_run_daily",
        Behind.RESOLVED: "fct_resolved_runs",
        Behind.MISSING: "fct_missing_runs",
    }
    items = []
    for behind, columns in EXPLAINED.items():
        item = row(
            columns,
            models[behind],
            required=True,
            # A batch job has no run of its own.
            nullable=["run_number"] if behind is Behind.JOBS else ["cycle"],
        )
        item["title"] = behind.value
        item["required"].remove("rank") if "rank" in item["required"] else None
        items.append(item)
    number = {"type": ["number", "null"]}
    properties = {
        "instrument": {"type": "string", "description": "The instrument's name, as the source spells it."},
        "day": _day("The local date."),
        "column": {"enum": list(NUMBERS), "description": "The number that is explained."},
        "value": {**number, "description": "The number as recorded: a count, seconds or a share."},
        "definition": {"type": "string", "description": "What the number means."},
        "recounted": {**number, "description": "The number that the rows make, in the same unit."},
        "agrees": {"type": "boolean", "description": "Whether both are the same."},
        "settings": _settings(),
        "rows": _rows(
            "The jobs or runs behind the number; `rank` with a percentile alone.", {"anyOf": items}
        ),
    }
    return _document("explain", properties)


def _verify() -> Schema:
    number = {"type": ["number", "null"]}
    cell = {
        "instrument": {"type": "string", "description": "The instrument's name, as the source spells it."},
        "day": _day("The local date."),
        "column": {"type": "string", "description": "The column of fct_instrument_daily that differs."},
        "statistics": {
            **number,
            "description": "The statistics' value, in the column's unit; null: none, or no such row.",
        },
        "source": {
            **number,
            "description": "The value counted from the source, in the same unit; null likewise.",
        },
    }
    item = {"type": "object", "properties": cell, "required": list(cell), "additionalProperties": False}
    count = {"type": "integer", "minimum": 0}
    properties = {
        "days": {**count, "description": "How many days were counted anew."},
        "cells": {**count, "description": "How many rows of the daily record were compared."},
        "settings": _settings(),
        "differences": _rows("The cells that differ; nothing at all is printed when there is none.", item),
    }
    return _document("verify", properties)


def _digest() -> Schema:
    kinds = {
        "newly_failing": "Runs that fail now, and did not before.",
        "newly_missing": "Runs that are missing now, and were not before.",
        "resolved": "Runs that had failed and passed.",
        "no_longer_missing": "Runs that were missing, and are not any more.",
    }
    cells = {
        "instrument": {"type": "string", "description": "The instrument's name, as the source spells it."},
        **{name: {"type": "integer", "minimum": 0, "description": text} for name, text in kinds.items()},
    }
    item = {"type": "object", "properties": cells, "required": list(cells), "additionalProperties": False}

    def ranges(description: str, day: str, *, nullable: bool) -> Schema:
        columns = [column for column in range_columns("") if column.name != "day"]
        found = row(columns, "rpt_missing_runs", required=True)
        found["properties"]["day"] = {**_day(day), **({"type": ["string", "null"]} if nullable else {})}
        found["required"].append("day")
        return _rows(description, found)

    properties = {
        "since": {**_TYPES[Kind.TIME], "description": "What happened since is told. UTC timestamp."},
        "is_late": {"type": "boolean", "description": "Whether the statistics are more than 26 hours old."},
        "settings": _settings(),
        "counts": _rows("How many runs of each instrument that has any.", item),
        "failing": _rows(
            kinds["newly_failing"], row(UNRESOLVED_COLUMNS, "fct_unresolved_runs", required=True)
        ),
        "missing": ranges(
            kinds["newly_missing"], "The local date on which that was noticed.", nullable=False
        ),
        "resolved": _rows(kinds["resolved"], row(RESOLVED_COLUMNS, "fct_resolved_runs", required=True)),
        "found": ranges(
            kinds["no_longer_missing"],
            "The local date on which they arrived; null when that is not known.",
            nullable=True,
        ),
    }
    return _document("digest", properties)


def _cycles() -> Schema:
    cell = {
        "cycle": {"type": "string", "description": "The name of the beam cycle, such as 2019/03."},
        "first_day": _day("Its first local date."),
        "last_day": _day("Its last local date, included."),
        "days": {"type": "integer", "minimum": 1, "description": "How many days these are."},
        "maintenance_days": {
            "type": "string",
            "description": "Its maintenance days, as ISO dates with one blank between two.",
        },
        "source": {
            "enum": ["built-in", "own"],
            "description": "Whether it comes with autostats or is the facility's own.",
        },
    }
    item = {"type": "object", "properties": cell, "required": list(cell), "additionalProperties": False}
    properties = {
        "file": {"type": "string", "description": "The file that `autostats run` takes them from."},
        "cycles": _rows("The beam cycles, the oldest first.", item),
    }
    return _document("cycles", properties)


def _doctor() -> Schema:
    check = {
        "name": {"type": "string", "description": "What was looked at."},
        "state": {"enum": ["OK", "WARN", "FAIL"], "description": "How it is."},
        "detail": {"type": "string", "description": "What was found."},
        "remedy": {"type": "string", "description": "What mends it; empty when there is nothing to mend."},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:autostats:doctor:1",
        "title": "autostats doctor --format json",
        "type": "array",
        "items": {
            "type": "object",
            "properties": check,
            "required": list(check),
            "additionalProperties": False,
        },
    }


MADE = {
    "report": _report,
    "missing": _missing,
    "explain": _explain,
    "verify": _verify,
    "digest": _digest,
    "cycles": _cycles,
    "doctor": _doctor,
}


def as_text(schema: Schema) -> str:
    """Return a schema as it is written to its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def shipped(command: str) -> Path:
    """Return the file of a command's schema."""
    return FOLDER / f"{command}-1.json"
