"""Markdown: a heading and a pipe table for each section."""

from typing import Any

from autostats.render.machine import machine_text
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.text import for_markdown

_TO_THE_LEFT = {Kind.TEXT, Kind.DAY, Kind.TIME, Kind.HOUR, Kind.FLAG}


def _cell(value: Any) -> str:
    return for_markdown(value) if isinstance(value, str) else machine_text(value)


def _line(row: Row, columns: list[Column]) -> str:
    return "| " + " | ".join(_cell(row.get(column.name)) for column in columns) + " |"


def _table(section: Section) -> list[str]:
    columns = section.machine_columns
    lines = [
        "| " + " | ".join(column.name for column in columns) + " |",
        "|" + "|".join(" --- " if column.kind in _TO_THE_LEFT else " ---: " for column in columns) + "|",
    ]
    lines += [_line(row, columns) for row in section.rows]
    if section.total is not None:
        label = section.total_label
        total = {**section.total, label: "TOTAL"} if label else section.total
        lines.append(_line(total, columns).replace("TOTAL", "**total**", 1))
    return lines


def as_markdown(document: Document) -> str:
    """Return the document as markdown."""
    lines = [f"# {for_markdown(document.title)}", ""]
    if document.lead:
        lines += [for_markdown(document.lead), ""]
    for section in document.sections:
        lines += [f"## {for_markdown(section.title)}", "", *_table(section), ""]
        lines += [line for note in section.notes for line in (for_markdown(note), "")]
    lines += [line for caption in document.captions for line in (for_markdown(caption), "")]
    return "\n".join(lines)
