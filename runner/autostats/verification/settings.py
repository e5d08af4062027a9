"""What a count depends on besides the jobs: zones, limits, cycles, and how to read the source's times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from autostats.verification.cells import read_time

Cell = datetime | str | None


@dataclass(frozen=True)
class Cycle:
    """One line of the seed `beam_cycles`; both days are included."""

    name: str
    first_day: date
    last_day: date
    maintenance_days: tuple[date, ...] = ()


@dataclass(frozen=True)
class IgnoredRuns:
    """One line of the seed `ignored_runs`; both numbers are included."""

    instrument: str
    first_run_number: int
    last_run_number: int
    reason: str | None


@dataclass(frozen=True)
class Settings:
    """What the statistics depend on besides the jobs. `as_of` is naive UTC."""

    as_of: datetime
    facility_timezone: str = "Europe/London"
    source_timezone: str = "UTC"
    max_gap: int = 1000
    lookback_days: int = 14
    earliest_time: datetime = datetime(1990, 1, 1)
    cycles: tuple[Cycle, ...] = ()
    ignored: tuple[IgnoredRuns, ...] = ()

    def local_day(self, moment: datetime) -> date:
        """Return the facility's calendar day of a naive UTC moment."""
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.facility_timezone)).date()

    def day_start(self, day: date) -> datetime:
        """Return the naive UTC moment at which a local day begins."""
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.facility_timezone))
        return midnight.astimezone(UTC).replace(tzinfo=None)

    def hour_start(self, moment: datetime) -> datetime:
        """Return the naive UTC moment at which the local hour of a naive UTC moment begins."""
        start = self.day_start(self.local_day(moment))
        while True:
            local = start.replace(tzinfo=UTC).astimezone(ZoneInfo(self.facility_timezone))
            after = start + timedelta(hours=1) - timedelta(minutes=local.minute, seconds=local.second)
            if after > moment:
                return start
            start = after

    def read(self, cell: Cell) -> datetime | None:
        """Return the naive UTC moment in a cell of the source, or None if there is none."""
        return None if cell is None else read_time(cell, ZoneInfo(self.source_timezone))

    def means(self, cell: Cell, days_ahead: int) -> datetime | None:
        """Return the same, or None if it is before `earliest_time` or more than `days_ahead` days ahead."""
        moment = self.read(cell)
        if moment is None or not self.earliest_time <= moment <= self.as_of + timedelta(days=days_ahead):
            return None
        return moment

    def cycle(self, day: date) -> str | None:
        """Return the name of the beam cycle that contains a day."""
        for cycle in self.cycles:
            if cycle.first_day <= day <= cycle.last_day:
                return cycle.name
        return None

    def is_maintenance_day(self, day: date) -> bool:
        """Return whether a day is one of a cycle's maintenance days."""
        return any(day in cycle.maintenance_days for cycle in self.cycles)


# How many days after the moment of the statistics each time may be.
DAYS_AHEAD = {"created": 365, "started": 1, "finished": 1, "last_updated": 1}
