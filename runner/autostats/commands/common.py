"""What every command takes: `--home`, `--target`, `--debug` and `--quiet`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

PANEL = "Options of every command"


@dataclass
class Invocation:
    """What the outermost error handler needs to know of the command line, known as soon as it is parsed."""

    home: Path | None = None
    debug: bool = False


def _remember_home(context: typer.Context, value: Path | None) -> Path | None:
    if isinstance(context.obj, Invocation):
        context.obj.home = value
    return value


def _remember_debug(context: typer.Context, value: bool) -> bool:
    if isinstance(context.obj, Invocation):
        context.obj.debug = value
    return value


HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Folder of the statistics database, the log and the lock. "
        "Default: $AUTOSTATS_HOME, else the user's data folder.",
        rich_help_panel=PANEL,
        show_default=False,
        callback=_remember_home,
    ),
]

TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        help="The dbt target (an output of profiles.yml). Default: the profile's own.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]

DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show tracebacks, and log in full detail.",
        rich_help_panel=PANEL,
        show_default=False,
        callback=_remember_debug,
    ),
]

QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Print results and errors only.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
