"""How and when the statistics were built."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autostats.errors import UsageError
from autostats.period import Clock
from autostats.warehouse import Warehouse, utc_now

# A nightly run may start late and take a while: only beyond this is the age worth mentioning.
EXPECTED_AGE = timedelta(hours=26)


@dataclass(frozen=True)
class Settings:
    """The row of `dim_settings`, and when it was read: one `now` per command. Both times are UTC."""

    schema_version: int
    autostats_version: str
    facility_timezone: str
    as_of: datetime
    now: datetime = field(default_factory=utc_now)

    @property
    def zone(self) -> tzinfo:
        """The facility's time zone.

        Raises UsageError when this computer does not know it.
        """
        try:
            return ZoneInfo(self.facility_timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise UsageError(
                f"This computer has no data for the time zone {self.facility_timezone!r}.",
                "Install its time-zone data, or `pip install tzdata`.",
            ) from error

    def local(self, moment: datetime) -> datetime:
        """Return a UTC time in the facility's time zone."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone)

    def midnight(self, day: date) -> datetime:
        """Return the UTC time at which a local day begins, or the earliest possible time if that is later."""
        local = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        try:
            return local.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return datetime.min

    @property
    def clock(self) -> Clock:
        """Today at the facility, and the last whole day of the statistics."""
        today = self.local(self.now).date()
        return Clock(today, min(self.local(self.as_of).date(), today) - timedelta(days=1))

    @property
    def age(self) -> timedelta:
        """How long ago the statistics were built."""
        return self.now - self.as_of

    @property
    def is_late(self) -> bool:
        """Whether they are older than a nightly run explains."""
        return self.age > EXPECTED_AGE

    @property
    def facts(self) -> dict[str, Any]:
        """The facts about the statistics in the machine formats."""
        return {
            "as_of": f"{self.as_of.isoformat()}Z",
            "facility_timezone": self.facility_timezone,
            "schema_version": self.schema_version,
            "autostats_version": self.autostats_version,
        }

    @property
    def caption(self) -> str:
        """One sentence for people on when the statistics were built."""
        return f"Statistics of {self.local(self.as_of):%Y-%m-%d %H:%M} ({self.facility_timezone})."


def read_settings(warehouse: Warehouse) -> Settings:
    """Return the settings that the statistics were built with."""
    row = warehouse.rows(
        "select schema_version, autostats_version, facility_timezone, as_of from dim_settings"
    )[0]
    return Settings(**row, now=utc_now())
