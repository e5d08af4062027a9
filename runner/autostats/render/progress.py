"""A progress bar on a terminal's stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

# How much is done, and how much there is, if that is known.
Advance = Callable[[int, int | None], None]


@contextmanager
def progress_bar(
    what: str,
    *,
    quiet: bool,
    then: str = "",
    in_bytes: bool = False,
    has_clock: bool = True,
    after: float = 0,
) -> Iterator[Advance]:
    """Show a bar for `what`, and from the first advance on for `then`; elsewhere than on a terminal nothing.

    It appears `after` some seconds. `has_clock`: it shows for how long it has been running.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn() if in_bytes else MofNCompleteColumn(),
        *([TimeElapsedColumn()] if has_clock else []),
    ]
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=None)
    patience = Timer(after, bar.start)
    patience.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total, description=then or what)
    finally:
        patience.cancel()
        patience.join()
        if bar.live.is_started:
            bar.stop()
