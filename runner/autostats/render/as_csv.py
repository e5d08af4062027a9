"""CSV: one section, a header line, and the total row (without a name in its first column) last."""

import csv
import io

from autostats.render.machine import machine_text
from autostats.render.only_section import only_section
from autostats.render.section import Document
from autostats.text import for_csv


def as_csv(document: Document) -> str:
    """Return the document's only section as CSV.

    Raises UsageError when it has several.
    """
    section = only_section(document, "CSV")
    columns = section.machine_columns
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.name for column in columns])
    for row in section.rows_and_total:
        values = [row.get(column.name) for column in columns]
        writer.writerow(
            [for_csv(value) if isinstance(value, str) else machine_text(value) for value in values]
        )
    return out.getvalue()
