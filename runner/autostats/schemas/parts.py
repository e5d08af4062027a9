"""What the schemas of several commands have in common."""

from collections.abc import Iterable, Mapping
from typing import Any

from autostats.catalogue import worded
from autostats.render.section import Column, Kind

Schema = dict[str, Any]

TYPES: Mapping[Kind, Schema] = {
    Kind.TEXT: {"type": "string"},
    Kind.INSTRUMENT: {"type": "string"},
    Kind.NUMBER: {"type": "integer"},
    Kind.RUN: {"type": "integer"},
    Kind.JOB: {"type": "integer"},
    Kind.RB: {"type": "integer"},
    Kind.COUNT: {"type": "integer", "minimum": 0},
    Kind.BAD_COUNT: {"type": "integer", "minimum": 0},
    Kind.SHARE: {"type": "number", "minimum": 0, "maximum": 1},
    Kind.PERCENT: {"type": "number", "minimum": 0, "maximum": 100},
    Kind.MINUTES: {"type": "number", "minimum": 0},
    Kind.SECONDS: {"type": "number", "minimum": 0},
    Kind.HOURS: {"type": "number"},
    Kind.DAY: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "format": "date-time", "pattern": "Z$"},
    Kind.HOUR: {"type": "string", "format": "date-time", "pattern": "Z$"},
    Kind.FLAG: {"type": "boolean"},
    Kind.SEVERITY: {"enum": ["high", "medium"]},
    Kind.SERIES: {"type": "array", "items": {"type": "integer", "minimum": 0}},
}
INSTRUMENT = {"type": "string", "description": "The instrument's name, as the source spells it."}


def closed(properties: Schema, *, required: Iterable[str] | None = None, **more: Any) -> Schema:
    """Return an object with these properties and no others; all are required, or only those in `required`."""
    names = list(properties if required is None else required)
    return {
        "type": "object",
        **more,
        "properties": properties,
        **({"required": names} if names else {}),
        "additionalProperties": False,
    }


def described(column: Column, span: str = "") -> Schema:
    """Return the schema of a column's values, for a day unless `span` names another time."""
    kind = dict(TYPES[column.kind])
    if column.is_change:
        kind = {"type": kind["type"]}
    if column.is_nullable:
        kind["type"] = [kind["type"], "null"]
    return {**kind, "description": worded(column.description, span, null="null")}


def properties(columns: Iterable[Column], span: str = "") -> Schema:
    """Return the schemas of the columns that programs get."""
    return {column.name: described(column, span) for column in columns if column.machine}


def row(columns: Iterable[Column], *, optional: Iterable[str] = ()) -> Schema:
    """Return the schema of a row that has each column, except perhaps the `optional` ones."""
    found = properties(columns)
    return closed(found, required=[name for name in found if name not in optional])


def rows(description: str, item: Schema) -> Schema:
    """Return a list of `item`."""
    return {"type": "array", "description": description, "items": item}


def day(description: str) -> Schema:
    """Return a local date."""
    return {**TYPES[Kind.DAY], "description": description}


def first_and_last() -> Schema:
    """Return the properties of a period."""
    return {"first_day": day("The first local date."), "last_day": day("The last local date, included.")}


def recorded(description: str) -> Schema:
    """Return the property for the days that the statistics hold, null if they hold none."""
    return {**closed(first_and_last()), "type": ["object", "null"], "description": description}


def settings() -> Schema:
    """Return the facts that every document states about its statistics."""
    return closed(
        {
            "as_of": {**TYPES[Kind.TIME], "description": "The moment of the statistics. UTC timestamp."},
            "facility_timezone": {"type": "string", "description": "The time zone of the local dates."},
            "schema_version": {"type": "integer", "description": "The version of the statistics' tables."},
            "autostats_version": {
                "type": "string",
                "description": "The version that built the statistics.",
            },
        },
        description="How and when the statistics were built.",
    )


def document(command: str, parts: Schema, *, optional: Iterable[str] = (), **definitions: Schema) -> Schema:
    """Return the schema of the output of `command`: `parts` by name, which may refer to the `definitions`."""
    every = {
        "schema": {"const": f"autostats/{command}/1", "description": "This schema and its version."},
        **parts,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:autostats:{command}:1",
        "title": f"autostats {command} --format json",
        **closed(every, required=[name for name in every if name not in optional]),
        **({"$defs": definitions} if definitions else {}),
    }
