"""CSV: one section, a header line, and the total row (without a name in its first column) last."""

import csv
import io

from autostats.errors import UsageError
from autostats.render.machine import machine_text
from autostats.render.section import Document
from autostats.text import for_csv


def as_csv(document: Document) -> str:
    """Return the document's only section as CSV.

    Raises UsageError when it has several.
    """
    if len(document.sections) != 1:
        names = ", ".join(section.name for section in document.sections)
        raise UsageError(
            f"CSV holds one table, and you asked for {len(document.sections)}: {names}.",
            "Ask for one of them, or for `--format json`.",
        )
    section = document.sections[0]
    columns = section.machine_columns
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in [*section.rows, *([section.total] if section.total is not None else [])]:
        values = [row.get(column.name) for column in columns]
        writer.writerow(
            [for_csv(value) if isinstance(value, str) else machine_text(value) for value in values]
        )
    return out.getvalue()
