"""Facts about this computer."""

import os
from pathlib import Path
from zoneinfo import available_timezones

_FALLBACK = "Europe/London"


def machine_zone() -> str:
    """Return the name of this computer's time zone, or the default facility time zone if it has none."""
    known = available_timezones()
    candidates = (
        os.environ.get("TZ", ""),
        str(Path("/etc/localtime").resolve()).partition("zoneinfo/")[2],
        _text(Path("/etc/timezone")),
    )
    return next((zone for zone in candidates if zone in known), _FALLBACK)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
