"""Sentences for people who listen: a line per row, words for symbols, nothing left out to save space."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from autostats.render.cells import SECONDS_OF, Look
from autostats.render.durations import in_words
from autostats.render.section import Column, Document, Kind, Row, Section
from autostats.text import printable


def _value(column: Column, value: Any, look: Look) -> str:
    if value is None:
        return "none"
    if column.is_change and value:
        return (
            f"{'plus' if value > 0 else 'minus'} {_value(replace(column, is_change=False), abs(value), look)}"
        )
    match column.kind:
        case Kind.SECONDS:
            return in_words(value)
        case Kind.MINUTES | Kind.HOURS:
            return in_words(value * SECONDS_OF[column.kind])
        case Kind.SHARE | Kind.PERCENT:
            return look.text(column, value).replace("%", " %")
        case Kind.SERIES:
            return f"{min(value)} to {max(value)}" if value else "none"
        case _:
            return look.text(column, value)


def _phrase(column: Column, value: Any, look: Look) -> str:
    heading = column.heading_line
    words = column.spoken or f"{heading[:1].lower()}{heading[1:]} {{}}"
    text = _value(column, value, look)
    # Inserted last, because a name may contain braces.
    return words.replace("(s)", "" if text == "1" else "s").replace("{}", text)


def _sentence(row: Row, section: Section, look: Look) -> str:
    """Return the row as `Name: 3 jobs, 2 passed, ...`; empty texts are left out."""
    label: list[str] = []
    phrases: list[str] = []
    for column in (section.column(name) for name in section.layouts[0]):
        value = row.get(column.name)
        if value == "" or column.name not in row:
            continue
        # The subject of the row comes first: days, names.
        is_name = not phrases and (column.kind.is_text or column.kind in (Kind.DAY, Kind.TIME, Kind.HOUR))
        (label if is_name else phrases).append(_phrase(column, value, look))
    return ": ".join(", ".join(words) for words in (label, phrases) if words)


def _section(section: Section, look: Look) -> Iterator[str]:
    if not section.rows:
        yield f"{section.heading}: {section.empty}"
    else:
        yield section.heading if section.count else f"{section.heading}: {len(section.rows)}"
        yield from (_sentence(row, section, look) for row in section.rows)
    if section.total is not None and len(section.rows) > 1:
        label = section.total_label
        total = {**section.total, label: "Total"} if label else section.total
        yield _sentence(total, section, look)
    yield from section.notes


def as_plain(document: Document, zone: tzinfo) -> str:
    """Return the document as lines of text, a blank line before each section."""
    look = Look(zone, unicode=False)
    lines = [printable(document.title)]
    if document.lead:
        lines.append(document.lead)
    for section in [*document.shown_first, *document.sections]:
        lines += ["", *_section(section, look)]
    return "\n".join([*lines, "", *document.captions]) + "\n"
