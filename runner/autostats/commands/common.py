"""What every command takes: `--home`, `--target`, `--debug` and `--quiet`."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from autostats.commands.completing import complete_targets
from autostats.time_limits import never_stuck, progress_limit

PANEL = "Options of every command"


@dataclass
class Invocation:
    """What applies to a whole command, known as soon as its line is parsed.

    `is_bounded`: it ends itself when it makes no progress. `environment` is that of the user, before the
    settings file of the home was lent to it.
    """

    home: Path | None = None
    debug: bool = False
    is_bounded: bool = False
    # To be called at each sign of progress.
    progress: Callable[[], None] = lambda: None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))


def _remember_home(context: typer.Context, value: Path | None) -> Path | None:
    from autostats.configuration.lend import lent_to_environment
    from autostats.home import Home

    context.with_resource(lent_to_environment(Home.resolve(value)))
    if isinstance(context.obj, Invocation):
        context.obj.home = value
        if context.obj.is_bounded:
            # Once, also where a command has commands of its own.
            context.obj.is_bounded = False
            context.obj.progress = context.with_resource(never_stuck(progress_limit()))
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
        "Default: $AUTOSTATS_HOME, or else your data folder.",
        rich_help_panel=PANEL,
        show_default=False,
        callback=_remember_home,
        # Before options that an environment variable may set.
        is_eager=True,
    ),
]

TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="NAME",
        help="The dbt target (an output of profiles.yml). Default: $AUTOSTATS_TARGET, or else the "
        "target in the settings file, or else that of the newest run.",
        rich_help_panel=PANEL,
        show_default=False,
        autocompletion=complete_targets,
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
