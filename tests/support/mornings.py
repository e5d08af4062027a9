"""Jobs on the days before two mornings, on each of which a digest is sent."""

from collections.abc import Callable
from datetime import datetime, timedelta

from autostats.verification.job import SourceJob

from support.marts import job

MORNING = datetime(2020, 2, 12, 5, 15)
Night = Callable[..., None]
# People write anything there.
TITLE = "D2O <b>25 °C</b> @here"


def made(
    number: int, run: int, status: str, hours: float, instrument: str = "WISH", run_title: str | None = None
) -> SourceJob:
    """Return a job that ends a number of hours after the first morning."""
    end = MORNING + timedelta(hours=hours)
    return job(number, run, status, end, end, end, instrument=instrument, run_title=run_title)


# Years of history, then the day before the first morning: 100 and GEM 50 fail, 102 and 103 are missing.
BEFORE = [
    made(1, 97, "e", -9000),
    made(2, 99, "c", -8999),
    made(3, 100, "e", -10, run_title=TITLE),
    made(4, 101, "c", -9),
    made(5, 104, "c", -8),
    made(6, 50, "e", -7, "GEM"),
]
# The day after: 100 is resolved, 102 arrives, 105 and 107 fail, 106 is missing.
AFTER = [
    *BEFORE,
    made(7, 100, "c", 3),
    made(8, 102, "c", 4),
    made(9, 105, "e", 5),
    made(10, 107, "e", 6),
]
