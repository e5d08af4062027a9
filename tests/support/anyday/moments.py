"""Moments and time zones at which a program that reads the clock, or the machine's zone, goes wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

# Set for a process whose clock is shifted, and passed on to the processes that it starts.
SHIFT = "AUTOSTATS_TEST_SHIFT"
HANDED_ON = (SHIFT, "PYTHONPATH", "TZ", "LC_ALL", "LOCPATH")


def made_locale(name: str) -> Path:
    """Return a folder with a locale, built here because few machines have any but their own."""
    folder = Path(tempfile.mkdtemp(prefix="autostats-locale-"))
    language, _, charmap = name.partition(".")
    subprocess.run(["localedef", "-i", language, "-f", charmap, str(folder / name)], check=True)
    return folder


@dataclass(frozen=True)
class Moment:
    """A machine's local time and zone; `fold` is 1 for the later of a time that occurs twice."""

    name: str
    local: str
    zone: str
    fold: int = 0
    locale: str = "C.UTF-8"

    @property
    def at(self) -> datetime:
        """The moment, in the zone UTC."""
        local = datetime.fromisoformat(self.local).replace(tzinfo=ZoneInfo(self.zone), fold=self.fold)
        return local.astimezone(UTC)

    def environment(self) -> dict[str, str]:
        """Return the variables of a process for which it is now that moment."""
        startup = str(Path(__file__).with_name("startup"))
        return {
            SHIFT: str((self.at - datetime.now(UTC)).total_seconds()),
            "PYTHONPATH": os.pathsep.join(filter(None, [startup, os.environ.get("PYTHONPATH")])),
            "TZ": self.zone,
            "LC_ALL": self.locale,
            **({} if self.locale == "C.UTF-8" else {"LOCPATH": str(made_locale(self.locale))}),
        }


# Those before midnight are so close to it that a suite runs into the next day.
MOMENTS = (
    Moment("midnight in UTC", "2026-07-14 23:59:50", "UTC"),
    Moment("midnight in London's summer", "2026-07-14 23:59:50", "Europe/London"),
    Moment("the clocks go forward", "2027-03-28 00:59:50", "Europe/London"),
    Moment("the day after, 23 hours ago", "2027-03-29 00:00:10", "Europe/London"),
    Moment("the clocks go back", "2027-10-31 01:59:50", "Europe/London"),
    Moment("the hour that comes twice", "2027-10-31 01:30:00", "Europe/London", fold=1),
    Moment("a leap day", "2028-02-29 00:00:10", "Europe/London"),
    Moment("the day after a leap day", "2028-03-01 00:05:00", "Europe/London"),
    Moment("New Year's Eve, week 1 of 2030", "2029-12-31 23:59:50", "UTC"),
    Moment("New Year's Day, week 53 of 2026", "2027-01-01 00:30:00", "Europe/London"),
    Moment("14 hours ahead, tomorrow already", "2026-11-20 06:00:00", "Pacific/Kiritimati"),
    Moment("11 hours behind, yesterday still", "2028-02-29 23:30:00", "Pacific/Pago_Pago"),
    Moment("a half-hour zone", "2026-12-01 00:15:00", "Asia/Kolkata"),
    Moment("a German machine", "2026-10-25 02:30:00", "Europe/Berlin", locale="de_DE.UTF-8"),
)
