"""Durations for people."""

import re

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day"}


def human(seconds: float) -> str:
    """Return a duration in seconds as `0.4s`, `42s`, `4m 18s`, `3h 05m`, `2d 04h` or `120d`."""
    if seconds < 0:
        return f"-{human(-seconds)}"
    if seconds < 9.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    minutes = round(seconds / _MINUTE)
    if minutes * _MINUTE < _DAY:
        return f"{minutes // 60}h {minutes % 60:02d}m"
    if seconds >= 100 * _DAY:
        return f"{round(seconds / _DAY)}d"
    hours = round(seconds / _HOUR)
    return f"{hours // 24}d {hours % 24:02d}h"


def in_words(seconds: float) -> str:
    """Return the same duration in words: `4 minutes 18 seconds`."""

    def words(match: re.Match[str]) -> str:
        number, unit = match[1], _UNITS[match[2]]
        return f"{number} {unit}{'' if number == '1' else 's'}"

    return re.sub(r"0?(\d+(?:\.\d+)?)([smhd])", words, human(seconds)).replace("-", "minus ")
