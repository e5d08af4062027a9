"""`autostats freshness`: whether the tables of other databases are up to date."""

import signal
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, Invocation, QuietOption, TargetOption
from autostats.commands.completing import complete_tables
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
)
from autostats.commands.signals import stopped_by_signals
from autostats.dbt_setup.setup import Setup
from autostats.errors import StaleError, UnreachableError, UsageError
from autostats.queries.choice import chosen_scope
from autostats.render.notes import PATIENCE_SECONDS, Notes
from autostats.render.output import chosen_format, emit
from autostats.render.progress import progress_bar
from autostats.render.section import Document
from autostats.text import counted, printable
from autostats.warehouse import connect, utc_now

EXAMPLES = {
    "autostats freshness check": "check the monitored tables that are due",
    "autostats freshness check --all --format json": "check them all, for a program",
    "autostats freshness check --watch": "keep checking, each table at its own interval",
    "autostats freshness report": "the state of each monitored table, and how fresh it was lately",
    "autostats freshness report lims.samples --last 30d": "one table, over the last 30 days",
}

freshness = typer.Typer()


@freshness.callback()
def freshness_of_tables() -> None:
    """Check the tables of other databases, and report whether they are up to date."""


@freshness.command()
def check(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="CSV with dbobject, database, table, column, timezone, interval (minutes), active and"
            " perhaps warn_after and error_after. Default: monitored_tables.csv in the home.",
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Check all active tables, due or not.")] = False,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            metavar="N",
            min=1,
            help="Check up to N tables at a time, at most four on one server; each server gets at least one.",
        ),
    ] = 32,
    timeout: Annotated[
        float,
        typer.Option("--timeout", metavar="S", min=0.5, max=86400, help="Stop a check after S seconds."),
    ] = 10,
    watch: Annotated[
        bool, typer.Option("--watch", help="Keep checking what is due until Ctrl-C or SIGTERM.")
    ] = False,
    format_: FormatOption = None,
    plain: PlainOption = False,
    output: OutputOption = None,
    no_pager: NoPagerOption = False,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Ask the monitored tables for their newest rows, and record what they say.

    A table is due when its interval has passed since its last check. Its database is
    the URL in $AUTOSTATS_DB_<dbobject>. The exit code is 4 if a table is stale, or
    else 6 if one could not be checked.
    """
    from autostats.freshness.look import Look, could_be_checked, due, in_order, last_checks, state
    from autostats.freshness.tables_file import FILE_NAME, read_tables
    from autostats.freshness.watch import watch as keep_watching
    from autostats.observations.store import opened
    from autostats.sections.freshness_checks import checks_section

    wanted = chosen_format(format_, output, plain=plain)
    if watch and (format_ or output):
        raise UsageError("--watch prints no result.", "Leave out --format and --output.")
    setup = Setup.resolve(home, target)
    file = config or setup.home.root / FILE_NAME
    keep = timedelta(days=int(str(setup.configuration["vars.observation_days"].value)))
    notes = Notes(quiet=quiet)
    with stopped_by_signals() as (stop, received):
        progress = context.obj.progress if isinstance(context.obj, Invocation) else lambda: None
        look = Look(timeout, jobs, keep, utc_now, stop, progress)
        if watch:
            keep_watching(setup, file, look, lambda message: notes(printable(message)), all_now=all_)
            if signal.SIGINT in received:
                raise KeyboardInterrupt
            return
        tables = read_tables(file)
        with (
            opened(setup) as store,
            progress_bar("checking tables", quiet=quiet, after=PATIENCE_SECONDS) as advance,
        ):
            known = last_checks(store, tables, utc_now())
            chosen = in_order(tables, known) if all_ else due(tables, known, utc_now())
            rows = look.at(store, chosen, advance)
        if received:
            raise KeyboardInterrupt
    places = {table.key: place for place, table in enumerate(tables)}
    rows.sort(key=lambda row: places[row["dbobject"], row["_table"], row["_column"]])
    document = Document(
        schema="autostats/freshness-check/1",
        title=f"Freshness: {counted(len(rows), 'table')} checked",
        facts={},
        sections=[checks_section(rows)],
        timezone=setup.configuration.zones["facility_timezone"],
    )
    emit(document, wanted, output, paged=not no_pager)
    if any(state(row) == "stale" for row in rows):
        raise typer.Exit(StaleError.exit_code)
    if not all(could_be_checked(row) for row in rows):
        raise typer.Exit(UnreachableError.exit_code)


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
    document = Document(
        schema="autostats/freshness/1",
        title=f"{section.title}, {scope.period}",
        facts={"period": scope.period.facts, "settings": scope.settings.facts},
        sections=[section],
        timezone=scope.settings.facility_timezone,
        captions=[age_caption(scope.settings, wanted, notes)],
    )
    emit(document, wanted, output, paged=not no_pager)
