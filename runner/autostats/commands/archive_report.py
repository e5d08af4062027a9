"""`autostats archive report`."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.completing import complete_counted, complete_days
from autostats.commands.result_options import (
    FormatOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
    sort_option,
)
from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.period import parse_date
from autostats.queries.archive import Within, counted_locations, file_counts
from autostats.queries.instruments import among
from autostats.queries.settings import Settings, read_settings
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit, holds
from autostats.render.section import Document
from autostats.sections.archive import COUNTS, counts_section, with_shortfalls
from autostats.text import counted
from autostats.warehouse import connect

_FORMS = "Write 2026-01-31, `yesterday`, `today` or, of cycles by time, 2026-01-31T06:00 (UTC)."
_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


def _moment(text: str, option: str, settings: Settings) -> date | datetime:
    """Return the day or the UTC time that an option names. Raises UsageError for anything else."""
    words = {"today": settings.clock.today, "yesterday": settings.clock.today - _DAY}
    if day := words.get(text.strip().lower()):
        return day
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%dT%H:%M")
    except ValueError:
        return parse_date(text, option, _FORMS)


def _within(from_: str | None, to: str | None, settings: Settings) -> Within | None:
    """Return the interval that `--from` and `--to` name, both included."""
    if not (from_ or to):
        return None
    limits = {}
    if from_:
        first = _moment(from_, "--from", settings)
        is_time = isinstance(first, datetime)
        limits["first_cycle"] = datetime(*first.timetuple()[:5])
        limits["first_modified"] = limits["first_cycle"] if is_time else settings.midnight(first)
    if to:
        last = _moment(to, "--to", settings)
        at = datetime(*last.timetuple()[:5])
        if isinstance(last, datetime):
            limits["cycles_end"] = limits["modified_end"] = at + _INSTANT
        elif last.year < date.max.year:
            limits["cycles_end"], limits["modified_end"] = at + _DAY, settings.midnight(last + _DAY)
    within = Within(**limits)
    if within.first_cycle >= within.cycles_end:
        raise UsageError(f"--from {from_} is after --to {to}.", "Swap them.")
    return within


def report(
    locations: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[LOCATION]...",
            help="Locations, in upper or lower case. Default: all whose files were counted.",
            show_default=False,
            autocompletion=complete_counted,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="PATTERN",
            help="Only rows whose experiment, location, file type, instrument or cycle is like this, in any"
            " case: % stands for any text, _ for any character.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="First day, 2026-01-31 or `yesterday`, or time, 2026-01-31T06:00 (UTC): of a cycle by time"
            " or, of other rows, of the newest file.",
            show_default=False,
            autocompletion=complete_days,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DAY",
            help="Last day or time (included).",
            show_default=False,
            autocompletion=complete_days,
        ),
    ] = None,
    order: Annotated[str | None, sort_option(COUNTS, "--order", "shortfall")] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="Show the first N rows.", show_default=False),
    ] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print how many files there are, how many there should be, and how old the newest is.

    There is one row per location, file type, instrument and cycle: the newest complete
    count that the newest run has taken. Below the table, a line for each cycle by time
    that lacks files.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    with connect(Setup.resolve(home, target), notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = among(counted_locations(warehouse), locations or [], "location")
        rows = file_counts(warehouse, chosen, like, _within(from_, to, settings))
        is_chosen = bool(locations or like or from_ or to)
        section = counts_section(warehouse.catalogue, rows, is_chosen=is_chosen)
    [section] = arranged([section], None, order, partial(holds, wanted), "--order")
    document = Document(
        schema="autostats/archive-report/1",
        title=f"{section.title}: {counted(sum(row['files'] for row in rows), 'file')}",
        facts={"settings": settings.facts},
        sections=[with_shortfalls(section, limit)],
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
    )
    emit(document, wanted, output, paged=not no_pager)
