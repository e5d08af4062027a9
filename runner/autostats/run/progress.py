"""The progress bar of a run."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autostats.dbt_setup.dbt_command import Step


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[Step], None] | None]:
    """Show a bar on a terminal's stderr; elsewhere show nothing."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting dbt", total=None)

        def show(step: Step) -> None:
            progress.update(task, completed=step.done, total=step.total, description="building")

        yield show
