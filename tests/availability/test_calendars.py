"""Operating hours and time zones go from a monitor's files into the seeds of the home."""

from datetime import date
from pathlib import Path

import pytest
from autostats.availability.calendars import import_hours, import_time_zones
from autostats.errors import UsageError
from autostats.home import Home

MONDAY = date(2020, 2, 10)
HEADER = "instrument,day,start_time_local,end_time_local,valid_from,valid_to\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def hours(home: Home, *lines: str, today: date = MONDAY, restate: bool = False) -> str:
    """Import hours, and return the seed."""
    path = home.root.parent / "hours.csv"
    path.write_text(
        "\n".join(["store_id,dayOfWeek,start_time_local,end_time_local", *lines]), encoding="utf-8"
    )
    import_hours(home, path, today, restate=restate)
    seed = (home.root / "seeds" / "operating_hours.csv").read_text(encoding="utf-8")
    assert seed.startswith(HEADER)
    return seed.removeprefix(HEADER)


def test_the_first_hours_have_always_held(home: Home) -> None:
    seed = hours(
        home, "WISH,0,9:00,17:30:00.000", "WISH,0,22:00,06:00", "WISH,0,22:00,06:00", '"G,M",6,00:00,00:00'
    )
    assert seed == ('"G,M",6,00:00:00,00:00:00,,\nWISH,0,09:00:00,17:30:00,,\nWISH,0,22:00:00,06:00:00,,\n')


def test_the_same_hours_again_change_nothing(home: Home) -> None:
    first = hours(home, "WISH,0,9:00,17:00", "GEM,0,9:00,17:00")
    assert hours(home, "WISH,0,09:00,17:00", today=date(2020, 3, 1)) == first


def test_new_hours_begin_today_and_change_no_past_figure(home: Home) -> None:
    hours(home, "WISH,0,9:00,17:00", "WISH,1,9:00,17:00", "GEM,0,9:00,17:00")
    seed = hours(home, "WISH,0,10:00,17:00")
    assert seed == (
        "GEM,0,09:00:00,17:00:00,,\n"
        "WISH,0,09:00:00,17:00:00,,2020-02-10\n"
        "WISH,0,10:00:00,17:00:00,2020-02-10,\n"
        "WISH,1,09:00:00,17:00:00,,2020-02-10\n"
    )


def test_hours_of_less_than_a_day_leave_no_trace(home: Home) -> None:
    hours(home, "WISH,0,9:00,17:00")
    hours(home, "WISH,0,10:00,17:00")
    assert hours(home, "WISH,0,11:00,17:00") == (
        "WISH,0,09:00:00,17:00:00,,2020-02-10\nWISH,0,11:00:00,17:00:00,2020-02-10,\n"
    )


def test_restated_hours_have_always_held(home: Home) -> None:
    hours(home, "WISH,0,9:00,17:00", "GEM,0,9:00,17:00")
    hours(home, "WISH,0,10:00,17:00", today=date(2020, 3, 1))
    assert hours(home, "WISH,0,11:00,17:00", restate=True) == (
        "GEM,0,09:00:00,17:00:00,,\nWISH,0,11:00:00,17:00:00,,\n"
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("WISH,7,9:00,17:00", "has the day '7'"),
        ("WISH,Monday,9:00,17:00", "has the day 'Monday'"),
        ("WISH,,9:00,17:00", "has the day ''"),
        ("WISH,0,24:00,17:00", "has the time '24:00'"),
        ("WISH,0,9,17:00", "has the time '9'"),
        ("WISH,0,9:00,noon", "has the time 'noon'"),
        (",0,9:00,17:00", "names no instrument"),
        ("WISH,0,9:00", "has only 3 cells"),
        ('WISH,0,9:00,"17:00', "unexpected end of data"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken(home: Home, line: str, complaint: str) -> None:
    before = hours(home, "WISH,0,9:00,17:00")
    with pytest.raises(UsageError, match=r"hours\.csv, line 3") as error:
        hours(home, "WISH,0,10:00,17:00", line)
    assert complaint in str(error.value)
    assert (home.root / "seeds" / "operating_hours.csv").read_text(encoding="utf-8") == HEADER + before


def test_time_zones(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "zones.csv"
    path.write_bytes("\ufeffstore_id,timezone_str\r\nWISH,Europe/Paris\r\n\r\nGEM,Asia/Kolkata\r\n".encode())
    seed = home.root / "seeds" / "instrument_time_zones.csv"
    assert import_time_zones(home, path) == 2
    assert import_time_zones(home, path) == 0
    path.write_text("instrument,time_zone\nWISH,Europe/London\n", encoding="utf-8")
    assert import_time_zones(home, path) == 1
    assert seed.read_text(encoding="utf-8") == "instrument,time_zone\nGEM,Asia/Kolkata\nWISH,Europe/London\n"
    path.write_text("instrument,time_zone\nWISH,Europe/Lundun\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 2, has the time zone 'Europe/Lundun'"):
        import_time_zones(home, path)
