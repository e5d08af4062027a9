"""`autostats explain`."""

from datetime import date
from typing import Annotated, Any

import typer

from autostats.catalogue import Catalogue, worded
from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    FormatOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
    complete_instruments,
)
from autostats.dbt_setup.setup import Setup
from autostats.errors import CheckFailed, UsageError
from autostats.period import Period, parse_day, weekday
from autostats.queries.days import recorded_days
from autostats.queries.explain import NUMBERS, Explanation, explain_number, find_number
from autostats.queries.instruments import choose_instruments
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings, read_settings
from autostats.render.cells import count, share
from autostats.render.durations import human
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Document, Kind
from autostats.sections.explain import explained_column, rows_section
from autostats.text import printable
from autostats.warehouse import connect

EXAMPLES = {
    "autostats explain WISH 2020-02-11 jobs_failed": "the failed jobs behind the number",
    "autostats explain WISH yesterday p95_exe_time": "the jobs by execution time, the percentile marked",
}


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
        sections=[rows_section(catalogue, explanation, day, settings)],
        timezone=settings.facility_timezone,
        captions=[caption],
        lead=definition,
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
    day: Annotated[str, typer.Argument(metavar="DAY", help="2020-02-11, `yesterday` or `today`.")],
    column: Annotated[
        str,
        typer.Argument(
            metavar="COLUMN",
            help=f"The number to explain: {', '.join(NUMBERS)}.",
            autocompletion=_complete_column,
        ),
    ],
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
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    name = find_number(column)
    with connect(Setup.resolve(home, target), notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = (choose_instruments(warehouse, [instrument]) or [])[0]
        on = parse_day(day, settings.clock.today)
        explanation = explain_number(warehouse, chosen, on, name)
        if explanation is None:
            raise _no_such_day(Scope(warehouse, settings, Period(on, on), [chosen]), chosen, on)
        catalogue = warehouse.catalogue
    document = _document(catalogue, explanation, chosen, on, settings, age_caption(settings, wanted, notes))
    emit(document, wanted, output, paged=not no_pager)
    if not explanation.agrees:
        kind = explained_column(catalogue, name).kind
        raise CheckFailed(
            f"The record says {_shown(explanation.value, kind)}, but the rows behind it give"
            f" {_shown(explanation.recounted, kind)}.",
            f"`autostats run --from {on} --to {on}` recounts the day.",
        )
