"""Local time for the oracles: it looks at a clock, and shares nothing with the models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Clock:
    """The clock of a time zone. Moments are UTC, clock times local, both without a zone."""

    zone: str

    def at(self, moment: datetime) -> datetime:
        """What the clock shows at a moment."""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def first_at(self, clock: datetime) -> datetime:
        """The first moment at which the clock shows `clock` or later, found by looking at it."""
        moment = clock - timedelta(hours=27)
        for step in (timedelta(minutes=15), timedelta(minutes=1), SECOND):
            while self.at(moment) < clock:
                moment += step
            if step != SECOND:
                moment -= step
        return moment

    def midnight(self, day: date) -> datetime:
        """The first moment of a day."""
        return self.first_at(datetime.combine(day, time()))
