"""Whether a terminal is known to show hyperlinks (OSC 8), and text without them."""

import os
import re
from collections.abc import Mapping

_PROGRAMS = {"iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper", "rio", "Tabby"}
_TERMINALS = re.compile(r"(xterm-kitty|xterm-ghostty|alacritty|foot|wezterm|contour|rio)\b")
# They may stand in front of a terminal that does, and do not always pass hyperlinks on.
_BETWEEN = re.compile(r"(screen|tmux|dumb|linux)\b")
# VTE 0.50.0 crashes.
_OLDEST_VTE = 5001
_HYPERLINK = re.compile("\x1b\\]8;[^\x07\x1b]*(?:\x1b\\\\|\x07)")


def shows_hyperlinks(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether the terminal of `environment` does; FORCE_HYPERLINK, 0 or 1, says so for others."""
    forced = environment.get("FORCE_HYPERLINK")
    if forced is not None:
        return forced != "0"
    terminal = environment.get("TERM", "")
    if _BETWEEN.match(terminal):
        return False
    vte = environment.get("VTE_VERSION", "")
    return (
        environment.get("TERM_PROGRAM") in _PROGRAMS
        or _TERMINALS.match(terminal) is not None
        or "WT_SESSION" in environment
        or (vte.isdecimal() and int(vte) >= _OLDEST_VTE)
    )


def without_hyperlinks(text: str) -> str:
    """Return the text without its hyperlinks; what they are on stays."""
    return _HYPERLINK.sub("", text)
