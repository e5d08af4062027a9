"""`autostats attention`: what needs somebody now."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    FormatOption,
    InstrumentsArgument,
    NoPagerOption,
    OutputOption,
    PlainOption,
    age_caption,
    columns_option,
    sort_option,
)
from autostats.configuration.links import configured_links
from autostats.dbt_setup.setup import Setup
from autostats.errors import CheckFailed
from autostats.period import EVER
from autostats.queries.attention import Severity, Subject, attention_words
from autostats.queries.instruments import choose_instruments
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.render.arrange import arranged
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit, holds
from autostats.render.section import Document, Row
from autostats.sections.attention import ATTENTION, attention_section
from autostats.text import first_few
from autostats.warehouse import connect

EXAMPLES = {
    "autostats attention": "what needs somebody now, the worst first",
    "autostats attention WISH GEM": "of two instruments",
    "autostats attention --severity high --check": "exit with 1 if anything is bad: for a monitoring system",
    "autostats attention --subject pending --format json": "the jobs that hang, for a program",
}
_ROWS_IN_A_MESSAGE = 3


def _complaint(rows: Sequence[Row]) -> CheckFailed:
    what = "1 thing needs attention" if len(rows) == 1 else f"{len(rows)} things need attention"
    return CheckFailed(
        f"{what}: {first_few([*map(attention_words, rows)], _ROWS_IN_A_MESSAGE, 'thing')}.",
        "`autostats attention` shows the evidence.",
    )


def attention(
    instruments: InstrumentsArgument = None,
    subjects: Annotated[
        list[Subject] | None,
        typer.Option(
            "--subject",
            help="archive_only: a file and no job. behind: the database is behind the archive. outage: down."
            " late: data is late. pending: a job hangs. failure_rate and execution_time: worse than usual."
            " silent: no job for long. data_problems: of a new kind. stale_table: a monitored table."
            " May be repeated. Default: all.",
            show_default=False,
        ),
    ] = None,
    severities: Annotated[
        list[Severity] | None,
        typer.Option(
            "--severity",
            help="high: data may be lost, or nobody can work. May be repeated. Default: both.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Exit with 1 if anything is listed; instruments, --subject and --severity narrow that.",
        ),
    ] = False,
    columns: Annotated[str | None, columns_option(ATTENTION)] = None,
    sort: Annotated[str | None, sort_option(ATTENTION, example="since")] = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """List what needs somebody now, the worst first: empty on a good day.

    The list is as of the statistics. Monitored tables belong to no instrument, so
    they are left out if you name instruments.
    """
    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    setup = Setup.resolve(home, target)
    with connect(setup, notes) as warehouse:
        settings = read_settings(warehouse)
        scope = Scope(warehouse, settings, EVER, choose_instruments(warehouse, instruments or []))
        found = attention_section(scope, subjects or (), severities or ())
    of_whom = f" of {', '.join(scope.instruments)}" if scope.instruments is not None else ""
    document = Document(
        schema="autostats/attention/1",
        title=f"{found.title}{of_whom}: {len(found.rows)}",
        facts={"settings": settings.facts},
        sections=arranged([found], columns, sort, partial(holds, wanted)),
        timezone=settings.facility_timezone,
        captions=[age_caption(settings, wanted, notes)],
        links=configured_links(setup.configuration),
    )
    emit(document, wanted, output, paged=not no_pager)
    if check and found.rows:
        raise _complaint(found.rows)
