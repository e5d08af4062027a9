"""What a column says about a moment, in whatever form it keeps it."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

_EPOCH = datetime(1970, 1, 1)
_END = datetime(2100, 1, 1)
_NUMBER = re.compile(r"\d+(\.\d+)?")
# The largest number of seconds, milliseconds, microseconds and nanoseconds until the year 2100.
_UNITS = [(4_102_444_800 * 1000**power, 1000**power) for power in range(4)]


def utc_moment(value: object, zone: tzinfo) -> datetime:
    """Return the moment that a cell holds, UTC without a zone.

    Dates, ISO text and seconds, milliseconds, microseconds or nanoseconds since 1970 count. A time without
    an offset is one of the clocks in `zone`: the first of two if it occurs twice, and the first instant after
    the gap if they skip it. Raises ValueError for anything else.
    """
    try:
        moment = _read(value)
        if moment.tzinfo is None:
            moment = _localised(moment, zone)
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        moment = _END
    if not _EPOCH <= moment < _END:
        raise ValueError(f"{str(value)[:60]!r} is not a time between 1970 and 2100")
    return moment


def _read(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    text = value.decode() if isinstance(value, bytes) else str(value)
    if isinstance(value, float):
        text = str(Decimal(value))
    text = text.strip().removesuffix("UTC").rstrip() + ("Z" if text.strip().endswith("UTC") else "")
    # As many warehouses write days and times; no count since 1970 has so many digits nowadays.
    text = re.sub(r"^(\d{8})(\d{6})$", r"\1T\2", text)
    if not _NUMBER.fullmatch(text) or len(text) == 8:
        return datetime.fromisoformat(text)
    number = Decimal(text)
    unit = next(unit for largest, unit in _UNITS if number < largest) if number < _UNITS[-1][0] else 1
    return (_EPOCH + timedelta(microseconds=int(number * 1_000_000 / unit))).replace(tzinfo=UTC)


def _localised(moment: datetime, zone: tzinfo) -> datetime:
    """Return a time of the clocks in `zone` as a moment."""
    first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= second:
        return first
    # The clocks skip it: they are put forward at the one moment in between whose offset is the new one.
    before, after = second, first
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
