"""The monitor of the demonstration's instruments: its files, for `autostats availability import`."""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

_EVERY = timedelta(minutes=15)
# The instruments that it polls, with their operating hours: weekdays (0 is Monday), start, end; none: always.
_HOURS: dict[str, tuple[tuple[Iterable[int], str, str], ...]] = {
    "WISH": ((range(5), "08:00", "12:30"), (range(5), "13:30", "20:00"), ((5,), "09:00", "13:00")),
    "GEM": (),
    "MARI": ((range(7), "20:00", "08:00"),),
    "POLARIS": (),
    "OSIRIS": ((range(6), "07:00", "19:00"),),
    "MUSR": (),
}
_ZONES = {"OSIRIS": "Europe/Paris"}
_UPTIME = timedelta(days=5)
_DOWNTIME = timedelta(hours=3)
_REASONS = ("vacuum pump", "chopper out of phase", "sample changer", "cryostat", "detector bank", "")
_NO_ANSWER = "no answer"


@dataclass(frozen=True)
class _Spell:
    """An instrument was not up; the end does not belong to it."""

    begins: datetime
    ends: datetime
    state: str
    reason: str


@dataclass(frozen=True)
class MonitorFiles:
    """What was written: how many polls, and the option and path of each file, as the import takes them."""

    polls: int
    options: tuple[str | Path, ...]


def write_monitor_files(
    folder: Path, instruments: Sequence[str], first_day: date, now: datetime, seed: int
) -> MonitorFiles:
    """Write `polls.csv`, `hours.csv` and `time_zones.csv` to `folder`, about those instruments that it polls.

    The polls, one each quarter of an hour, begin on `first_day` and stop at `now` (both UTC). The same
    arguments give the same files.
    """
    polled = [name for name in instruments if name in _HOURS]
    spells = {name: list(_spells(name, first_day, now, seed)) for name in polled}
    polls = list(_polls(spells, first_day, now))
    hours = [(name, day, start, end) for name in polled for days, start, end in _HOURS[name] for day in days]
    zones = [(name, _ZONES[name]) for name in polled if name in _ZONES]
    files: dict[str, Sequence[Sequence[object]]] = {
        "polls": [("instrument", "status", "timestamp_utc", "reason"), *polls],
        "hours": [("instrument", "day", "start_time_local", "end_time_local"), *hours],
        "time_zones": [("instrument", "time_zone"), *zones],
    }
    options: list[str | Path] = []
    for name, rows in files.items():
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        options += [f"--{name.replace('_', '-')}", path]
    return MonitorFiles(len(polls), tuple(options))


def _spells(name: str, first_day: date, now: datetime, seed: int) -> Iterator[_Spell]:
    """Yield when an instrument was not up, in order: by chance, and in the last two days by design."""
    dice = random.Random(f"{seed} {name}")
    by_design = now - timedelta(days=2)
    ends = datetime.combine(first_day, time())
    while True:
        begins = ends + timedelta(hours=1) + dice.expovariate(1) * _UPTIME
        ends = begins + _EVERY + dice.expovariate(1) * _DOWNTIME
        reason = dice.choice(_REASONS)
        is_unknown = dice.random() < 0.06
        if ends > by_design:
            break
        yield _Spell(begins, ends, *(("unknown", _NO_ANSWER) if is_unknown else ("down", reason)))
    hour = timedelta(hours=1)
    if name == "POLARIS":
        yield _Spell(now - 40 * hour, now - 31 * hour, "unknown", _NO_ANSWER)
    if name == "GEM":
        yield _Spell(now - 30 * hour, now - 20 * hour, "down", "vacuum pump")
    if name == "MUSR":
        yield _Spell(now - 5 * hour, now + hour, "down", "cryostat")


def _polls(
    spells: dict[str, list[_Spell]], first_day: date, now: datetime
) -> Iterator[tuple[str, str, str, str]]:
    """Yield the polls, in the order of their times."""
    coming = {name: iter(of_it) for name, of_it in spells.items()}
    current = {name: next(of_it, None) for name, of_it in coming.items()}
    at = datetime.combine(first_day, time())
    while at <= now:
        for name in spells:
            spell = current[name]
            while spell is not None and spell.ends <= at:
                spell = current[name] = next(coming[name], None)
            if spell is not None and spell.begins <= at:
                yield name, spell.state, f"{at} UTC", spell.reason
            else:
                yield name, "up", f"{at} UTC", ""
        at += _EVERY
