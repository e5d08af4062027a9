"""Polls that come in any order and in any pieces: every night equals a full refresh."""

import random
import shutil
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
from support.availability import Hours, Instrument, Poll, Reading, add_calendar, add_polls
from support.dbt_project import DbtProject, contents, select, statistics
from support.extent import some
from support.sources import genuine_era_c

pytestmark = pytest.mark.slow

MODELS = ("int_utc_offsets", "int_polled_days", "int_operating_windows", "int_instrument_states")
MARTS = ("fct_instrument_states", "fct_availability_daily", "fct_outages", "rpt_availability")
START = datetime(2020, 3, 1)
ZONES = {"WISH": "Europe/London", "GEM": "Australia/Lord_Howe", "LOQ": "America/Chicago"}
HOURS = [
    Hours(day, start, end)
    for day in (0, 1, 2, 4)
    for start, end in ((time(9), time(12)), (time(22), time(2)))
]


@pytest.fixture(scope="module")
def built(project: DbtProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a job or a poll."""
    folder = tmp_path_factory.mktemp("pieces")
    project.build(folder / "home", genuine_era_c(folder / "source.sqlite"), START)
    return folder


@pytest.mark.parametrize("seed", some(range(5), 1))
def test_any_order_any_pieces(project: DbtProject, built: Path, tmp_path: Path, seed: int) -> None:
    """Most polls are of the last day; sometimes the statistics are of an earlier moment."""
    chance = random.Random(seed)
    reading = Reading(
        chance.choice(["previous", "next", "midpoint"]),
        first_state=chance.choice([None, None, "up"]),
        max_gap=chance.choice([None, None, 20_000]),
    )
    home, whole = tmp_path / "home", tmp_path / "whole"
    shutil.copytree(built / "home", home)
    for name, zone in ZONES.items():
        add_calendar(home, name, zone, _hours(name))
    known: dict[str, list[Poll]] = {name: [] for name in ZONES}
    night = START
    for load in range(1, 8):
        night += timedelta(days=chance.choice([0, 1, 1, 2, 20, 40]))
        as_of = night + timedelta(seconds=2 * chance.randrange(40_000))
        if chance.random() < 0.2:
            as_of -= timedelta(days=chance.choice([3, 40, 100]))
        if load == 5:
            reading = replace(reading, no_data=chance.choice(["up", "down"]))
        new = {name: _polls(chance, night, polls) for name, polls in known.items()}
        add_polls(home, new, load)
        for name, polls in new.items():
            known[name] += polls
        _run(project, built, home, as_of, reading)
        if load in (3, 4, 6, 7):
            shutil.copytree(home, whole, dirs_exist_ok=True)
            _run(project, built, whole, as_of, reading, "--full-refresh")
            assert contents(home, MARTS) == contents(whole, MARTS)


def test_changed_hours_are_taken_up(project: DbtProject, built: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(built / "home", home)
    as_of = START + timedelta(days=90)
    wish = Instrument("WISH", "UTC", [Poll(START, "up")], HOURS, as_of, Reading())
    add_calendar(home, "WISH", "UTC", HOURS)
    add_polls(home, {"WISH": wish.polls}, load=1)
    _run(project, built, home, as_of, Reading())
    with statistics(home) as connection:
        connection.execute("delete from operating_hours where day <> 1")
    wish = replace(wish, hours=[hours for hours in HOURS if hours.weekday == 1])
    _run(project, built, home, as_of, Reading())
    daily = "select * exclude (availability_day_key) from fct_availability_daily order by day"
    assert select(home, daily) == wish.daily()


def _polls(chance: random.Random, night: datetime, known: list[Poll]) -> list[Poll]:
    """Polls of the last day, sometimes of long ago or of the future; none at an instant that is known."""
    days = [chance.choice([0, 0, 0, 0, 1, 3, 50, -1]) for _ in range(chance.choice([0, 3, 6]))]
    at = {night - timedelta(days=each, seconds=2 * chance.randrange(43_200)) for each in days}
    states = ["up", "up", "down", "unknown"]
    reasons = [None, None, "pump"]
    return [
        Poll(moment, chance.choice(states), chance.choice(reasons))
        for moment in sorted(at - {poll.at for poll in known})
    ]


def _hours(instrument: str) -> list[Hours]:
    return [] if instrument == "GEM" else HOURS


def _run(
    project: DbtProject, built: Path, home: Path, as_of: datetime, reading: Reading, *flags: str
) -> None:
    variables = {"as_of": str(as_of), **reading.variables}
    models = ("--select", *MODELS, *MARTS)
    project.invoke("run", *models, *flags, home=home, source=built / "source.sqlite", variables=variables)
