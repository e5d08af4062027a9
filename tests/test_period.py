from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from autostats.errors import UsageError
from autostats.period import (
    Clock,
    Period,
    parse_date,
    parse_day,
    previous_period,
    resolve_period,
    year_before,
)
from autostats.queries.settings import Settings

TODAY = date(2020, 3, 31)
CLOCK = Clock(TODAY, date(2020, 3, 30))


@pytest.mark.parametrize(
    ("from_", "to", "last", "first_day", "last_day"),
    [
        (None, None, None, "2020-03-24", "2020-03-30"),
        (None, None, "1d", "2020-03-30", "2020-03-30"),
        (None, None, "2W", "2020-03-17", "2020-03-30"),
        (None, None, "1m", "2020-02-29", "2020-03-30"),
        (None, None, "1y", "2019-03-31", "2020-03-30"),
        (None, None, "yesterday", "2020-03-30", "2020-03-30"),
        (None, None, " Today ", "2020-03-31", "2020-03-31"),
        (None, "2020-02-11", None, "2020-02-05", "2020-02-11"),
        (None, "2020-02-11", "3d", "2020-02-09", "2020-02-11"),
        ("2020-02-11", None, None, "2020-02-11", "2020-03-30"),
        ("2020-03-30", None, None, "2020-03-30", "2020-03-30"),
        ("today", None, None, "2020-03-31", "2020-03-31"),
        ("2020-2-1", "2020-02-01", None, "2020-02-01", "2020-02-01"),
        ("2020-02", "2020-02", None, "2020-02-01", "2020-02-29"),
        ("2019-11", "2020-01", None, "2019-11-01", "2020-01-31"),
        ("2020-03", "2020-03", None, "2020-03-01", "2020-03-31"),
    ],
)
def test_periods(from_: str | None, to: str | None, last: str | None, first_day: str, last_day: str) -> None:
    assert resolve_period(from_, to, last, CLOCK) == Period(
        date.fromisoformat(first_day), date.fromisoformat(last_day)
    )


def test_this_month_ends_today() -> None:
    clock = Clock(date(2020, 3, 17), date(2020, 3, 16))
    assert resolve_period("2020-03", "2020-03", None, clock) == days("2020-03-01", "2020-03-17")
    assert resolve_period(None, "2020-03", "3d", clock) == days("2020-03-15", "2020-03-17")
    assert resolve_period("2020-02", "2020-02", None, clock) == days("2020-02-01", "2020-02-29")


@pytest.mark.parametrize(
    ("today", "from_", "to", "last", "first_day", "last_day"),
    [
        ("2020-03-12", "2020-03", "2020-03", None, "2020-03-01", "2020-03-12"),
        ("2020-03-12", "2020-03", None, None, "2020-03-01", "2020-03-11"),
        ("2020-03-12", None, None, "1m", "2020-02-12", "2020-03-11"),
        ("2020-03-01", "2020-03", None, None, "2020-03-01", "2020-03-01"),
        ("2020-03-01", None, None, "1m", "2020-02-01", "2020-02-29"),
        ("2028-02-29", "2028-02", "2028-02", None, "2028-02-01", "2028-02-29"),
        ("2028-02-29", None, None, "1y", "2027-02-28", "2028-02-28"),
        ("2028-03-01", None, None, "1y", "2027-03-01", "2028-02-29"),
        ("2028-03-01", None, None, "yesterday", "2028-02-29", "2028-02-29"),
        ("2030-01-01", None, None, None, "2029-12-25", "2029-12-31"),
        ("2030-01-01", "2029-12", "yesterday", None, "2029-12-01", "2029-12-31"),
        ("2030-01-01", "2030-01", "2030-01", None, "2030-01-01", "2030-01-01"),
    ],
)
def test_periods_on_other_days(
    today: str, from_: str | None, to: str | None, last: str | None, first_day: str, last_day: str
) -> None:
    day = date.fromisoformat(today)
    assert resolve_period(from_, to, last, Clock(day, day - timedelta(days=1))) == days(first_day, last_day)


