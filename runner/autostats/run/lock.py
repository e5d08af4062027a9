"""One run at a time: a lock of the operating system, and a note that says who holds it.

The kernel releases the lock when its holder dies, however it dies, so a stale lock file stops nobody; the
note beside it only names the holder for the message.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from autostats.errors import LockedError
from autostats.home import Home
from autostats.locked_file import WAIT_LONGER


@dataclass(frozen=True)
class Holder:
    """Who holds the lock: process id, host, and since when (UTC)."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since.replace('T', ' ')} UTC"


def _note(home: Home) -> Path:
    return home.lock.with_name(home.lock.name + ".holder")


def read_holder(home: Home) -> Holder | None:
    """Return who last took the lock, or None if that is unknown."""
    try:
        found = json.loads(_note(home).read_text(encoding="utf-8"))
        return Holder(int(found["pid"]), str(found["host"]), str(found["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_held(home: Home) -> bool:
    """Return whether another process holds the lock now."""
    if not home.lock.exists():
        return False
    lock = FileLock(home.lock)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def _write_note(home: Home) -> None:
    """Name this process as the holder, in one step, so that nobody reads half a note."""
    holder = Holder(os.getpid(), socket.gethostname(), datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"))
    draft = _note(home).with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(asdict(holder)) + "\n", encoding="utf-8")
    draft.replace(_note(home))


@contextmanager
def hold(home: Home, wait: float) -> Iterator[None]:
    """Hold the lock of `home`, waiting up to `wait` seconds for it.

    Raises LockedError, which names the holder, when another process does not release it in time.
    """
    lock = FileLock(home.lock, timeout=max(wait, 0))
    try:
        lock.acquire(poll_interval=0.1)
    except Timeout:
        holder = read_holder(home)
        raise LockedError(
            f"Another run holds the lock {home.lock}: {holder or 'an unknown process'}.",
            WAIT_LONGER,
        ) from None
    try:
        # The note is for people only: a full disk must not stop a run before it has tried.
        with suppress(OSError):
            _write_note(home)
        yield
    finally:
        forget_holder(home)
        lock.release()


def forget_holder(home: Home) -> None:
    """Remove the note of who holds the lock, as the holder does before releasing it."""
    with suppress(OSError):
        _note(home).unlink()
