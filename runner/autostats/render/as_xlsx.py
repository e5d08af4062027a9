"""A workbook for spreadsheets: a sheet per section, with typed cells; times are UTC."""

import io
from datetime import date, datetime
from typing import Any

from autostats.errors import UsageError
from autostats.render.section import Document, Section
from autostats.text import printable

_LONGEST_NAME = 31
_WIDEST = 60


def as_xlsx(document: Document) -> bytes:
    """Return the document as a workbook.

    Raises UsageError if the extra `xlsx` is not installed.
    """
    try:
        from xlsxwriter import Workbook  # type: ignore[import-untyped]
    except ImportError:
        from autostats.installation import install_line

        raise UsageError(
            "A workbook needs a package that is not installed.", f"Install it: {install_line('xlsx')}"
        ) from None
    content = io.BytesIO()
    # Text is text, whatever it begins with.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(content, options) as workbook:
        for section in [*document.shown_first, *document.sections]:
            _write(workbook, section)
    return content.getvalue()


def _write(workbook: Any, section: Section) -> None:
    bold = workbook.add_format({"bold": True})
    formats = {
        date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
    }
    sheet = workbook.add_worksheet(section.name[:_LONGEST_NAME])
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(section.machine_columns):
        sheet.write_string(0, place, column.name, bold)
        width = len(column.name)
        for number, row in enumerate(section.rows_and_total, start=1):
            value = row.get(column.name)
            _cell(sheet, number, place, value, formats)
            width = max(width, len(str(value)))
        sheet.set_column(place, place, min(width, _WIDEST) + 2)


def _cell(sheet: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, printable(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[type(value)])
    else:
        sheet.write_number(row, column, float(value))
