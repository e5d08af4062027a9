"""Parquet: one section, as CSV has it, with typed columns; times are UTC."""

from pathlib import Path
from tempfile import TemporaryDirectory

from autostats.render.only_section import only_section
from autostats.render.section import Column, Document, Kind
from autostats.sql_text import quoted

_TYPES = {
    Kind.NUMBER: "bigint",
    Kind.RUN: "bigint",
    Kind.JOB: "bigint",
    Kind.RB: "bigint",
    Kind.COUNT: "bigint",
    Kind.BAD_COUNT: "bigint",
    Kind.SHARE: "double",
    Kind.PERCENT: "double",
    Kind.MINUTES: "double",
    Kind.SECONDS: "double",
    Kind.HOURS: "double",
    Kind.DAY: "date",
    Kind.TIME: "timestamptz",
    Kind.HOUR: "timestamptz",
    Kind.FLAG: "boolean",
}


def _values(column: Column) -> str:
    values = f"unnest(?::{_TYPES.get(column.kind, 'varchar').replace('timestamptz', 'timestamp')}[])"
    if _TYPES.get(column.kind) == "timestamptz":
        values = f"timezone('UTC', {values})"
    return f"{values} as {quoted(column.name)}"


def as_parquet(document: Document) -> bytes:
    """Return the document's only section as a Parquet file.

    Raises UsageError when it has several.
    """
    import duckdb

    section = only_section(document, "Parquet")
    columns = section.machine_columns
    rows = section.rows_and_total
    with TemporaryDirectory(prefix="autostats-parquet-") as folder, duckdb.connect() as connection:
        file = Path(folder) / "section.parquet"
        connection.execute(
            f"create table section as select {', '.join(map(_values, columns))}",
            [[row.get(column.name) for row in rows] for column in columns],
        )
        connection.execute(f"copy section to '{file}' (format parquet)")
        return file.read_bytes()
