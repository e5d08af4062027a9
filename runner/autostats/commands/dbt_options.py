"""The options of the commands that invoke dbt, or look at what it would be invoked with."""

from pathlib import Path
from typing import Annotated

import typer

PANEL = "dbt"

WaitOption = Annotated[
    float | None,
    typer.Option(
        "--wait",
        metavar="SECONDS",
        min=0,
        help="How long to wait for another run or reader. Default: $AUTOSTATS_WAIT, or else 10.",
        show_default=False,
    ),
]
ProjectDirOption = Annotated[
    Path | None,
    typer.Option(
        "--project-dir",
        metavar="DIR",
        help="The dbt project. Default: the one that comes with autostats.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
ProfilesDirOption = Annotated[
    Path | None,
    typer.Option(
        "--profiles-dir",
        metavar="DIR",
        help="Folder of profiles.yml. Default: where dbt looks, or else the packaged one.",
        rich_help_panel=PANEL,
        show_default=False,
    ),
]
