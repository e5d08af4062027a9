"""The options of every command that prints a result, and what they share in printing it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from autostats.errors import AutostatsError, UsageError
from autostats.period import resolve_period
from autostats.queries.cycles import all_cycles, cycle_period
from autostats.queries.instruments import choose_instruments
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings, read_settings
from autostats.render.durations import human
from autostats.render.notes import Notes
from autostats.render.output import Format
from autostats.warehouse import Warehouse

_PERIOD = "Period"
_OUTPUT = "Output"


def _completed(
    context: typer.Context, incomplete: str, names: Callable[[Warehouse], Sequence[str]]
) -> list[str]:
    """Return those of `names` that begin with `incomplete`; none where the statistics cannot be read."""
    from autostats.dbt_setup.setup import Setup
    from autostats.warehouse import connect

    try:
        with connect(Setup.resolve(context.params.get("home")), wait=0) as warehouse:
            found = names(warehouse)
    except AutostatsError:
        return []
    return [name for name in found if name.casefold().startswith(incomplete.casefold())]


def complete_instruments(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments that the shell may complete `incomplete` to."""
    from autostats.queries.instruments import named_instruments

    return _completed(context, incomplete, named_instruments)


def complete_polled(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments with polls that the shell may complete `incomplete` to."""
    from autostats.queries.availability import polled_instruments

    return _completed(context, incomplete, polled_instruments)


def complete_tables(context: typer.Context, incomplete: str) -> list[str]:
    """Return the monitored tables that the shell may complete `incomplete` to."""
    from autostats.queries.table_freshness import monitored_tables

    return _completed(context, incomplete, monitored_tables)


def complete_counted(context: typer.Context, incomplete: str) -> list[str]:
    """Return the locations with counted files that the shell may complete `incomplete` to."""
    from autostats.queries.archive import counted_locations

    return _completed(context, incomplete, counted_locations)


def complete_cycles(context: typer.Context, incomplete: str) -> list[str]:
    """Return the beam cycles that the shell may complete `incomplete` to."""
    return _completed(context, incomplete, lambda warehouse: [cycle.label for cycle in all_cycles(warehouse)])


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
        "ISO dates, UTC times; of report and digest, html (a page); of report, prometheus (.prom: metrics). "
        "csv holds one table. Default: what the suffix of --output says, or else table.",
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


def chosen_scope(
    warehouse: Warehouse,
    instruments: Sequence[str] | None,
    from_: str | None,
    to: str | None,
    last: str | None,
    cycle: str | None,
) -> Scope:
    """Return the instruments, and the period that `--from`, `--to`, `--last` or `--cycle` name.

    Without any, it is the last seven days. Raises UsageError for nonsense, and for `--cycle` with one of the
    others.
    """
    settings = read_settings(warehouse)
    chosen = choose_instruments(warehouse, instruments or [])
    if cycle is None:
        return Scope(warehouse, settings, resolve_period(from_, to, last, settings.clock), chosen)
    if from_ or to or last:
        raise UsageError("--cycle already names a period.", "Leave out --from, --to and --last.")
    return Scope(warehouse, settings, cycle_period(warehouse, cycle, settings.clock), chosen)


def age_caption(settings: Settings, wanted: Format, notes: Notes) -> str:
    """Return the sentence that says when the statistics were built.

    If they are older than a nightly run explains, it says so too. Formats for programs have no room for that,
    so it goes to stderr there.
    """
    if not settings.is_late:
        return settings.caption
    ago = human(settings.age.total_seconds())
    warning = f"{settings.caption[:-1]}, {ago} ago: has `autostats run` stopped?"
    if wanted in (Format.CSV, Format.JSON, Format.PROMETHEUS):
        notes(warning)
    return warning
