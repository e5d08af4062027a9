"""`autostats explain`."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import typer

from autostats.catalogue import Catalogue, worded
from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.completing import complete_instruments
from autostats.commands.result_options import (
    FormatOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
)
from autostats.configuration.links import configured_links
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, CheckFailed, UsageError
from autostats.links import Links
from autostats.period import Period, parse_day, weekday
from autostats.queries.days import recorded_days
from autostats.queries.explain import NUMBERS, Explanation, explain_number, find_number
from autostats.queries.instruments import choose_instruments
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings, read_settings
from autostats.render.cells import count, share
from autostats.render.durations import human
from autostats.render.notes import Notes
from autostats.render.output import ONE_TABLE, Format, chosen_format, emit
from autostats.render.section import Document, Kind
from autostats.sections.explain import explained_column, rows_section
from autostats.text import printable
from autostats.warehouse import connect

EXAMPLES = {
    "autostats explain WISH 2020-02-11 jobs_failed": "the failed jobs behind the number",
    "autostats explain WISH yesterday p95_exe_time": "the jobs by execution time, the percentile marked",
    "autostats explain WISH 69668": "what is known of one run: its jobs, its files, whether it is missing",
}

_HIGHEST_RUN = 10**18 - 1


def _complete_column(incomplete: str) -> list[str]:
    return [name for name in NUMBERS if name.startswith(incomplete.lower())]


def _shown(value: float | None, kind: Kind) -> str:
    if value is None:
        return "none"
    if kind is Kind.SECONDS:
        return f"{human(value)} ({value:.6g} s)"
    return share(value) if kind is Kind.SHARE else count(value)


def _no_such_day(scope: Scope, instrument: str, day: date) -> UsageError:
    recorded = recorded_days(scope)
    reach = (
        f"Its record goes from {recorded[0]} to {recorded[1]}."
        if recorded
        else "The statistics have no jobs for it."
    )
    return UsageError(f"{printable(instrument)} has no record for {day}.", reach)


def _document(
    catalogue: Catalogue,
    explanation: Explanation,
    instrument: str,
    day: date,
    settings: Settings,
    caption: str,
    links: Links,
) -> Document:
    column = explained_column(catalogue, explanation.column)
    definition = worded(column.description, null="none")
    facts: dict[str, Any] = {
        "instrument": instrument,
        "day": day.isoformat(),
        "column": column.name,
        "value": explanation.value,
        "definition": definition,
        "recounted": explanation.recounted,
        "agrees": explanation.agrees,
        "settings": settings.facts,
    }
    return Document(
        schema="autostats/explain/1",
        title=f"{instrument}, {weekday(day)} {day}: {column.name} = {_shown(explanation.value, column.kind)}",
        facts=facts,
        sections=[
            replace(rows_section(catalogue, explanation, day, settings), about={"instrument": instrument})
        ],
        timezone=settings.facility_timezone,
        captions=[caption],
        links=links,
        lead=definition,
    )


def _run_number(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise UsageError(
            f"There is no COLUMN, and {text!r} is no run number.",
            "`autostats explain INSTRUMENT DAY COLUMN` explains a number, and `INSTRUMENT RUN` a run.",
        )
    if int(digits) > _HIGHEST_RUN:
        raise UsageError(f"{digits} is no run number.", "Run numbers have at most 18 digits.")
    return int(digits)


def _run_document(setup: Setup, instrument: str, run_number: int, wanted: Format, notes: Notes) -> Document:
    """Return what is known of a run; if its files cannot be read, the rest."""
    from autostats.observations.files import files_of_run
    from autostats.queries.explain_run import explain_run
    from autostats.sections.explain_run import run_lead, run_sections

    with connect(setup, notes) as warehouse:
        settings = read_settings(warehouse)
        [name] = choose_instruments(warehouse, [instrument]) or []
        known = explain_run(warehouse, name, run_number)
        catalogue = warehouse.catalogue
        try:
            files = files_of_run(warehouse, setup, name, run_number)
        except AutostatsError as error:
            notes(f"{error} {error.remedy}")
            files = None
    about = {"instrument": name, "run": run_number}
    sections = [replace(section, about=about) for section in run_sections(catalogue, known, files)]
    load = known.load and {**known.load, "loaded_at": f"{known.load['loaded_at'].isoformat()}Z"}
    return Document(
        schema="autostats/explain-run/1",
        title=f"{name}, run {run_number}",
        facts={"instrument": name, "run_number": run_number, "load": load, "settings": settings.facts},
        sections=sections[:1] if wanted in ONE_TABLE else sections,
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
        lead=run_lead(known, settings),
        links=configured_links(setup.configuration),
    )


def explain(
    instrument: Annotated[
        str,
        typer.Argument(
            metavar="INSTRUMENT",
            help="The instrument, in upper or lower case.",
            autocompletion=complete_instruments,
        ),
    ],
    day: Annotated[
        str, typer.Argument(metavar="DAY|RUN", help="2020-02-11, `yesterday` or `today`; or a run number.")
    ],
    column: Annotated[
        str | None,
        typer.Argument(
            metavar="[COLUMN]",
            help=f"Of a day, the number to explain: {', '.join(NUMBERS)}.",
            show_default=False,
            autocompletion=_complete_column,
        ),
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
    """Show the jobs or runs behind one number of the daily record, and what the number means.

    It recounts the number from them; the exit code is 1 if the record says something else.

    With a run number instead of a day and a column, show what is known of that run: its
    jobs, whether it is missing, its files, and the looks at the archive. csv has the jobs.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    setup = Setup.resolve(home, target)
    if column is None:
        document = _run_document(setup, instrument, _run_number(day), wanted, notes)
        emit(document, wanted, output, paged=not no_pager)
        return
    name = find_number(column)
    with connect(setup, notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = (choose_instruments(warehouse, [instrument]) or [])[0]
        on = parse_day(day, settings.clock.today)
        explanation = explain_number(warehouse, chosen, on, name)
        if explanation is None:
            raise _no_such_day(Scope(warehouse, settings, Period(on, on), [chosen]), chosen, on)
        catalogue = warehouse.catalogue
    links = configured_links(setup.configuration)
    caption = age_caption(settings, wanted, notes)
    document = _document(catalogue, explanation, chosen, on, settings, caption, links)
    emit(document, wanted, output, paged=not no_pager)
    if not explanation.agrees:
        kind = explained_column(catalogue, name).kind
        raise CheckFailed(
            f"The record says {_shown(explanation.value, kind)}, but the rows behind it give"
            f" {_shown(explanation.recounted, kind)}.",
            f"`autostats run --from {on} --to {on}` recounts the day.",
        )
