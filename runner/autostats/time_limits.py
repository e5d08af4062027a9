"""No run waits forever: one without progress is ended, and so is one that Ctrl-C does not stop.

A call that waits inside a driver for a server that keeps its connection open but silent cannot be cancelled.
The process is ended as by `kill`, which is safe at any point of a run: see docs/reliability.md.
"""

import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from autostats.errors import UnreachableError, UsageError

VARIABLE = "AUTOSTATS_TIMEOUT"
DEFAULT_SECONDS = 3600.0
INTERRUPT_SECONDS = 10.0
INTERRUPTED = 130
# Set after Ctrl-C: a library may take the exception for a failure of its own.
interrupted = threading.Event()
_unlimited = threading.Event()


def seconds_in(variable: str, default: float, is_allowed: Callable[[float], bool]) -> float:
    """Return the number of seconds in an environment variable, else `default`.

    Raises UsageError when it is not a number that `is_allowed`.
    """
    given = os.environ.get(variable, "").strip()
    if not given:
        return default
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not is_allowed(seconds):
        raise UsageError(
            f"{variable}={given!r} is not a number of seconds.", f"For example, set it to {default:g}."
        )
    return seconds


def progress_limit() -> float:
    """Return how many seconds a run may go without progress: AUTOSTATS_TIMEOUT, else 3600.

    Raises UsageError when the variable is not a valid number.
    """
    return seconds_in(VARIABLE, DEFAULT_SECONDS, lambda seconds: 0 < seconds <= threading.TIMEOUT_MAX)


@contextmanager
def unlimited() -> Iterator[None]:
    """Do not count the time in here: a person is being waited for."""
    _unlimited.set()
    try:
        yield
    finally:
        _unlimited.clear()


@contextmanager
def watched(seconds: float, give_up: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Call `give_up`, from another thread, when the yielded function has not been called for so long."""
    last = time.monotonic()
    done = threading.Event()

    def progress() -> None:
        nonlocal last
        last = time.monotonic()

    def watch() -> None:
        while not done.wait(max(last + seconds - time.monotonic(), 0.0)):
            if _unlimited.is_set():
                progress()
            elif time.monotonic() >= last + seconds:
                give_up()
                return

    threading.Thread(target=watch, name="autostats-time-limit", daemon=True).start()
    try:
        yield progress
    finally:
        done.set()


@contextmanager
def prompt_interrupts(give_up: Callable[[], None]) -> Iterator[None]:
    """Call `give_up`, from another thread, if Ctrl-C has not ended the block within INTERRUPT_SECONDS.

    Python's own handler waits until the main thread returns from a driver's call; this does not.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    receiver, sender = socket.socketpair()
    sender.setblocking(False)
    done = threading.Event()

    def watch() -> None:
        with receiver:
            while number := receiver.recv(1):
                if number[0] != signal.SIGINT:
                    continue
                interrupted.set()
                if not done.wait(INTERRUPT_SECONDS):
                    give_up()
                    return

    threading.Thread(target=watch, name="autostats-interrupts", daemon=True).start()
    before = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        done.set()
        signal.set_wakeup_fd(before)
        sender.close()


def _leave(code: int, sentence: str, let_go: Callable[[], None]) -> None:
    """End this process at once, whatever its other threads are waiting for."""
    logger = logging.getLogger("autostats")
    # Before the log is open, logging would print the sentence itself.
    if logger.handlers:
        logger.error("%s", sentence)
    let_go()
    sys.stderr.write(f"error: {sentence}\n")
    sys.stderr.flush()
    os._exit(code)


@contextmanager
def never_stuck(seconds: float, let_go: Callable[[], None] = lambda: None) -> Iterator[Callable[[], None]]:
    """Yield what to call at each sign of progress; after too long without one, end the process with code 6.

    It also ends, with code 130, if Ctrl-C finds it waiting for a server. `let_go` is called first.
    """
    stuck = (
        f"There was no progress for {seconds:g} s, the limit that {VARIABLE} sets: "
        "a database is not answering. Try again when it does; what a run had not done, the next one does."
    )
    with (
        prompt_interrupts(lambda: _leave(INTERRUPTED, "interrupted.", let_go)),
        watched(seconds, lambda: _leave(UnreachableError.exit_code, stuck, let_go)) as progress,
    ):
        yield progress
