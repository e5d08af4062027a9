"""Periods of local days, and the words that people use for them."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from autostats.errors import UsageError

DEFAULT_DAYS = 7
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_SPAN = re.compile(r"(\d{1,6})\s*([dwmy])", re.IGNORECASE)
DATE_FORM = "Write days as 2020-02-11."
DAY_FORMS = "Write days as 2020-02-11, `today` or `yesterday`."
_PERIOD_FORMS = "Write days as 2020-02-11, `today`, `yesterday` or, for a whole month, 2020-02."
_SPAN_FORMS = "Write it as 7d, 2w, 3m or 1y (days, weeks, months, years), or `yesterday`, or `today`."
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def weekday(day: date) -> str:
    """Return the short English name of the day of the week, whatever the locale."""
    return WEEKDAYS[day.weekday()]


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """The number of days."""
        return (self.last - self.first).days + 1

    @property
    def facts(self) -> dict[str, str]:
        """What a program is told about it."""
        return {"first_day": self.first.isoformat(), "last_day": self.last.isoformat()}

    @classmethod
    def facts_of(cls, recorded: tuple[date, date] | None) -> dict[str, str] | None:
        """What a program is told about the `recorded` days."""
        return cls(*recorded).facts if recorded is not None else None

    def of_recorded(self, recorded: tuple[date, date] | None) -> str:
        """Return the period, and what of it is among the `recorded` days unless all or nothing is."""
        if recorded is None or self.last < recorded[0] or self.first > recorded[1]:
            return str(self)
        begins = f" from {recorded[0]}" if self.first < recorded[0] else ""
        ends = f" until {recorded[1]}" if self.last > recorded[1] else ""
        return f"{self}; recorded{begins}{ends}" if begins or ends else str(self)

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{weekday(self.first)} {self.first}"
        return f"{self.first} to {self.last} ({self.days} days)"


EVER = Period(date.min, date.max)


@dataclass(frozen=True)
class Clock:
    """What the words refer to: today at the facility, and the last day that is complete in the statistics."""

    today: date
    last_complete: date


def _not_a_day(text: str, option: str, forms: str) -> UsageError:
    return UsageError(f"{option} {text!r} is not a day.", forms)


def _month(match: re.Match[str]) -> Period:
    year, month = int(match[1]), int(match[2])
    return Period(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def parse_date(text: str, option: str, forms: str = DATE_FORM) -> date:
    """Return the day written as 2020-02-11, past or future.

    Raises UsageError, with `forms` as the remedy, for anything else.
    """
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise _not_a_day(text, option, forms)
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise _not_a_day(text, option, f"There is no such date. {forms}") from error


def parse_day(text: str, today: date, option: str = "DAY") -> date:
    """Return the day that `text` names.

    Raises UsageError for anything else, and for a day after `today`.
    """
    words = {"today": today, "yesterday": today - timedelta(days=1)}
    day = words.get(text.strip().lower()) or parse_date(text, option, DAY_FORMS)
    if day > today:
        raise UsageError(
            f"{option} {day} is in the future.", f"Today is {today} in the facility's time zone."
        )
    return day


def _parse_end(text: str, clock: Clock, option: str) -> Period:
    """Return the day or the whole month that `text` names; for this month, the days up to today."""
    match = _MONTH.fullmatch(text.strip())
    if match is None:
        if _DAY.fullmatch(text.strip()) or text.strip().lower() in ("today", "yesterday"):
            day = parse_day(text, clock.today, option)
            return Period(day, day)
        raise _not_a_day(text, option, _PERIOD_FORMS)
    try:
        month = _month(match)
    except ValueError as error:
        raise _not_a_day(text, option, f"There is no such month. {_PERIOD_FORMS}") from error
    if month.first > clock.today:
        raise UsageError(
            f"{option} {text.strip()} is in the future.",
            f"Today is {clock.today} in the facility's time zone.",
        )
    return Period(month.first, min(month.last, clock.today))


def _months_before(day: date, months: int) -> date:
    """Return the same day of the month `months` earlier, or that month's last day if it is shorter."""
    place = day.year * 12 + day.month - 1 - months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _span_ending(text: str, end: date) -> Period:
    """Return the span `text` (7d, 2w, 3m, 1y) whose last day is `end`."""
    match = _SPAN.fullmatch(text.strip())
    if match is None or int(match[1]) == 0:
        raise UsageError(f"--last {text!r} is not a span of days.", _SPAN_FORMS)
    amount, unit = int(match[1]), match[2].lower()
    try:
        if unit in "dw":
            return Period(end - timedelta(days=amount * (7 if unit == "w" else 1) - 1), end)
        after = end + timedelta(days=1)
        return Period(_months_before(after, amount * (12 if unit == "y" else 1)), end)
    except (OverflowError, ValueError) as error:
        raise UsageError(f"--last {text!r} goes back further than the year 1.", _SPAN_FORMS) from error