@pytest.mark.parametrize(
    ("from_", "to", "last", "says"),
    [
        ("2020-02-12", "2020-02-11", None, "--from 2020-02-12 is after --to 2020-02-11"),
        ("2020-04-01", None, None, "is in the future"),
        ("2020-04", None, None, "--from 2020-04 is in the future"),
        (None, "2020-04-01", None, "is in the future"),
        (None, "2020-05", None, "is in the future"),
        ("2020-02-30", None, None, "'2020-02-30' is not a day"),
        ("2020-13", None, None, "'2020-13' is not a day"),
        ("11/02/2020", None, None, "is not a day"),
        ("20200211", None, None, "is not a day"),
        ("0000-01-01", None, None, "is not a day"),
        ("", None, None, "is not a day"),
        (None, None, "0d", "is not a span"),
        (None, None, "-3d", "is not a span"),
        (None, None, "week", "is not a span"),
        (None, None, "7", "is not a span"),
        (None, None, "999999d", "further than the year 1"),
        (None, None, "99999y", "further than the year 1"),
        ("2020-02-11", None, "7d", "--last and --from"),
        (None, "2020-02-11", "yesterday", "names one day"),
    ],
)
def test_nonsense_is_refused_with_a_remedy(
    from_: str | None, to: str | None, last: str | None, says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        resolve_period(from_, to, last, CLOCK)
    assert caught.value.remedy


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_wrong_day_names_its_option_and_how_days_are_written(option: str) -> None:
    from_, to = ("2020-02-30", None) if option == "--from" else (None, "2020-02-30")
    with pytest.raises(UsageError, match=f"^{option}") as caught:
        resolve_period(from_, to, None, CLOCK)
    assert "2020-02-11" in caught.value.remedy


def test_how_a_date_is_written() -> None:
    with pytest.raises(UsageError, match="--first") as caught:
        parse_date("2020-02-30", "--first")
    assert caught.value.remedy == "There is no such date. Write days as 2020-02-11."


def test_a_single_day() -> None:
    assert parse_day("yesterday", TODAY) == date(2020, 3, 30)
    assert parse_day(" 2020-02-11", TODAY) == date(2020, 2, 11)
    with pytest.raises(UsageError, match="not a day"):
        parse_day("2020-02", TODAY)


def test_how_a_period_is_written() -> None:
    assert str(Period(date(2020, 2, 11), date(2020, 2, 11))) == "Tue 2020-02-11"
    assert str(Period(date(2020, 2, 11), date(2020, 2, 12))) == "2020-02-11 to 2020-02-12 (2 days)"


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "previous", "last_year"),
    [
        (("2020-03-05", "2020-03-11"), ("2020-02-27", "2020-03-04"), ("2019-03-05", "2019-03-11")),
        (("2020-03-05", "2020-03-05"), ("2020-03-04", "2020-03-04"), ("2019-03-05", "2019-03-05")),
        (("2020-02-01", "2020-02-29"), ("2020-01-01", "2020-01-31"), ("2019-02-01", "2019-02-28")),
        (("2021-02-01", "2021-02-28"), ("2021-01-01", "2021-01-31"), ("2020-02-01", "2020-02-29")),
        (("2020-01-01", "2020-03-31"), ("2019-10-01", "2019-12-31"), ("2019-01-01", "2019-03-31")),
        (("2020-01-01", "2020-12-31"), ("2019-01-01", "2019-12-31"), ("2019-01-01", "2019-12-31")),
        (("2020-02-29", "2020-03-01"), ("2020-02-27", "2020-02-28"), ("2019-02-28", "2019-03-01")),
        (("2020-02-01", "2020-02-28"), ("2020-01-04", "2020-01-31"), ("2019-02-01", "2019-02-28")),
    ],
)
def test_the_period_before_and_that_of_last_year(
    period: tuple[str, str], previous: tuple[str, str], last_year: tuple[str, str]
) -> None:
    assert previous_period(days(*period)) == days(*previous)
    assert year_before(days(*period)) == days(*last_year)


def test_nothing_lies_before_the_year_1() -> None:
    for before in (previous_period, year_before):
        with pytest.raises(UsageError, match="no period to compare"):
            before(days("0001-01-01", "0001-01-31"))
        with pytest.raises(UsageError, match="no period to compare"):
            before(days("0001-01-05", "0001-01-31"))


@pytest.mark.parametrize(
    ("as_of", "last_complete"),
    [
        ("2020-02-10T03:00", "2020-02-09"),
        ("2020-02-12T11:00", "2020-02-11"),
        ("2020-02-20T03:00", "2020-02-11"),
    ],
)
def test_the_last_whole_day_is_over_in_the_statistics_and_in_truth(as_of: str, last_complete: str) -> None:
    now = datetime(2020, 2, 12, 12)
    of_london = Settings(1, "0", "Europe/London", datetime.fromisoformat(as_of), now)
    assert of_london.clock == Clock(date(2020, 2, 12), date.fromisoformat(last_complete))


def test_the_first_day_of_all_begins_at_the_first_time_of_all() -> None:
    tokyo = Settings(1, "0", "Asia/Tokyo", datetime(2020, 2, 12))
    assert tokyo.midnight(date(1, 1, 1)) == datetime.min
    assert tokyo.midnight(date(2020, 2, 12)) == datetime(2020, 2, 11, 15)


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (None, ""),
        ((date(2019, 1, 1), date(2019, 2, 1)), ""),
        ((date(2020, 2, 1), date(2020, 2, 29)), ""),
        ((date(2019, 2, 1), date(2020, 2, 12)), "; recorded until 2020-02-12"),
        ((date(2020, 2, 3), date(2020, 3, 12)), "; recorded from 2020-02-03"),
        ((date(2020, 2, 3), date(2020, 2, 12)), "; recorded from 2020-02-03 until 2020-02-12"),
    ],
)
def test_a_period_says_what_of_it_is_recorded(recorded: tuple[date, date] | None, said: str) -> None:
    period = Period(date(2020, 2, 1), date(2020, 2, 29))
    assert period.of_recorded(recorded) == f"2020-02-01 to 2020-02-29 (29 days){said}"
