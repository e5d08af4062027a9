"""Which points of a chart along time get a label, and what it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from autostats.queries.buckets import By
from autostats.queries.rows import Row

_TWO_WEEKS = 14
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _month(day: date) -> str:
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _starts(rows: Sequence[Row], new: Callable[[date, date], bool]) -> list[Row]:
    """Return the rows that begin something new: `new` decides from the previous day and the day itself."""
    return [after for before, after in pairwise(rows) if new(before["last_day"], after["last_day"])]


def _choices(rows: Sequence[Row], by: By) -> Iterator[tuple[Sequence[Row], Callable[[date], str]]]:
    """Yield the rows to label with their labels, the finest choice first."""
    if by is By.DAY:
        yield rows, _day
        if len(rows) <= _TWO_WEEKS:
            yield rows[::2], _day
        mondays = [row for row in rows if row["first_day"].weekday() == 0]
        for every in (1, 2):
            yield mondays[::every], _day
    elif len(rows) <= 8:
        yield rows, _day if by is By.WEEK else _month
    for months in (1, 3, 6, 12, 60, 120):
        yield (
            _starts(
                rows,
                lambda before, after, months=months: (  # type: ignore[misc]
                    (before.year * 12 + before.month - 1) // months
                    != (after.year * 12 + after.month - 1) // months
                ),
            ),
            _month if months < 12 else lambda day: str(day.year),
        )
    yield rows[:1], _month


def ticks(rows: Sequence[Row], by: By, most: int) -> Mapping[str, str]:
    """Return the labels of at most `most` rows, by the rows' own `label`."""
    for chosen, text in _choices(rows, by):
        if 0 < len(chosen) <= most:
            return {
                row["label"]: text(row["last_day"] if by is not By.DAY else row["first_day"])
                for row in chosen
            }
    return {}