def resolve_period(from_: str | None, to: str | None, last: str | None, clock: Clock) -> Period:
    """Return the period that the options name.

    Without any: the last seven complete days. `--last` counts back from `--to`, else from the last complete
    day; `--from` alone goes up to that day (or to today, if `--from` is later); `--to` alone ends seven days.
    Raises UsageError for nonsense, for a future day, and for `--from` after `--to`.
    """
    if last is not None and from_ is not None:
        raise UsageError(
            "--last and --from both set the start of the period.",
            "Use one of them; `--to` works with either.",
        )
    if last is not None and last.strip().lower() in ("today", "yesterday"):
        if to is not None:
            raise UsageError(f"--last {last} names one day, and --to another.", "Use one of them.")
        day = parse_day(last, clock.today)
        return Period(day, day)
    end = _parse_end(to, clock, "--to").last if to is not None else clock.last_complete
    if from_ is None:
        return _span_ending(last or f"{DEFAULT_DAYS}d", end)
    first = _parse_end(from_, clock, "--from").first
    if to is None and first > end:
        end = clock.today
    if first > end:
        raise UsageError(f"--from {first} is after --to {end}.", "Swap them.")
    return Period(first, end)


def _whole_months(period: Period) -> int | None:
    """Return how many calendar months the period has, or None if it begins or ends within one."""
    after = period.last + timedelta(days=1)
    if period.first.day != 1 or after.day != 1:
        return None
    return (after.year - period.first.year) * 12 + after.month - period.first.month


def previous_period(period: Period) -> Period:
    """Return the period of the same length that ends on the day before; for whole months, as many months.

    Raises UsageError when it would begin before the year 1.
    """
    try:
        end = period.first - timedelta(days=1)
        months = _whole_months(period)
        if months is not None:
            return Period(_months_before(period.first, months), end)
        return Period(period.first - timedelta(days=period.days), end)
    except (OverflowError, ValueError) as error:
        raise _nothing_before(period) from error


def year_before(period: Period) -> Period:
    """Return the same dates of the year before; for whole months, the same months, leap day or not.

    29 February becomes the 28th. Raises UsageError for the year 1.
    """
    try:
        first = _months_before(period.first, 12)
        if _whole_months(period) is None:
            return Period(first, _months_before(period.last, 12))
        return Period(first, _months_before(period.last + timedelta(days=1), 12) - timedelta(days=1))
    except (OverflowError, ValueError) as error:
        raise _nothing_before(period) from error


def _nothing_before(period: Period) -> UsageError:
    return UsageError(f"There is no period to compare {period} with.", "Choose a period that begins later.")


def parse_as_of(text: str, now: datetime) -> datetime:
    """Return the UTC time that `--as-of` names.

    Raises UsageError for nonsense, for what is after `now`, and for times before there were such databases.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"--as-of {text!r} is not a time.", "Write it in UTC as 2020-02-11 or '2020-02-11 18:30'."
        ) from None
    if moment.year < 1970:
        raise UsageError(f"--as-of {text} is before 1970.", "Use a time when there were jobs.")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment > now.replace(tzinfo=UTC):
        raise UsageError(f"--as-of {text} is in the future.", "Leave it out to use the current time.")
    return moment.astimezone(UTC).replace(tzinfo=None)
