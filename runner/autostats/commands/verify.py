"""`autostats verify`: are the statistics what the source says."""

import random
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, FromOption, LastOption, OutputOption, ToOption
from autostats.errors import CheckFailed
from autostats.home import Home
from autostats.period import resolve_period
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Column, Document, Kind, Section
from autostats.statistics.settings import Settings, read_settings
from autostats.verification.comparison import Verification, recorded_days, source_timezone, verify_days
from autostats.warehouse import connect

EXAMPLES = {
    "autostats verify": "seven random days, counted anew",
    "autostats verify --quiet": "once a week from cron: a mail only when something differs",
    "autostats verify --from 2020-02-01 --to 2020-02-29": "each day of a month",
    "autostats verify --days 30 --seed 7": "the same thirty random days each time",
}
_DEFAULT_DAYS = 7
_HIGHEST_SEED = 999_999


def verify(
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            metavar="N",
            min=1,
            help="How many random days. Default: 7, or all days of a period that is given.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            help="Choose the same random days again. Default: others each time.",
            show_default=False,
        ),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    format_: FormatOption = None,
    output: OutputOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Count random days anew from the source, and compare the statistics.

    The count shares nothing with the models. Each cell of the daily record that
    differs is shown, and the exit code is 1; with --quiet nothing is printed when
    all agree. Jobs that the source has deleted count as they were seen last, and
    jobs that changed since the last run as they were then. The source reads its
    table of jobs once from end to end, in four columns: do it at a quiet hour.
    """
    from autostats.server_target import find_server_target
    from autostats.source.url import Source
    from autostats.verification.source_jobs import SourceJobs

    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output)
    with connect(Home.resolve(home), target, notes) as warehouse:
        settings = read_settings(warehouse)
        choice = recorded_days(warehouse)
        if from_ or to or last:
            period = resolve_period(from_, to, last, settings.clock)
            choice = [day for day in choice if period.first <= day <= period.last]
        elif days is None:
            days = _DEFAULT_DAYS
        if not choice:
            notes("The statistics hold no complete day of this period: there is nothing to verify.")
            return
        if days is not None and days < len(choice):
            seed = random.randint(0, _HIGHEST_SEED) if seed is None else seed
            choice = sorted(random.Random(seed).sample(choice, days))
        server = find_server_target(Home.resolve(home), target)
        origin = Source.from_environment() if server is None else server.source
        with SourceJobs(origin, source_timezone(warehouse)) as source:
            found = verify_days(warehouse, source, settings, choice)
    again = f" (--seed {seed})" if seed is not None else ""
    counted = f"{_counted(found.jobs, 'job')} of {_counted(found.days, 'day')}"
    notes(f"Counted {counted} anew{again}: {_counted(found.cells, 'row')} compared.")
    _note_exceptions(found, notes)
    if not found.differences:
        notes("The statistics agree with the source.")
        return
    emit(_document(found, settings), wanted, output)
    raise _complaint(found)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _note_exceptions(found: Verification, notes: Notes) -> None:
    if found.remembered:
        notes(f"{_counted(found.remembered, 'job')} no longer at the source: counted as last seen.")
    if found.newer:
        notes(f"{_counted(found.newer, 'job')} changed since the last run: counted as they were then.")


def _summary(cells: int, days: int) -> str:
    verb = "differs" if cells == 1 else "differ"
    return f"{_counted(cells, 'cell')} of {_counted(days, 'day')} {verb} from the source"


def _document(found: Verification, settings: Settings) -> Document:
    layout = ("instrument", "day", "column", "statistics", "source")
    rows = [
        {
            "instrument": difference.instrument,
            "day": difference.day,
            "column": difference.column,
            "statistics": difference.statistics,
            "source": difference.source,
        }
        for difference in found.differences
    ]
    section = Section(
        name="differences",
        title="Differences between the statistics and the source",
        columns=[
            Column("instrument", Kind.TEXT, "Instrument"),
            Column("day", Kind.DAY, "Day"),
            Column("column", Kind.TEXT, "Column"),
            Column("statistics", Kind.NUMBER, "Statistics say"),
            Column("source", Kind.NUMBER, "Source says"),
        ],
        rows=rows,
        layouts=[layout],
    )
    return Document(
        schema="autostats/verify/1",
        title=_summary(len(rows), found.days),
        facts={"days": found.days, "cells": found.cells, "settings": settings.facts},
        sections=[section],
        timezone=settings.facility_timezone,
        captions=[settings.caption],
    )


def _complaint(found: Verification) -> CheckFailed:
    differing = sorted({difference.day for difference in found.differences})
    first, last = differing[0], differing[-1]
    return CheckFailed(
        f"{_summary(len(found.differences), len(differing))}.",
        f"`autostats run --from {first} --to {last}` reads these days again; if they differ still, "
        "`autostats run --full-refresh` reads all.",
    )
