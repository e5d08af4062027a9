"""JSON: one object with its schema, the facts, and each section as a list of objects."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from autostats.render.machine import machine_value
from autostats.render.section import Column, Document, Row


def _object(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    return {
        column.name: [machine_value(value) for value in row[column.name]]
        if isinstance(row[column.name], list)
        else machine_value(row[column.name])
        for column in columns
        if column.name in row
    }


def as_json(document: Document) -> str:
    """Return the document as indented ASCII JSON."""
    content: dict[str, Any] = {**({"schema": document.schema} if document.schema else {}), **document.facts}
    first = [document.attention] if document.attention is not None else []
    for section in [*first, *document.sections]:
        columns = [column for column in section.columns if column.machine]
        content[section.name] = [_object(row, columns) for row in section.rows]
        if section.total is not None:
            # The summary's total has always been `total`; another section's is prefixed with its name.
            content["total" if section.name == "summary" else f"{section.name}_total"] = {
                name: value for name, value in _object(section.total, columns).items() if name != "instrument"
            }
    return json_text(content)


def json_text(content: Mapping[str, Any]) -> str:
    """Return an object as indented ASCII JSON, with a line break at its end."""
    return json.dumps(content, indent=2) + "\n"
