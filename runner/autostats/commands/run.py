"""`autostats run`: the daily job."""

from typing import Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.dbt_options import PANEL as DBT_PANEL
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption, WaitOption

EXAMPLES = {
    "autostats run": "the daily job, for cron",
    "autostats run --quiet": "the same, silent unless it fails",
    "autostats run --from 2020-02-10 --to 2020-02-14": "read these days again and rebuild them",
    "autostats run --full-refresh": "read the whole source again and rebuild everything",
    "autostats run --vars '{facility_timezone: Europe/Paris}'": "with a different value for a dbt var",
}

_REBUILD = "Rebuild"


def run(
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="DAY", help="First day to rebuild.", rich_help_panel=_REBUILD),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DAY", help="Last day to rebuild. Default: today.", rich_help_panel=_REBUILD
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
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="Build the statistics as of this UTC time: 2020-02-11 or '2020-02-11 18:30'. Default: now.",
            rich_help_panel=_REBUILD,
        ),
    ] = None,
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
    from autostats.run.options import DailyOptions
    from autostats.run.summary import print_summary, summarise
    from autostats.warehouse import connect, utc_now, wait_limit

    now = utc_now()
    setup = Setup.resolve(home, target, project_dir, profiles_dir, variables)
    options = DailyOptions(
        first=from_,
        last=to,
        as_of=parse_as_of(as_of, now) if as_of is not None else None,
        full_refresh=full_refresh,
        accept_source=accept_source,
        wait=wait_limit() if wait is None else wait,
        debug=debug,
        quiet=quiet,
        now=now,
    )
    result = run_daily(setup, options)
    if quiet:
        return
    with connect(setup, wait=options.wait) as warehouse:
        print_summary(summarise(result, warehouse))
