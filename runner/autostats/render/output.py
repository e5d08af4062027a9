"""Where a result goes: stdout, or a file that is written whole or not at all."""

import os
import sys
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path

from autostats.errors import UsageError
from autostats.files import write_file
from autostats.render.cells import Look
from autostats.render.hyperlinks import shows_hyperlinks, without_hyperlinks
from autostats.render.section import Column, Document, Kind


class Format(StrEnum):
    """The formats that a result can have."""

    TABLE = "table"
    PLAIN = "plain"
    CSV = "csv"
    JSON = "json"
    MD = "md"
    XLSX = "xlsx"
    PARQUET = "parquet"
    HTML = "html"
    SVG = "svg"
    PNG = "png"
    PROMETHEUS = "prometheus"


_BY_SUFFIX = {
    "": Format.TABLE,
    ".txt": Format.TABLE,
    ".csv": Format.CSV,
    ".json": Format.JSON,
    ".md": Format.MD,
    ".xlsx": Format.XLSX,
    ".parquet": Format.PARQUET,
    ".html": Format.HTML,
    ".svg": Format.SVG,
    ".png": Format.PNG,
    ".prom": Format.PROMETHEUS,
}
# They hold one table: the one that is asked for.
ONE_TABLE = (Format.CSV, Format.PARQUET)
_BINARY = (Format.XLSX, Format.PARQUET)
_FOR_PEOPLE = (Format.TABLE, Format.PLAIN)
_FOR_EYES = (*_FOR_PEOPLE, Format.HTML)
_OF_FEW = {
    Format.HTML: (
        "HTML is available only for the report, the digest and `stats show`.",
        "Choose csv, json or md here, or `autostats report`.",
    ),
    **dict.fromkeys(
        (Format.SVG, Format.PNG),
        (
            "Pictures are not available here.",
            "`autostats plot` and `autostats stats show` draw them; choose table, csv, json or md here.",
        ),
    ),
    Format.PROMETHEUS: (
        "Prometheus metrics are not available here.",
        "`autostats report --format prometheus` has those for each instrument.",
    ),
}


def chosen_format(
    given: Format | None, output: Path | None, *, plain: bool = False, also: Collection[Format] = ()
) -> Format:
    """Return `--format`, else the format for the suffix of `--output`, else a table; with `plain`, no table.

    Raises UsageError for an unknown suffix, and for a format that only some commands have unless it is in
    `also`: before any work, and not just on the one night on which there is something to report.
    """
    chosen = given or _by_suffix(output)
    if chosen in _OF_FEW and chosen not in also:
        raise UsageError(*_OF_FEW[chosen])
    if chosen in _BINARY and output is None and sys.stdout.isatty():
        raise UsageError(
            f"{chosen} is not for a terminal.",
            f"Name a file, such as `--output result.{chosen}`, or pipe it with `|`.",
        )
    return Format.PLAIN if plain and chosen is Format.TABLE else chosen


def _by_suffix(output: Path | None) -> Format:
    suffix = "" if output is None else output.suffix.lower()
    if suffix not in _BY_SUFFIX:
        known = ", ".join(name for name in _BY_SUFFIX if name)
        raise UsageError(
            f"--output {str(output)!r}: no format has the suffix {suffix}.",
            f"Use one of {known}, or choose a format with --format.",
        )
    return _BY_SUFFIX[suffix]


def holds(wanted: Format, column: Column) -> bool:
    """Return whether a format can show a column: some are only for tables, and csv and md have no series."""
    if wanted in _FOR_EYES:
        return True
    return column.machine and (wanted is Format.JSON or column.kind is not Kind.SERIES)


def shows_unicode(encoding: str | None, *, is_terminal: bool) -> bool:
    """Return whether the output can show more than ASCII.

    Outside a terminal the stream's encoding proves little: under cron, with no locale, Python writes UTF-8
    but the mail declares ASCII. Only an explicitly set locale counts.
    """
    if (encoding or "").lower().replace("-", "") != "utf8":
        return False
    locale = os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    return is_terminal or locale.lower().replace("-", "").endswith("utf8")


def _table_text(document: Document, *, to_file: bool) -> str:
    from rich.console import Console

    from autostats.render.as_table import as_table

    console = Console(
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=False if to_file or not sys.stdout.isatty() else None,
    )
    unicode = shows_unicode("utf-8" if to_file else sys.stdout.encoding, is_terminal=console.is_terminal)
    look = Look(document.zone, unicode, console.is_terminal and shows_hyperlinks())
    return as_table(document, console, look)


def _text(document: Document, wanted: Format, *, to_file: bool) -> str:
    if wanted is Format.CSV:
        from autostats.render.as_csv import as_csv

        return as_csv(document)
    if wanted is Format.JSON:
        from autostats.render.as_json import as_json

        return as_json(document)
    if wanted is Format.MD:
        from autostats.render.as_markdown import as_markdown

        return as_markdown(document)
    if wanted is Format.PROMETHEUS:
        from autostats.render.as_prometheus import as_prometheus

        return as_prometheus(document)
    if wanted is Format.PLAIN:
        from autostats.render.as_plain import as_plain

        return as_plain(document, document.zone)
    return _table_text(document, to_file=to_file)


def _bytes(document: Document, wanted: Format) -> bytes:
    if wanted is Format.XLSX:
        from autostats.render.as_xlsx import as_xlsx

        return as_xlsx(document)
    from autostats.render.as_parquet import as_parquet

    return as_parquet(document)


def _print(text: str, content: bytes) -> None:
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
    else:
        sys.stdout.flush()
        buffer.write(content)
    sys.stdout.flush()


def _encoded(text: str) -> bytes:
    """Return text for people in the terminal's encoding."""
    return text.encode(sys.stdout.encoding or "utf-8", "replace")


def print_text(text: str) -> None:
    """Print text for people, in the terminal's encoding."""
    _print(text, _encoded(text))


def emit_text(text: str, output: Path | None) -> None:
    """Write text for programs or a browser to `output`, or to stdout if it is None: always in UTF-8.

    Raises UsageError when the file cannot be written.
    """
    content = text.encode("utf-8", "replace")
    if output is not None:
        write_file(output, content)
    else:
        _print(text, content)


def emit(document: Document, wanted: Format, output: Path | None, *, paged: bool = False) -> None:
    """Write the document to `output`, or to stdout if it is None.

    Formats for programs are UTF-8 whatever the locale; formats for people use the terminal's encoding.
    `paged`: a table that is longer than the screen goes through the pager. Raises UsageError when the file
    cannot be written, or the format cannot represent the document.
    """
    if wanted in _BINARY:
        whole = _bytes(document, wanted)
        if output is not None:
            write_file(output, whole)
        else:
            sys.stdout.buffer.write(whole)
        return
    text = _text(document, wanted, to_file=output is not None)
    if output is not None or wanted not in _FOR_PEOPLE:
        emit_text(text, output)
        return
    if paged and wanted is Format.TABLE:
        from autostats.render import pager

        # Not every pager passes hyperlinks on.
        if pager.is_wanted(text) and pager.page(_encoded(without_hyperlinks(text))):
            return
    print_text(text)
