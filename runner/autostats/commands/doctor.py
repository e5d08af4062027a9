"""`autostats doctor`: is everything in place for the daily job."""

import os
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from autostats.commands.common import DebugOption, HomeOption, QuietOption, TargetOption
from autostats.commands.dbt_options import ProfilesDirOption, ProjectDirOption

if TYPE_CHECKING:
    from autostats.doctor.findings import Check

EXAMPLES = {
    "autostats doctor": "every check, and how to fix what it found",
    "autostats doctor --quiet": "only what needs attention",
    "autostats doctor --format json": "for a monitoring system",
}


class DoctorFormat(StrEnum):
    """The formats of the checks."""

    TABLE = "table"
    JSON = "json"


def doctor(
    format_: Annotated[
        DoctorFormat, typer.Option("--format", help="Print a table, or a list of objects.")
    ] = DoctorFormat.TABLE,
    project_dir: ProjectDirOption = None,
    profiles_dir: ProfilesDirOption = None,
    home: HomeOption = None,
    target: TargetOption = None,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Check versions, connections, privileges, time zones and the statistics.

    Each check is OK, WARN or FAIL, and says how to fix what it found. The exit code is 1 if a check fails,
    or else 4 if the statistics are more than a day old.
    """
    from autostats.dbt_setup.setup import Setup
    from autostats.doctor.checks import examine
    from autostats.doctor.findings import State
    from autostats.errors import CheckFailed, StaleError

    found = examine(Setup.resolve(home, target, project_dir, profiles_dir))
    shown = [check for check in found if not quiet or check.state is not State.OK]
    if format_ is DoctorFormat.JSON:
        _print_json(shown)
    else:
        _print_lines(shown)
    if any(check.state is State.FAIL for check in found):
        raise typer.Exit(CheckFailed.exit_code)
    if any(check.is_stale for check in found):
        raise typer.Exit(StaleError.exit_code)


def _print_json(checks: Sequence["Check"]) -> None:
    import json

    shown = [
        {"name": check.name, "state": check.state, "detail": check.detail, "remedy": check.remedy}
        for check in checks
    ]
    sys.stdout.write(json.dumps(shown, indent=2, ensure_ascii=False) + "\n")


def _print_lines(checks: Sequence["Check"]) -> None:
    """Print one line per check, with its remedy below; states are coloured on a terminal with colour."""
    # None: as the place that is written to can.
    colour = False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None
    colours = {"OK": typer.colors.GREEN, "WARN": typer.colors.YELLOW, "FAIL": typer.colors.RED}
    width = max((len(check.name) for check in checks), default=0)
    for check in checks:
        state = typer.style(f"{check.state:<4}", fg=colours[check.state], bold=True)
        typer.echo(f"{state}  {check.name:<{width}}  {check.detail}", color=colour)
        if check.remedy:
            typer.echo(f"{'':<{width + 8}}{check.remedy}")
