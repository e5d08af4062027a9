"""Durations for people."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def human(seconds: float) -> str:
    """Return a duration given in seconds: `0.4s`, `42s`, `4m 18s`, `3h 05m`, `2d 04h`, `120d`."""
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
