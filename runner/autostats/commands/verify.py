"""`autostats verify`: are the statistics what the source says."""

import random
from dataclasses import asdict
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import FormatOption, FromOption, LastOption, OutputOption, ToOption
from autostats.dbt_setup.setup import Setup
from autostats.errors import CheckFailed
from autostats.period import resolve_period
from autostats.queries.settings import Settings, read_settings
from autostats.render.notes import PATIENCE_SECONDS, Notes
from autostats.render.output import chosen_format, emit
from autostats.render.progress import progress_bar
from autostats.render.section import Column, Document, Kind, Section
from autostats.text import counted
from autostats.verification.comparison import Verification, days_to_verify, verify_days
from autostats.verification.copied_jobs import read_recount_settings
from autostats.warehouse import connect

EXAMPLES = {
    "autostats verify": "recount seven random days",
    "autostats verify --quiet": "once a week from cron: mail only if something differs",
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
            help="How many random days. Default: 7, or all days of the period if you give one.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed",
            metavar="N",
            help="Choose the same random days again. Default: different days each time.",
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
    """Recount random days from the source, and compare them with the statistics.

    The recount is plain Python and shares nothing with the models. It covers the
    daily record and the runs, resolved runs, unresolved runs and missing runs of
    these days. If anything differs, each such cell is shown, the exit code is 1,
    and the error names the command that fixes it; with --quiet, nothing is printed
    if all agree. Jobs that the source has deleted are counted as last seen, and
    jobs that changed since the last run as they were then.

    It reads the times, instruments and run numbers of all jobs in the source, and
    whole rows of the jobs on the chosen days and of all other jobs of their runs:
    run it at a quiet hour. The more jobs the chosen days have, the longer it takes.
    """
    from autostats.verification.source_jobs import SourceJobs

    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output)
    setup = Setup.resolve(home, target)
    with connect(setup, notes) as warehouse:
        settings = read_settings(warehouse)
        recount_settings = read_recount_settings(warehouse)
        choice = days_to_verify(warehouse, recount_settings)
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
        with (
            SourceJobs(setup.source, recount_settings) as source,
            progress_bar("counting days", quiet=quiet, has_clock=False, after=PATIENCE_SECONDS) as on_day,
        ):
            found = verify_days(warehouse, source, recount_settings, choice, on_day)
    again = f" (--seed {seed})" if seed is not None else ""
    jobs = f"{counted(found.jobs, 'job')} of {counted(found.days, 'day')}"
    notes(f"Recounted {jobs}{again}: {counted(found.rows, 'row')} compared.")
    _note_exceptions(found, notes)
    if not found.differences:
        notes("The statistics agree with the source.")
        return
    emit(_document(found, settings), wanted, output)
    raise _complaint(found)


def _note_exceptions(found: Verification, notes: Notes) -> None:
    if found.remembered:
        notes(f"{counted(found.remembered, 'job')} no longer in the source: counted as last seen.")
    if found.newer:
        notes(f"{counted(found.newer, 'job')} changed since the last run: counted as they were then.")


def _summary(found: Verification) -> str:
    cells = len(found.differences)
    verb = "differs" if cells == 1 else "differ"
    days = len({difference.day for difference in found.differences})
    return f"{counted(cells, 'cell')} of {counted(days, 'day')} {verb} from the source"


def _document(found: Verification, settings: Settings) -> Document:
    section = Section(
        name="differences",
        title="Differences between the statistics and the source",
        columns=[
            Column("instrument", Kind.TEXT, "Instrument"),
            Column("day", Kind.DAY, "Day"),
            Column("column", Kind.TEXT, "Column"),
            Column("statistics", Kind.NUMBER, "Statistics say"),
            Column("source", Kind.NUMBER, "Source says"),
            Column("table", Kind.TEXT, "Table"),
            Column("run_number", Kind.NUMBER, "Run"),
        ],
        rows=[asdict(difference) for difference in found.differences],
        layouts=[
            ("instrument", "day", "table", "run_number", "column", "statistics", "source"),
            ("instrument", "day", "run_number", "column", "statistics", "source"),
        ],
    )
    return Document(
        schema="autostats/verify/1",
        title=_summary(found),
        facts={
            "days": found.days,
            "cells": found.cells,
            "rows": found.rows,
            "settings": settings.facts,
        },
        sections=[section],
        timezone=settings.facility_timezone,
        captions=[settings.caption],
    )


def _complaint(found: Verification) -> CheckFailed:
    return CheckFailed(f"{_summary(found)}.", _remedy(found))


def _remedy(found: Verification) -> str:
    """Return the command that fixes what was found."""
    if found.is_another_source:
        return (
            "This is not the source that the statistics were built from: use that one, "
            "or accept this one with `autostats run --accept-source`."
        )
    if found.needs_full_refresh:
        return "`autostats run --full-refresh` reads everything again."
    first, last = min(found.days_to_rebuild), max(found.days_to_rebuild)
    return (
        f"`autostats run --from {first} --to {last}` reads these days again; if they still differ, "
        "`autostats run --full-refresh` reads everything."
    )
