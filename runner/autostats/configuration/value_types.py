"""The types of value that a setting can have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from autostats.links import PLACEHOLDERS, checked

# A mapping is dbt's var `rules`, which several settings make up.
Value = str | int | float | bool | tuple[str, ...] | Mapping[str, "Value"]

_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class ValueType:
    """A type of value: `what` names it in words, `read` returns the value as it is stored, or None.

    For addresses, `read` raises BadTemplate where it can say more.
    """

    what: str
    read: Callable[[object], Value | None]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _any_text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...] | None:
    texts = value.split() if isinstance(value, str) else value
    return tuple(texts) if isinstance(texts, list) and texts and all(map(_text, texts)) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _port(value: object) -> int | None:
    port = _count(value)
    return port if port is not None and 0 < port <= _HIGHEST_PORT else None


def _seconds(value: object) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < 1e9 else None


def _limit(value: object) -> int | float | None:
    return _seconds(value) or None


def _share(value: object) -> int | float | None:
    seconds = _seconds(value)
    return seconds if seconds is not None and seconds <= 1 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _moment(value: object) -> str | None:
    """Return a UTC time as dbt gets it; a TOML or YAML file may hold it as a string, a date or a time."""
    try:
        moment = datetime.fromisoformat(value.strip() if isinstance(value, str) else str(value))
    except ValueError:
        return None
    is_time = isinstance(value, str | date) and moment.tzinfo is None
    return moment.isoformat(" ") if is_time else None


def _address(*placeholders: str) -> ValueType:
    def read(value: object) -> str | None:
        text = _text(value)
        return None if text is None else checked(text, placeholders)

    return ValueType("an address", read)


def _one_of(*words: str) -> ValueType:
    return ValueType(
        f"one of {', '.join(words)}",
        lambda value: value if isinstance(value, str) and value in words else None,
    )


TEXT = ValueType("text", _text)
ANY_TEXT = ValueType("text", _any_text)
TEXTS = ValueType("a list of strings", _texts)
COUNT = ValueType("a whole number, 0 or more", _count)
PORT = ValueType("a number from 1 to 65535", _port)
SECONDS = ValueType("a number of seconds", _seconds)
LIMIT = ValueType("a number of seconds greater than 0", _limit)
SHARE = ValueType("a number from 0 to 1", _share)
FLAG = ValueType("true or false", _flag)
ERA = _one_of("auto", "A", "B", "C")
FILL = _one_of("previous", "next", "midpoint")
STATE = _one_of("up", "down", "unknown")
LOG_FORMAT = _one_of("text", "json")
CALENDAR = _one_of("hours", "cycles", "hours_and_cycles")
LINK = _address(*PLACEHOLDERS)
PAGE = _address()
MOMENT = ValueType("a day or a UTC time", _moment)
