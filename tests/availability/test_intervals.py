"""Polls, operating hours and clocks of any kind: the models find what a count of each second finds."""

import random
import shutil
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from support.availability import Hours, Instrument, Poll, Reading, insert_polls
from support.dbt_project import DbtProject, select
from support.extent import some
from support.sources import genuine_era_c

MODELS = ("int_utc_offsets", "int_polled_days", "int_operating_windows", "int_instrument_states")
MARTS = ("fct_instrument_states", "fct_availability_daily", "fct_outages", "rpt_availability")
# Around these moments, each on its own clock: half an hour forward and back, a midnight that does not exist,
# one that comes twice, a day that never was, the end of a year, and a leap day.
LORD_HOWE, LORD_HOWE_BACK = datetime(2019, 10, 5, 15, 30), datetime(2020, 4, 4, 15)
MOMENTS = {
    "Australia/Lord_Howe": [LORD_HOWE, LORD_HOWE_BACK],
    "America/Sao_Paulo": [datetime(2018, 11, 4, 3), datetime(2018, 2, 18, 2)],
    "Pacific/Apia": [datetime(2011, 12, 30, 10)],
    "Europe/London": [datetime(2020, 3, 29, 1), datetime(2020, 10, 25, 1)],
    "America/Chicago": [datetime(2020, 2, 29, 6)],
    "Asia/Kathmandu": [datetime(2019, 12, 31, 18, 15)],
}
CASES = [(zone, moment) for zone, moments in MOMENTS.items() for moment in moments]


@pytest.fixture(scope="module")
def built(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a job or a poll."""
    folder = tmp_path_factory.mktemp("availability")
    source = genuine_era_c(folder / "source.sqlite")
    project.build(folder / "home", source, datetime(2020, 2, 12, 20))
    return folder


def _check(project: DbtProject, built: Path, tmp_path: Path, instruments: Sequence[Instrument]) -> None:
    """Build the statistics of these instruments, and compare every cell."""
    home = tmp_path / "home"
    shutil.copytree(built / "home", home)
    insert_polls(home, instruments)
    variables = {"as_of": str(instruments[0].as_of), **instruments[0].reading.variables}
    project.invoke(
        "run", "--select", *MODELS, *MARTS, home=home, source=built / "source.sqlite", variables=variables
    )
    daily = select(
        home, "select * exclude (availability_day_key) from fct_availability_daily order by instrument, day"
    )
    assert daily == [row for i in instruments for row in i.daily()]
    found = select(home, "select * exclude (reason) from fct_outages order by instrument, started_at")
    assert found == [row for i in instruments for row in i.outages()]
    lately = select(home, "from rpt_availability order by instrument")
    assert lately == [pytest.approx(i.lately()) for i in instruments]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reading", "up", "down", "unknown"),
    [
        (Reading("next", first_state="up"), 74, 106, 0),
        (Reading("next"), 74, 106, 0),
        (Reading("previous", first_state="up"), 135, 45, 0),
        (Reading("midpoint", first_state="up"), 104.5, 75.5, 0),
        (Reading("previous"), 61, 45, 74),
        (Reading("previous", max_gap=1800), 30, 30, 120),
        (Reading("previous", no_data="up"), 135, 45, 0),
    ],
    ids=str,
)
def test_the_worked_example(
    project: DbtProject, built: Path, tmp_path: Path, reading: Reading, up: float, down: float, unknown: float
) -> None:
    day = datetime(2020, 2, 11)
    polls = [Poll(day.replace(hour=10, minute=14), "up"), Poll(day.replace(hour=11, minute=15), "down")]
    hours = [Hours(1, time(9), time(12))]
    wish = Instrument("WISH", "UTC", polls, hours, day.replace(hour=20), reading)
    _check(project, built, tmp_path, [wish])
    [row] = wish.daily()
    minutes = [row[f"{state}_seconds"] / 60 for state in ("up", "down", "unknown")]
    assert minutes == [up, down, unknown]


@pytest.mark.slow
@pytest.mark.parametrize("fill", ["previous", "next", "midpoint"])
@pytest.mark.parametrize(("zone", "moment"), some(CASES, 4), ids=lambda value: str(value).replace("/", " "))
def test_any_polls_hours_and_clocks(
    project: DbtProject, built: Path, tmp_path: Path, zone: str, moment: datetime, fill: str
) -> None:
    chance = random.Random(f"{zone} {moment} {fill}")
    reading = Reading(
        fill,
        no_data=chance.choice(["unknown", "up", "down"]),
        first_state=chance.choice([None, None, "up", "down", "unknown"]),
        max_gap=chance.choice([None, 600, 7200, 40_000]),
        short_uptime=chance.choice([0, 600, 3600]),
    )
    as_of = moment + timedelta(seconds=2 * chance.randrange(0, 80_000))
    instruments = [
        Instrument(
            f"I{number:02}",
            zone if chance.random() < 0.8 else chance.choice(list(MOMENTS)),
            _polls(chance, moment, as_of),
            _hours(chance, moment.date()),
            as_of,
            reading,
        )
        for number in range(12)
    ]
    _check(project, built, tmp_path, instruments)


def _polls(chance: random.Random, moment: datetime, as_of: datetime) -> list[Poll]:
    """Polls around the moment, on it, on whole hours and quarters, and some after the statistics."""
    at = {min(moment, as_of) - timedelta(hours=chance.choice([1, 30, 50]))}
    for _ in range(chance.randrange(12)):
        at.add(moment + timedelta(seconds=2 * chance.randrange(-60_000, 60_000)))
    for _ in range(chance.randrange(6)):
        at.add(moment + chance.randrange(-60, 60) * timedelta(minutes=15))
    return [
        Poll(
            each, chance.choice(["up", "up", "down", "unknown"]), chance.choice([None, None, "pump", "valve"])
        )
        for each in sorted(at)
    ]


def _hours(chance: random.Random, day: date) -> list[Hours]:
    """None, or spans that may overlap, touch, run past midnight or take the whole day; some begin or end."""
    times = [time(0), time(0, 30), time(1, 30), time(2), time(9), time(12, 15), time(22), time(23, 30)]
    validity = [None, None, None, day]
    return [
        Hours(
            chance.randrange(7) if chance.random() < 0.3 else (day.weekday() + chance.randrange(-2, 3)) % 7,
            chance.choice(times),
            chance.choice(times),
            chance.choice(validity),
            chance.choice(validity),
        )
        for _ in range(chance.choice([0, 3, 8, 14]))
    ]
