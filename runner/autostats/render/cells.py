"""How each kind of value looks to people."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from autostats.render.durations import human
from autostats.render.section import Column, Kind
from autostats.render.sparkline import sparkline
from autostats.text import printable

NOTHING = "-"
TO_THE_LEFT = {
    *(Kind.TEXT, Kind.INSTRUMENT, Kind.DAY, Kind.TIME, Kind.HOUR, Kind.FLAG, Kind.SEVERITY, Kind.SERIES)
}
# From where on a count is bad, worse and worst, and below which share.
_BAD_COUNTS = (1, 10, 100)
_LOW_SHARES = (0.95, 0.9, 0.75)
_STYLES = ("", "red", "bold red", "reverse red")
SECONDS_OF = {Kind.MINUTES: 60, Kind.HOURS: 3600}


def count(value: float) -> str:
    """Return a whole number, with thousands separators from five digits on."""
    return f"{value:,.0f}" if value >= 10_000 else f"{value:.0f}"


def share(value: float) -> str:
    """Return a share in per cent; 100% and 0% only if they are exact."""
    if value in (0, 1):
        return f"{value:.0%}"
    return f"{min(max(value * 100, 0.1), 99.9):.1f}%"


def _points(value: float) -> str:
    return f"{value * 100:.1f}pp"


def difference(kind: Kind, value: float) -> str:
    """Return the difference of two values with its sign, `0` if it rounds to zero; in points for shares."""
    shown = _points if kind is Kind.SHARE else _SHOWN[kind]
    amount = shown(abs(value))
    return "0" if amount == shown(0) else f"{'-' if value < 0 else '+'}{amount}"


def local_time(value: datetime, zone: tzinfo) -> str:
    """Return a UTC time as local time, to the second."""
    return f"{value.replace(tzinfo=UTC).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def local_hour(value: datetime, zone: tzinfo) -> str:
    """Return a UTC time as local time, to the minute, with the offset to distinguish a repeated hour."""
    return value.replace(tzinfo=UTC).astimezone(zone).isoformat(" ", "minutes")


def _day(value: date) -> str:
    return value.isoformat()


def _flag(value: bool) -> str:
    return "yes" if value else "no"


_SHOWN: dict[Kind, Callable[[Any], str]] = {
    **dict.fromkeys((Kind.NUMBER, Kind.RUN, Kind.JOB, Kind.RB), str),
    Kind.COUNT: count,
    Kind.BAD_COUNT: count,
    Kind.SHARE: share,
    Kind.PERCENT: lambda value: share(value / 100),
    Kind.SECONDS: human,
    Kind.DAY: _day,
    Kind.FLAG: _flag,
}


def is_nothing(column: Column, value: Any) -> bool:
    """Return whether a value deserves no attention: none, or zero."""
    return value is None or (column.kind in (Kind.COUNT, Kind.BAD_COUNT) and value == 0)


def badness(column: Column, value: Any) -> int:
    """Return how bad a value is, from 0 (not) to 3: many of what should not be, or a low share."""
    if value is None or column.is_change:
        return 0
    if column.kind is Kind.BAD_COUNT:
        return sum(value >= count for count in _BAD_COUNTS)
    if column.kind is Kind.SEVERITY:
        return int(value == "high")
    if column.kind in (Kind.SHARE, Kind.PERCENT):
        part = value if column.kind is Kind.SHARE else value / 100
        return sum(part < low for low in _LOW_SHARES)
    return 0


@dataclass(frozen=True)
class Look:
    """What the output can show."""

    zone: tzinfo
    unicode: bool
    hyperlinks: bool = False

    def text(self, column: Column, value: Any, width: int = 7) -> str:
        """Return the cell of `value`; `width` limits a sparkline."""
        if value is None:
            return NOTHING
        if column.is_change:
            return difference(column.kind, value)
        if column.kind is Kind.SERIES:
            return sparkline(value, width, unicode=self.unicode)
        if column.kind is Kind.TIME:
            return local_time(value, self.zone)
        if column.kind is Kind.HOUR:
            return local_hour(value, self.zone)
        if column.kind in SECONDS_OF:
            return human(value * SECONDS_OF[column.kind])
        return _SHOWN.get(column.kind, lambda given: printable(str(given)))(value)

    def style(self, column: Column, value: Any) -> str:
        """Return the style of `value` on a terminal: dim for nothing, the louder the worse."""
        return "dim" if is_nothing(column, value) else _STYLES[badness(column, value)]
