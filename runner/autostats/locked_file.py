"""Files that DuckDB cannot open while another process has them open: who has them, and waiting for them."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from autostats.errors import LockedError

Opened = TypeVar("Opened")
WAIT_VARIABLE = "AUTOSTATS_WAIT"
WAIT_LONGER = (
    f"Try again when that has ended; {WAIT_VARIABLE}, or --wait of `run` and `docs`, "
    "sets how many seconds to wait."
)
_PAUSE_SECONDS = 0.2

# At the beginning of a line, because the path after it may contain any word.
_LOCKED = re.compile(r"^\s*(?:\w+ Error: )?Could not set lock on file\b", re.MULTILINE)
_HOLDER = re.compile(r"lock is held in (?P<command>.+?)? ?\(?PID (?P<pid>\d+)", re.IGNORECASE)


def is_locked(message: str) -> bool:
    """Return whether DuckDB's message is about the lock."""
    return _LOCKED.search(message) is not None


def lock_holder(message: str) -> str:
    """Return the process that holds the file, according to DuckDB's message."""
    match = _HOLDER.search(message)
    if match is None:
        return "another process"
    command = Path((match["command"] or "").strip()).name
    return f"{command} (process {match['pid']})" if command else f"process {match['pid']}"


def open_when_free(
    path: Path, opens: Callable[[], Opened], limit: float, note: Callable[[str], None] = lambda message: None
) -> Opened:
    """Return the result of `opens` for the statistics at `path`; wait up to `limit` seconds for their lock.

    `note` is called when it has to wait. Raises LockedError when that takes too long, and duckdb.Error for
    any other failure.
    """
    import duckdb

    deadline = time.monotonic() + limit
    told = False
    while True:
        try:
            return opens()
        except duckdb.Error as error:
            if not is_locked(str(error)):
                raise
            in_use = f"The statistics database {path} is in use by {lock_holder(str(error))}"
            left = deadline - time.monotonic()
            if left <= 0:
                raise LockedError(
                    f"{in_use}; gave up after {limit:g} s.",
                    WAIT_LONGER,
                ) from error
        if not told:
            note(f"{in_use}: waiting up to {limit:g} s.")
            told = True
        time.sleep(min(_PAUSE_SECONDS, left))
