"""`autostats freshness`: whether the tables of other databases are up to date."""

from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.result_options import (
    CycleOption,
    FormatOption,
    FromOption,
    LastOption,
    NoPagerOption,
    OutputOption,
    PlainOption,
    ToOption,
    age_caption,
    chosen_scope,
    complete_tables,
)
from autostats.dbt_setup.setup import Setup
from autostats.render.notes import Notes
from autostats.render.output import chosen_format, emit
from autostats.render.section import Document
from autostats.warehouse import connect

EXAMPLES = {
    "autostats freshness report": "the state of each monitored table, and how fresh it was lately",
    "autostats freshness report lims.samples --last 30d": "one table, over the last 30 days",
}

freshness = typer.Typer()


@freshness.callback()
def freshness_of_tables() -> None:
    """Check the tables of other databases, and report whether they are up to date."""


@freshness.command()
def report(
    tables: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TABLE]...",
            help="Tables, as database.table, in upper or lower case. Default: all that were checked.",
            show_default=False,
            autocompletion=complete_tables,
        ),
    ] = None,
    from_: FromOption = None,
    to: ToOption = None,
    last: LastOption = None,
    cycle: CycleOption = None,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print the state of monitored tables, and for how long they were fresh.

    The state is that of the newest run. Lags and the share of time are those of the
    period; without one, it is the last seven days.
    """
    from autostats.queries.instruments import among
    from autostats.queries.table_freshness import monitored_tables, table_rows
    from autostats.sections.table_freshness import tables_section

    notes = Notes(quiet=quiet)
    wanted = chosen_format(format_, output, plain=plain)
    with connect(Setup.resolve(home, target), notes) as warehouse:
        scope = chosen_scope(warehouse, None, from_, to, last, cycle)
        scope = scope.of(among(monitored_tables(warehouse), tables or [], "table"))
        section = tables_section(warehouse.catalogue, table_rows(scope))
    period = {"first_day": scope.period.first.isoformat(), "last_day": scope.period.last.isoformat()}
    document = Document(
        schema="autostats/freshness/1",
        title=f"{section.title}, {scope.period}",
        facts={"period": period, "settings": scope.settings.facts},
        sections=[section],
        timezone=scope.settings.facility_timezone,
        captions=[age_caption(scope.settings, wanted, notes)],
    )
    emit(document, wanted, output, paged=not no_pager)
