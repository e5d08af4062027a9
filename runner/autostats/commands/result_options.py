"""The options of every command that prints a result, and what they share in printing it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from autostats.errors import AutostatsError, UsageError
from autostats.period import Period, resolve_period
from autostats.render.durations import human
from autostats.render.notes import Notes
from autostats.render.output import Format
from autostats.statistics.buckets import cycle_period, known_cycles
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

_PERIOD = "Period"
_OUTPUT = "Output"


def _completed(
    context: typer.Context, incomplete: str, names: Callable[[Warehouse], Sequence[str]]
) -> list[str]:
    """Return those of `names` that begin with `incomplete`; none where the statistics cannot be read."""
    from autostats.home import Home
    from autostats.warehouse import connect

    try:
        with connect(Home.resolve(context.params.get("home")), wait=0) as warehouse:
            found = names(warehouse)
    except AutostatsError:
        return []
    return [name for name in found if name.casefold().startswith(incomplete.casefold())]


def complete_instruments(context: typer.Context, incomplete: str) -> list[str]:
    """Return the instruments that the shell may complete `incomplete` to."""
    from autostats.statistics.instruments import known_instruments

    return _completed(context, incomplete, known_instruments)


def complete_cycles(context: typer.Context, incomplete: str) -> list[str]:
    """Return the beam cycles that the shell may complete `incomplete` to."""
    return _completed(context, incomplete, known_cycles)


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
        help="First day: 2020-02-11, 2020-02 (its first day), `yesterday`, `today`.",
        rich_help_panel=_PERIOD,
        show_default=False,
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DAY",
        help="Last day, included: as --from; a month is its last day. Default: the last complete day.",
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
        help="A beam cycle, such as 2019/03, as far as it has come.",
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
        help="table for people; csv, json and md (markdown) for programs: raw seconds, ISO dates, UTC times. "
        "csv holds one table. Default: by the suffix of --output, else table.",
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


def chosen_period(
    warehouse: Warehouse,
    settings: Settings,
    from_: str | None,
    to: str | None,
    last: str | None,
    cycle: str | None,
) -> Period:
    """Return the period that `--from`, `--to`, `--last` or `--cycle` name; without any, the last seven days.

    Raises UsageError for nonsense, and for `--cycle` with one of the others.
    """
    if cycle is None:
        return resolve_period(from_, to, last, settings.clock)
    if from_ or to or last:
        raise UsageError("--cycle is a period of its own.", "Leave out --from, --to and --last.")
    return cycle_period(warehouse, cycle, settings.clock)


def age_caption(settings: Settings, wanted: Format, notes: Notes) -> str:
    """Return the sentence that says when the statistics were built.

    One that is older than a nightly run explains says so too; programs' formats have no room for it, so
    that it goes to stderr there.
    """
    if not settings.is_late:
        return settings.caption
    ago = human(settings.age.total_seconds())
    warning = f"{settings.caption[:-1]}, {ago} ago: has `autostats run` stopped?"
    if wanted in (Format.CSV, Format.JSON):
        notes(warning)
    return warning
