"""Moments as columns keep them, in UTC."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from autostats.freshness.moments import utc_moment

LONDON = ZoneInfo("Europe/London")
MOMENT = datetime(2026, 7, 1, 9, 0, 0)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2026, 7, 1, 10),
        datetime(2026, 7, 1, 9, tzinfo=UTC),
        datetime(2026, 7, 1, 4, tzinfo=timezone(timedelta(hours=-5))),
        "2026-07-01 10:00",
        "2026-07-01T10:00:00",
        " 2026-07-01 10:00:00.000000 ",
        "2026-07-01 09:00:00 UTC",
        "2026-07-01T09:00:00Z",
        "2026-07-01 11:00:00+02",
        b"2026-07-01 10:00:00",
        "20260701100000",
        20260701100000,
        1782896400,
        1782896400.0,
        Decimal("1782896400"),
        "1782896400",
        1782896400_000,
        1782896400_000_000,
        1782896400_000_000_000,
    ],
    ids=repr,
)
def test_forms_of_one_moment(value: object) -> None:
    assert utc_moment(value, LONDON) == MOMENT


@pytest.mark.parametrize("value", [date(2026, 7, 1), "2026-07-01", 20260701, "20260701"], ids=repr)
def test_a_day_is_its_midnight(value: object) -> None:
    assert utc_moment(value, LONDON) == datetime(2026, 6, 30, 23)


def test_fractions_stay() -> None:
    assert utc_moment(1782896400.25, LONDON) == MOMENT + timedelta(seconds=0.25)
    assert utc_moment(1782896400_125, LONDON) == MOMENT + timedelta(seconds=0.125)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        # Spring: the clocks go from 1:00 to 2:00.
        (datetime(2026, 3, 29, 0, 59, 59), datetime(2026, 3, 29, 0, 59, 59)),
        (datetime(2026, 3, 29, 1), datetime(2026, 3, 29, 1)),
        (datetime(2026, 3, 29, 1, 30, 0, 5), datetime(2026, 3, 29, 1)),
        (datetime(2026, 3, 29, 1, 59, 59), datetime(2026, 3, 29, 1)),
        (datetime(2026, 3, 29, 2), datetime(2026, 3, 29, 1)),
        # Autumn: they go from 2:00 back to 1:00.
        (datetime(2026, 10, 25, 0, 59, 59), datetime(2026, 10, 24, 23, 59, 59)),
        (datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 0, 30)),
        (datetime(2026, 10, 25, 2), datetime(2026, 10, 25, 2)),
    ],
)
def test_clock_changes(local: datetime, utc: datetime) -> None:
    assert utc_moment(local, LONDON) == utc
    assert utc_moment(local.isoformat(" "), LONDON) == utc
    assert utc_moment(local.replace(tzinfo=UTC), LONDON) == local


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "0000-00-00 00:00:00",
        "infinity",
        b"\xff",
        True,
        -1,
        1e40,
        timedelta(1),
        datetime(9999, 12, 31),
    ],
    ids=repr,
)
def test_what_is_no_moment(value: object) -> None:
    with pytest.raises(ValueError, match="is not a time between 1970 and 2100"):
        utc_moment(value, LONDON)
