"""Long results one screen at a time, in the reader's own pager."""

import os
import shlex
import shutil
import signal
import subprocess
import sys

from autostats.time_limits import unlimited

_DEFAULT = "less -FRX"
# What less (lv) does without options of its own: no more than one screen is printed as it is, colours stay.
_OPTIONS = {"LESS": "FRX", "LV": "-c"}


def _pager() -> list[str]:
    """Return the words of $AUTOSTATS_PAGER, else of $PAGER, else of `less -FRX`; none for no pager."""
    chosen = os.environ.get("AUTOSTATS_PAGER", os.environ.get("PAGER", _DEFAULT))
    try:
        words = shlex.split(chosen)
    except ValueError:
        return []
    return [] if words == ["cat"] else words


def is_wanted(text: str) -> bool:
    """Say whether `text` goes to a screen, somebody sits before it, and it has more lines than that."""
    return (
        sys.stdout.isatty()
        and sys.stdin.isatty()
        and os.environ.get("TERM") != "dumb"
        and text.count("\n") >= shutil.get_terminal_size().lines
    )


def page(content: bytes) -> bool:
    """Show `content` until the reader leaves; return False when there is no pager, or none that starts."""
    words = _pager()
    if not words:
        return False
    sys.stdout.flush()
    try:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, env={**_OPTIONS, **os.environ})
    except OSError:
        return False
    # Ctrl-C is the pager's while it runs, and no reader is hurried.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with unlimited():
            process.communicate(content)
    finally:
        signal.signal(signal.SIGINT, before)
    return True
