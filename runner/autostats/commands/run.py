"""`autostats run`: the daily job."""

from datetime import datetime
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
    "autostats run --vars '{facility_timezone: Europe/Paris}'": "with another value of a dbt var",
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
            help="Read the whole source again. History that only the statistics still have is kept.",
            rich_help_panel=_REBUILD,
        ),
    ] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="The moment of the statistics, UTC: 2020-02-11 or '2020-02-11 18:30'. Default: now.",
            rich_help_panel=_REBUILD,
        ),
    ] = None,
    wait: WaitOption = None,
    variables: Annotated[
        str | None,
        typer.Option("--vars", metavar="YAML", help="dbt vars. Never a secret.", rich_help_panel=DBT_PANEL),
    ] = None,
    project_dir: ProjectDirOption = None,
    profiles_dir: ProfilesDirOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Bring the statistics up to date.

    It reads what is new or may have changed in the source that AUTOSTATS_SOURCE_URL names, rebuilds the days
    that this touches, and ends with one screen on what came of it.
    """
    from autostats.daily import DailyOptions, run_daily
    from autostats.home import Home
    from autostats.summary import print_summary, summarise
    from autostats.warehouse import connect, wait_limit

    options = DailyOptions(
        target=target,
        project_dir=project_dir,
        profiles_dir=profiles_dir,
        first=from_,
        last=to,
        as_of=_moment(as_of) if as_of is not None else None,
        full_refresh=full_refresh,
        variables=_variables(variables) if variables is not None else {},
        wait=wait_limit() if wait is None else wait,
        debug=debug,
        quiet=quiet,
    )
    chosen = Home.resolve(home)
    result = run_daily(chosen, options)
    if quiet:
        return
    with connect(
        chosen, target, wait=options.wait, project_dir=project_dir, profiles_dir=profiles_dir
    ) as warehouse:
        print_summary(summarise(result, warehouse))


def _moment(text: str) -> datetime:
    """Return the UTC time that `--as-of` names.

    Raises UsageError for nonsense, for the future, and for times before there were such databases.
    """
    from datetime import UTC

    from autostats.errors import UsageError

    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"--as-of {text!r} is not a time.", "Write it in UTC as 2020-02-11 or '2020-02-11 18:30'."
        ) from None
    if moment.year < 1970:
        raise UsageError(f"--as-of {text} lies before 1970.", "Name a time when there were jobs.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment > datetime.now(UTC):
        raise UsageError(f"--as-of {text} lies in the future.", "Leave it out for now.")
    return moment.astimezone(UTC).replace(tzinfo=None)


def _variables(text: str) -> dict[str, str | int | float | bool | None]:
    """Return the dbt vars that `--vars` holds. Raises UsageError when it is no mapping of plain values."""
    import yaml

    from autostats.errors import UsageError

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or any(isinstance(value, dict | list) for value in found.values()):
        raise UsageError("--vars is no mapping of names to values.", "Write --vars '{max_gap: 500}'.")
    return {str(name): value for name, value in found.items()}
