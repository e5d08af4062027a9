"""`autostats explain`."""

from datetime import date
from typing import Annotated, Any

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    FormatOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
    complete_instruments,
)
from autostats.errors import CheckFailed, UsageError
from autostats.home import Home
from autostats.period import parse_day, weekday
from autostats.render.cells import count, share
from autostats.render.durations import human
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Document
from autostats.render.text import plain as printable
from autostats.sections.explain import rows_section
from autostats.statistics.days import recorded_days
from autostats.statistics.explain import NUMBERS, Explanation, explain_number, find_number
from autostats.statistics.instruments import choose_instruments
from autostats.statistics.settings import Settings, read_settings
from autostats.warehouse import Warehouse, connect

EXAMPLES = {
    "autostats explain WISH 2020-02-11 jobs_failed": "the failed jobs behind the number",
    "autostats explain WISH yesterday p95_exe_time": "the jobs by execution time, with the one at the rank",
}


def _complete_column(incomplete: str) -> list[str]:
    return [name for name in NUMBERS if name.startswith(incomplete.lower())]


def _shown(value: float | None, unit: str) -> str:
    if value is None:
        return "none"
    if unit == "count":
        return count(value)
    if unit == "share":
        return share(value)
    return f"{human(value)} ({value:.6g} s)"


def _no_such_day(warehouse: Warehouse, instrument: str, day: date) -> UsageError:
    recorded = recorded_days(warehouse, [instrument])
    reach = (
        f"Its record goes from {recorded[0]} to {recorded[1]}."
        if recorded
        else "It has had no job in the time that the statistics know."
    )
    return UsageError(f"{printable(instrument)} has no record of {day}.", reach)


def _document(
    explanation: Explanation, instrument: str, day: date, settings: Settings, caption: str
) -> Document:
    number, column = explanation.number, explanation.column
    facts: dict[str, Any] = {
        "instrument": instrument,
        "day": day.isoformat(),
        "column": column,
        "value": explanation.value,
        "definition": number.definition,
        "recounted": explanation.recounted,
        "agrees": explanation.agrees,
        "settings": settings.facts,
    }
    return Document(
        schema="autostats/explain/1",
        title=f"{instrument}, {weekday(day)} {day}: {column} = {_shown(explanation.value, number.unit)}",
        facts=facts,
        sections=[rows_section(explanation, day, settings)],
        timezone=settings.facility_timezone,
        captions=[caption],
        lead=number.definition,
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

    The number is recounted from them; exit code 1 when the record says something else.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    name = find_number(column)
    with connect(Home.resolve(home), target, notes) as warehouse:
        settings = read_settings(warehouse)
        chosen = (choose_instruments(warehouse, [instrument]) or [])[0]
        on = parse_day(day, settings.clock.today)
        explanation = explain_number(warehouse, chosen, on, name)
        if explanation is None:
            raise _no_such_day(warehouse, chosen, on)
    document = _document(explanation, chosen, on, settings, age_caption(settings, wanted, notes))
    emit(document, wanted, output, paged=not no_pager)
    if not explanation.agrees:
        unit = explanation.number.unit
        raise CheckFailed(
            f"The record says {_shown(explanation.value, unit)}, the rows behind it make"
            f" {_shown(explanation.recounted, unit)}.",
            f"`autostats run --from {on} --to {on}` counts the day again.",
        )
