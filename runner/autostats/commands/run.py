"""`autostats run`: the daily job."""

import re
import signal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.completing import complete_days
from autostats.commands.dbt_options import PANEL as DBT_PANEL
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption, WaitOption
from autostats.commands.signals import stopped_by_signals
from autostats.render.notes import Notes
from autostats.render.output import emit_text
from autostats.text import counted

if TYPE_CHECKING:
    from autostats.dbt_setup.setup import Setup
    from autostats.run.options import DailyOptions

EXAMPLES = {
    "autostats run": "the daily job, for cron",
    "autostats run --quiet": "the same, silent unless it fails",
    "autostats run --from 2020-02-10 --to 2020-02-14": "read these days again and rebuild them",
    "autostats run --full-refresh": "read the whole source again and rebuild everything",
    "autostats run --select live --watch 5s": "keep the live statistics up to date",
    "autostats run --format json": "with the summary as JSON, for a program",
    "autostats run --vars '{facility_timezone: Europe/Paris}'": "with a different value for a dbt var",
}

_REBUILD = "Rebuild"
_SOME = "Some models"


class RunFormat(StrEnum):
    """The formats of the summary."""

    TEXT = "text"
    JSON = "json"


def run(
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="First day to rebuild.",
            rich_help_panel=_REBUILD,
            autocompletion=complete_days,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DAY",
            help="Last day to rebuild. Default: today.",
            rich_help_panel=_REBUILD,
            autocompletion=complete_days,
        ),
    ] = None,
    full_refresh: Annotated[
        bool,
        typer.Option(
            "--full-refresh",
            help="Read the whole source again. History that only the statistics have is kept.",
            rich_help_panel=_REBUILD,
        ),
    ] = False,
    accept_source: Annotated[
        bool,
        typer.Option(
            "--accept-source",
            help="Accept a source other than the one these statistics came from. "
            "Jobs that it lacks are no longer counted.",
            rich_help_panel=_REBUILD,
        ),
    ] = False,
    all_tests: Annotated[
        bool,
        typer.Option(
            "--all-tests",
            help="Run all data tests, most of which run once a week and in a full refresh.",
            rich_help_panel=_REBUILD,
        ),
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="Build the statistics as of this UTC time: 2020-02-11 or '2020-02-11 18:30'. Default: now.",
            rich_help_panel=_REBUILD,
        ),
    ] = None,
    select: Annotated[
        str | None,
        typer.Option(
            "--select",
            metavar="TAG",
            help="Build only the models with this tag, such as live, from what collectors have recorded.",
            rich_help_panel=_SOME,
        ),
    ] = None,
    watch: Annotated[
        str | None,
        typer.Option(
            "--watch",
            metavar="TIME",
            help="Build them again whenever there is something new, which is looked for so often: 5s. Until"
            " Ctrl-C or SIGTERM.",
            rich_help_panel=_SOME,
        ),
    ] = None,
    format_: Annotated[
        RunFormat,
        typer.Option("--format", help="Print the summary as text, or as a JSON object, also with --quiet."),
    ] = RunFormat.TEXT,
    wait: WaitOption = None,
    variables: Annotated[
        str | None,
        typer.Option(
            "--vars", metavar="YAML", help="dbt vars; never put a secret here.", rich_help_panel=DBT_PANEL
        ),
    ] = None,
    project_dir: ProjectDirOption = None,
    profiles_dir: ProfilesDirOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Bring the statistics up to date.

    It reads what is new or may have changed in the source (see `autostats init`), rebuilds the days that
    are affected, and ends with a one-screen summary. A setting that you leave out stays as it was.
    """
    from autostats.dbt_setup.setup import Setup
    from autostats.period import parse_as_of
    from autostats.run.daily import run_daily
    from autostats.run.failures import raise_faults
    from autostats.run.options import DailyOptions
    from autostats.run.summary import summarise
    from autostats.run.summary_json import as_json
    from autostats.run.summary_text import print_summary, summary_lines
    from autostats.warehouse import connect, utc_now, wait_limit

    now = utc_now()
    setup = Setup.resolve(home, target, project_dir, profiles_dir, variables)
    options = DailyOptions(
        first=from_,
        last=to,
        as_of=parse_as_of(as_of, now) if as_of is not None else None,
        full_refresh=full_refresh,
        accept_source=accept_source,
        all_tests=all_tests,
        wait=wait_limit() if wait is None else wait,
        debug=debug,
        quiet=quiet,
        now=now,
    )
    if select is not None or watch is not None:
        _run_selected(setup, options, select, watch, format_)
        return
    result = run_daily(setup, options)
    if format_ is RunFormat.JSON or not quiet:
        with connect(setup, wait=options.wait) as warehouse:
            summary = summarise(result, warehouse)
        if format_ is RunFormat.JSON:
            emit_text(as_json(summary), None)
        else:
            print_summary(summary_lines(summary))
    raise_faults(result.faults, setup)


def _run_selected(
    setup: "Setup", options: "DailyOptions", tag: str | None, watch: str | None, format_: RunFormat
) -> None:
    """Build the models with a tag, once or until a signal comes."""
    from autostats.archive.definitions import duration
    from autostats.errors import UsageError
    from autostats.run.failures import raise_faults
    from autostats.run.selected import Selected
    from autostats.run.summary_json import selected_as_json

    if tag is None:
        raise UsageError("--watch needs --select.", "For example: --select live.")
    if not re.fullmatch(r"[\w-]+", tag):
        raise UsageError(f"{tag!r} is not a tag.", "A tag has letters, digits, - and _.")
    if options.first or options.last or options.full_refresh or options.accept_source or options.all_tests:
        raise UsageError("--select builds no days again.", "Leave out the options of a rebuild.")
    if watch is not None and format_ is RunFormat.JSON:
        raise UsageError("--watch prints no summary as JSON, because it does not end.", "Leave out --format.")
    every = duration(watch) if watch is not None else None
    if watch is not None and (every is None or options.as_of is not None):
        problem = "is no time such as 5s or 1m" if every is None else "does not go with --as-of"
        raise UsageError(f"--watch {watch} {problem}.", "Correct it, or leave it out.")
    notes = Notes(quiet=options.quiet)
    selected = Selected(setup, tag, options)
    if every is None:
        models = selected.build(options.wait)
        if format_ is RunFormat.JSON:
            emit_text(selected_as_json(models, selected.seconds), None)
        else:
            notes(f"{counted(models, 'model')} built in {selected.seconds:.1f} s.")
        raise_faults(selected.faults, setup)
        return
    with stopped_by_signals() as (stop, received):
        selected.watch(every.total_seconds(), stop, notes)
        if signal.SIGINT in received:
            raise KeyboardInterrupt
