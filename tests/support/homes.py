"""The content of the homes in tests/conftest.py."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from itertools import cycle
from typing import Any

from autostats.verification.job import SourceJob
from autostats.verification.settings import IgnoredRuns, Settings

from support.archive_marts import Archive, Look
from support.availability import Hours, Instrument, Poll, Reading, availability_marts, renamed
from support.marts import job, wish_jobs
from support.table_freshness import Check, Monitored, Watched, freshness_marts

BUSY_FROM, BUSY_DAYS = date(2020, 1, 24), 20
BUSY_SETTINGS = Settings(
    as_of=datetime(2020, 2, 12, 23, 30),
    max_gap=100,
    ignored=(IgnoredRuns("GEM", 2000, 2030, "no beam"),),
)
TABLES = ("lims.samples", "daq.runs", "lims.proposals", "users.accounts")
STRANGE_NAMES = (
    "[bold red]X[/]",
    'O\'Neil "q" %s',
    "=1+1",
    "über 🚀 beam",
    "../x|y`z",
    "a\x1b[31m\nb",
    "<img src=x>",
    "n" * 80,
)


def busy_deleted(jobs: Sequence[SourceJob]) -> frozenset[int]:
    """Return the ids of the jobs that have vanished from the source."""
    return frozenset(made.job_id for made in jobs if made.job_id % 50 == 0)


def polled(*names: str) -> dict[str, list[dict[str, Any]]]:
    """Return the availability of instruments that were down for a while, and are again."""
    return renamed(_polled_once(), names)


@cache
def _polled_once() -> dict[str, list[dict[str, Any]]]:
    noon = datetime(2020, 2, 11, 12)
    polls = [
        Poll(noon, "up"),
        Poll(noon + timedelta(hours=5), "down", "vacuum"),
        Poll(noon + timedelta(hours=9), "up"),
        Poll(noon + timedelta(hours=32), "down"),
    ]
    hours = [Hours(weekday, time(8), time(23)) for weekday in range(7)]
    one = Instrument("one", "Europe/London", polls, hours, datetime(2020, 2, 12, 23, 30), Reading())
    return availability_marts([one])


def monitored(*tables: str) -> dict[str, list[dict[str, Any]]]:
    """Return the freshness of tables that are, in turn, stale, fresh, a warning, and unknown.

    All were fresh from 11 February, 12:00, until they were last updated.
    """
    as_of = datetime(2020, 2, 12, 23, 30)
    habits = ((10_000, "Okay"), (60, "Okay"), (1500, "Okay"), (0, "connection refused"))
    watched = []
    for name, (lag, status) in zip(tables, cycle(habits), strict=False):
        moments = [datetime(2020, 2, 11, 12) + number * timedelta(minutes=10) for number in range(213)]
        checks = [Check(at, min(at, as_of - timedelta(seconds=lag))) for at in moments]
        if status != "Okay":
            checks += [Check(as_of - timedelta(minutes=5), None, status=status)]
        watched.append(Watched(Monitored(name), checks, as_of))
    return freshness_marts(watched)


def archived_jobs() -> list[SourceJob]:
    """Return the nine jobs of WISH, GEM's runs 1 and 5, and one run each of MARI and LET."""
    noon = datetime(2020, 2, 12, 12)
    others = [("GEM", 1), ("GEM", 5), ("MARI", 7), ("LET", 1)]
    return [
        *wish_jobs(),
        *(
            job(place, number, "c", noon, noon, noon, instrument=name)
            for place, (name, number) in enumerate(others, start=10)
        ),
    ]


def archived() -> Archive:
    """Return what the archive has of these instruments but LET, and of an experiment.

    WISH: run 102 has no job, 101 no file, and 106 is new. GEM: 2 was never written, 3 is being written, of 4
    nobody knows anything, and 8 was announced. MARI looks unmounted.
    """
    noon = datetime(2020, 2, 12, 12)
    replay = partial(Look, location="replay", file_type="netcdf", experiment="forecast", newest=noon)
    return Archive(
        looks=[
            Look("WISH", [(90, 99)], cycle="19_3", newest=datetime(2019, 12, 1)),
            Look("WISH", [(100, 100), (102, 106)], cycle="19_4"),
            Look("GEM", [(1, 1), (5, 5)], [(3, 3)], cycle="19_4", announced=8),
            Look("MARI", [(7, 7)], files=0, location="raw-mari", looks_unmounted=True),
            replay(cycle="2020-02-12T00:00", files=28, expected=31),
            replay(cycle="2020-02-12T06:00", files=74, expected=74),
            replay(cycle="2020-02-12T12:00", files=0, expected=31),
        ],
        kinds={
            ("WISH", 101): "db_only",
            ("WISH", 102): "archive_only",
            ("WISH", 106): "tail",
            ("GEM", 2): "never_written",
            ("GEM", 6): "tail",
            ("GEM", 7): "tail",
            ("GEM", 8): "tail",
        },
        settling=frozenset({("GEM", 3)}),
    )
