"""Markdown: a heading and a pipe table for each section, with values as in tables for people."""

from autostats.links import Links
from autostats.render.cells import TO_THE_LEFT, Look
from autostats.render.linked import linker
from autostats.render.section import Document, Row, Section
from autostats.text import for_markdown, markdown_link


def _table(section: Section, links: Links, look: Look) -> list[str]:
    columns = section.machine_columns
    address = linker(links, section)

    def line(row: Row) -> str:
        cells = []
        for column in columns:
            text = for_markdown(look.text(column, row.get(column.name))) if column.name in row else ""
            leads_to = address(column, row)
            cells.append(text if leads_to is None else markdown_link(text, leads_to))
        return f"| {' | '.join(cells)} |"

    lines = [
        f"| {' | '.join(for_markdown(column.heading_line) for column in columns)} |",
        f"|{'|'.join(' --- ' if column.kind in TO_THE_LEFT else ' ---: ' for column in columns)}|",
        *map(line, section.rows),
    ]
    if section.total is not None:
        label = section.total_label
        total = {**section.total, label: "TOTAL"} if label else section.total
        lines.append(line(total).replace("TOTAL", "**Total**", 1))
    return lines


def as_markdown(document: Document) -> str:
    """Return the document as markdown, with times in its time zone."""
    look = Look(document.zone, unicode=True)
    lines = [f"# {for_markdown(document.title)}", ""]
    if document.lead:
        lines += [for_markdown(document.lead), ""]
    for section in [*document.shown_first, *document.sections]:
        lines += [f"## {for_markdown(section.heading)}", "", *_table(section, document.links, look), ""]
        lines += [line for note in section.notes for line in (for_markdown(note), "")]
    lines += [line for caption in document.captions for line in (for_markdown(caption), "")]
    return "\n".join(lines)
