"""Long results, one screen at a time, in the user's own pager."""

import os
import shlex
import shutil
import signal
import subprocess
import sys

from autostats.time_limits import unlimited

_DEFAULT = "less -FRX"
# Options for less (and lv) if the user set none: print up to one screen directly, and keep colours.
_OPTIONS = {"LESS": "FRX", "LV": "-c"}


def _pager() -> list[str]:
    """Return the command of $AUTOSTATS_PAGER, else of $PAGER, else `less -FRX`; empty for no pager."""
    chosen = os.environ.get("AUTOSTATS_PAGER", os.environ.get("PAGER", _DEFAULT))
    try:
        words = shlex.split(chosen)
    except ValueError:
        return []
    return [] if words == ["cat"] else words


def is_wanted(text: str) -> bool:
    """Return whether `text` goes to a screen with somebody in front of it, and is longer than that screen."""
    return (
        sys.stdout.isatty()
        and sys.stdin.isatty()
        and os.environ.get("TERM") != "dumb"
        and text.count("\n") >= shutil.get_terminal_size().lines
    )


def page(content: bytes) -> bool:
    """Show `content` until the reader quits; return False if there is no pager, or it does not start."""
    words = _pager()
    if not words:
        return False
    sys.stdout.flush()
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env={**_OPTIONS, **os.environ})
    except OSError:
        return False
    # Ctrl-C belongs to the pager while it runs, and readers may take their time.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with unlimited():
            process.communicate(content)
    finally:
        signal.signal(signal.SIGINT, before)
    return True
