"""The content of the homes in tests/conftest.py."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import cycle
from typing import Any

from autostats.verification.job import SourceJob
from autostats.verification.settings import IgnoredRuns, Settings

from support.availability import Hours, Instrument, Poll, Reading, availability_marts, renamed
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
