"""What a request says about the rows that it wants, validated against a statistic."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autostats.errors import UsageError
from autostats.published.reader import Published, Statistic

MOST_ROWS_PER_PAGE = 100
_MOST_DIGITS = 12
_LONGEST_VALUE = 1000
_MOST_VALUES = 100
_OF_ROWS = ("order", "start", "stop", "limit", "page", "rows_per_page")
# What a request may say about any statistic: no dimension can have these names.
RESERVED = (*_OF_ROWS, "format", "build")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class BadWord(UsageError):
    """A word of a request is unknown, or has no meaning."""


class Order(StrEnum):
    """By time, and by the dimensions within a time: upwards, or all of it backwards."""

    ASC = "asc"
    DESC = "desc"


@dataclass(frozen=True)
class Query:
    """The rows of a statistic that are wanted: those from `start` up to, and without, `stop`.

    `filters` has the texts that a dimension may have. Without `page`, all rows are meant, or `limit` of them.
    """

    ident: str
    order: Order = Order.DESC
    start: date | datetime | None = None
    stop: date | datetime | None = None
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    limit: int | None = None
    page: int | None = None
    rows_per_page: int = MOST_ROWS_PER_PAGE


def read_query(published: Published, ident: str, words: Iterable[tuple[str, str]]) -> Query:
    """Return the query that pairs of names and values mean.

    Raises UnknownStatistic, and BadWord for a name that the statistic does not have, or a value that makes no
    sense.
    """
    statistic = published.statistic(ident)
    given: dict[str, list[str]] = {}
    for name, value in words:
        given.setdefault(name, []).append(value)
    for name, values in given.items():
        _check_name(name, statistic)
        if name in _OF_ROWS and len(values) > 1:
            raise BadWord(f"{name} is given {len(values)} times.", "Give it once.")
    once = {name: values[0] for name, values in given.items() if name in _OF_ROWS}
    moments = _Moments(published, statistic)
    return Query(
        ident=ident,
        order=_order(once.get("order", Order.DESC)),
        start=moments.read("start", once.get("start")),
        stop=moments.read("stop", once.get("stop")),
        filters=tuple(
            (name, _texts(name, given[name]))
            for name in statistic.dimensions
            if name in given and name not in _OF_ROWS
        ),
        limit=_number("limit", once["limit"]) if "limit" in once else None,
        page=_number("page", once["page"]) if "page" in once else None,
        rows_per_page=_number("rows_per_page", once["rows_per_page"], MOST_ROWS_PER_PAGE)
        if "rows_per_page" in once
        else MOST_ROWS_PER_PAGE,
    )


def unknown_word(name: str, known: Iterable[str]) -> BadWord:
    """Return the error for a name that is none of those known, with the one that may be meant."""
    from difflib import get_close_matches

    known = list(known)
    close = get_close_matches(name, known, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return BadWord(f"There is no parameter {name[:80]!r} here.{hint}", f"There are: {', '.join(known)}.")


def _check_name(name: str, statistic: Statistic) -> None:
    known = [*_OF_ROWS, *statistic.dimensions]
    if name not in known:
        raise unknown_word(name, known)


def _order(value: str) -> Order:
    try:
        return Order(value)
    except ValueError:
        raise BadWord(f"order={value[:20]!r} is not an order.", "Use asc or desc.") from None


def _number(name: str, value: str, most: int | None = None) -> int:
    """Return a number from 1 on."""
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS else 0
    if number < 1 or (most is not None and number > most):
        reach = "1 or more" if most is None else f"1 to {most}"
        raise BadWord(f"{name}={value[:20]!r} is not a whole number of {reach}.", f"For example: {name}=1.")
    return number


def _texts(name: str, values: list[str]) -> tuple[str, ...]:
    if len(values) > _MOST_VALUES or any(len(value) > _LONGEST_VALUE for value in values):
        raise BadWord(
            f"{name} has too many values, or one that is too long.", f"Give at most {_MOST_VALUES} values."
        )
    if any("\0" in value for value in values):
        raise BadWord(f"{name} holds a null character.", "Leave it out.")
    # Their order does not matter to which rows there are.
    return tuple(sorted(set(values)))


class _Moments:
    """Reads days and instants for the time column of a statistic.

    A day begins at the facility's midnight, an instant is UTC unless it says otherwise. If the column holds
    days, an instant between two of them is the later one: the day has begun before it.
    """

    def __init__(self, published: Published, statistic: Statistic) -> None:
        self._zone_name = published.facts.facility_timezone
        self._statistic = statistic
        kind = published.types(statistic.ident).get(statistic.time_column or "", "")
        self._is_days, self._is_instants = kind == "DATE", kind.startswith("TIMESTAMP")

    def read(self, name: str, value: str | None) -> date | datetime | None:
        """Return what to compare the column with. Raises BadWord."""
        if value is None:
            return None
        if not self._is_days and not self._is_instants:
            column = self._statistic.time_column
            raise BadWord(f"{name} needs a time, and {column} is none.", f"Leave out {name}.")
        try:
            if _DAY.fullmatch(value):
                day = date.fromisoformat(value)
                return day if self._is_days else self._midnight(day)
            # A plus that is not escaped arrives as a space.
            moment = datetime.fromisoformat(
                re.sub(r" (\d\d:?\d\d)$", r"+\1", value) if "T" in value else value
            )
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
            return self._day_from(moment) if self._is_days else moment.replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise BadWord(
                f"{name}={value[:40]!r} is neither a day nor a time.",
                f"For example: {name}=2020-02-11, or {name}=2020-02-11T18:30:00Z.",
            ) from None

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self._zone_name)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    def _midnight(self, day: date) -> datetime:
        local = datetime(day.year, day.month, day.day, tzinfo=self._zone())
        return local.astimezone(UTC).replace(tzinfo=None)

    def _day_from(self, moment: datetime) -> date:
        local = moment.astimezone(self._zone())
        begun = self._midnight(local.date()) < moment.replace(tzinfo=None)
        return local.date() + timedelta(days=1) if begun else local.date()
