"""The options of every command that prints a result, and what they share in printing it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from autostats.commands.completing import (
    complete_cycles,
    complete_days_or_months,
    complete_instruments,
    complete_spans,
)
from autostats.queries.settings import Settings
from autostats.render.notes import Notes
from autostats.render.output import Format
from autostats.sections.age import age_sentence

# Where there is no room for a caption.
_FOR_PROGRAMS = (Format.CSV, Format.JSON, Format.XLSX, Format.PARQUET, Format.PROMETHEUS)
_PERIOD = "Period"
_OUTPUT = "Output"


InstrumentsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[INSTRUMENT]...",
        help="Instruments, in upper or lower case. Default: all.",
        show_default=False,
        autocompletion=complete_instruments,
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="DAY",
        help="First day: 2020-02-11, 2020-02 (its first day), `yesterday` or `today`.",
        rich_help_panel=_PERIOD,
        show_default=False,
        autocompletion=complete_days_or_months,
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DAY",
        help="Last day (included), as in --from; a month means its last day. Default: the last complete day.",
        rich_help_panel=_PERIOD,
        show_default=False,
        autocompletion=complete_days_or_months,
    ),
]
LastOption = Annotated[
    str | None,
    typer.Option(
        "--last",
        metavar="SPAN",
        help="7d, 2w, 3m or 1y up to --to (default: the last complete day), or `yesterday`, or `today`.",
        rich_help_panel=_PERIOD,
        show_default=False,
        autocompletion=complete_spans,
    ),
]
CycleOption = Annotated[
    str | None,
    typer.Option(
        "--cycle",
        metavar="CYCLE",
        help="A beam cycle, such as 2019/03; a cycle that is not over, up to now.",
        rich_help_panel=_PERIOD,
        show_default=False,
        autocompletion=complete_cycles,
    ),
]
FormatOption = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        help="table and plain (sentences) for people; csv, json and md (markdown) for programs: raw seconds, "
        "ISO dates, UTC times; xlsx (a sheet for each table) and parquet, for a file or a pipe; of "
        "report, digest and stats show, html (a page); of stats show, svg, png; of "
        "report and stats show, prometheus (.prom: metrics). "
        "csv and parquet hold one table. Default: what the suffix of --output says, or else table.",
        rich_help_panel=_OUTPUT,
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to FILE, whole or not at all, instead of stdout.",
        rich_help_panel=_OUTPUT,
        show_default=False,
    ),
]
PlainOption = Annotated[
    bool,
    typer.Option(
        "--plain",
        envvar="AUTOSTATS_PLAIN",
        help="Print sentences instead of a table, for a screen reader: every figure in words, no symbols.",
        rich_help_panel=_OUTPUT,
        show_default=False,
    ),
]
NoPagerOption = Annotated[
    bool,
    typer.Option(
        "--no-pager",
        help="Print long tables without a pager. The pager is $AUTOSTATS_PAGER, $PAGER or less.",
        rich_help_panel=_OUTPUT,
        show_default=False,
    ),
]


def _complete_names(names: Sequence[str], signs: str) -> Callable[[str], list[str]]:
    """Return the completion of the last name in a list with commas; it may begin with one of `signs`."""

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        name = last.lstrip(signs)
        sign = last.removesuffix(name)
        given = [part.strip(signs) for part in before.split(",")]
        return [
            f"{before}{comma}{sign}{each}"
            for each in names
            if each.startswith(name.lower()) and each not in given
        ]

    return complete


def columns_option(names: Sequence[str]) -> Any:
    """Return the option `--columns`, which the shell completes from `names`."""
    return typer.Option(
        "--columns",
        metavar="NAMES",
        help="Columns to show, in this order, by their names in csv, such as jobs_failed,runs_total.",
        rich_help_panel=_OUTPUT,
        show_default=False,
        autocompletion=_complete_names(names, ""),
    )


def sort_option(names: Sequence[str], name: str = "--sort", example: str = "jobs_failed") -> Any:
    """Return the option that sorts, which the shell completes from `names`."""
    return typer.Option(
        name,
        metavar="NAMES",
        help=f"Columns to sort the rows by; a - before a name reverses the order: {name}=-{example}.",
        rich_help_panel=_OUTPUT,
        show_default=False,
        autocompletion=_complete_names(names, "-"),
    )


def age_caption(settings: Settings, wanted: Format, notes: Notes) -> str:
    """Return the sentence that says when the statistics were built.

    If they are older than a nightly run explains, it says so too. Formats for programs have no room for that,
    so it goes to stderr there.
    """
    sentence = age_sentence(settings)
    if settings.is_late and wanted in _FOR_PROGRAMS:
        notes(sentence)
    return sentence
