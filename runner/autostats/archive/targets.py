"""What a look at the archive looks at: a location's instruments, and all of its cycles or one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autostats.archive.definitions import Definitions, Experiment, FileType, Location, duration, moment
from autostats.archive.storage import Storage
from autostats.errors import UsageError
from autostats.observations.store import BrokenOff

_CYCLE_TIME = re.compile(r"\d{4}-?\d\d-?\d\dT\d\d(:?\d\d)?Z?")
_CYCLE_NAME = re.compile(r"(?!\.+$)[^/\0]{1,100}")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Target:
    """One listing, and so one look for each of its instruments; an experiment has one, without a name.

    `cycle` is None for all cycles that there are, and empty where there are none.
    """

    location: Location
    file_types: Sequence[FileType]
    instruments: Sequence[str]
    cycle: str | None
    url: str

    @property
    def any_prefix(self) -> bool:
        """Whether all files belong to the only instrument."""
        return "{instrument}" in self.location.url or not self.location.instruments

    @property
    def name(self) -> str:
        """What people call it."""
        parts = [self.location.name, ", ".join(filter(None, self.instruments)), self.cycle]
        return ", ".join(filter(None, parts))

    def roots(self, storage: Storage) -> list[tuple[str, str]]:
        """Return each cycle with the URL below which its files are.

        Raises BrokenOff when an instrument's folder is not there.
        """
        above, part, below = self._parts()
        if self.location.instruments and not storage.is_there(storage.place(above)):
            raise BrokenOff(f"{above} is not there (unmounted?)")
        if self.cycle is not None:
            return [(self.cycle, self.url.replace("{cycle}", self.cycle))]
        before, _, after = part.partition("{cycle}")
        found = []
        for name in sorted(storage.folders(storage.place(above))):
            cycle = name.removeprefix(before).removesuffix(after)
            # As in a shell, what begins with a dot has to be asked for.
            is_hidden = name.startswith(".") and not before
            if name == f"{before}{cycle}{after}" and _CYCLE_NAME.fullmatch(cycle) and not is_hidden:
                found.append((cycle, f"{above.rstrip('/')}/{name}{below}"))
        return found

    def last_run_places(self) -> list[str]:
        """Return where the last run may be told, besides the files' own folders."""
        if self.location.last_run:
            names = self.instruments if "{instrument}" in self.location.last_run else [""]
            return [self.location.last_run.replace("{instrument}", name) for name in names]
        return [f"{self._parts()[0].rstrip('/')}/lastrun.txt"] if "{cycle}" in self.url else []

    def _parts(self) -> tuple[str, str, str]:
        """Return the folder above the cycles, the part of the URL with the cycle, and what follows it."""
        if "{cycle}" not in self.url:
            return self.url, "", ""
        before, _, after = self.url.partition("{cycle}")
        above, _, start = before.rpartition("/")
        end, slash, below = after.partition("/")
        return above or "/", f"{start}{{cycle}}{end}", f"{slash}{below}".rstrip("/")


def targets(
    definitions: Definitions, names: Sequence[str], cycle: str | None, now: datetime
) -> tuple[list[Target], list[str]]:
    """Return what to look at for locations, or all without `names`, and sentences about what is left out.

    Without `names`, `cycle` chooses the locations that may have it. Raises UsageError when none can.
    """
    found: list[Target] = []
    notes: list[str] = []
    for name in names or [name for name, each in definitions.locations.items() if each.active]:
        location = definitions.locations[name]
        types = [kind for each in location.file_types if (kind := definitions.file_type(each))]
        chosen, note = _cycle(location, definitions.experiment(location.experiment), cycle, now)
        if note and cycle is not None and names:
            raise UsageError(note, "Leave out --cycle, or name another location.")
        if not names and not location.every and _time(cycle):
            note = f"Name {location.name!r} if it has a cycle that is called like a time."
        if note:
            notes.append(note)
            continue
        url = location.url
        if chosen is not None and location.every:
            url = moment(chosen).strftime(url.replace("{hour}", "%H"))
        instruments = location.instruments or [""]
        groups = [[each] for each in instruments] if "{instrument}" in url else [instruments]
        for group in groups:
            found.append(Target(location, types, group, chosen, url.replace("{instrument}", group[0])))
    if cycle is not None and not found:
        raise UsageError(f"No location has a cycle {cycle!r}.", " ".join(notes))
    return found, [] if cycle is not None else notes


def _cycle(
    location: Location, experiment: Experiment | None, cycle: str | None, now: datetime
) -> tuple[str | None, str]:
    """Return the cycle to look at, None for all, and a sentence if there is none."""
    if location.every:
        if cycle is None:
            return _newest(location, experiment, now)
        at = _time(cycle)
        if at is None:
            return None, f"{location.name!r} has cycles such as 2026-01-01T06:00, and not {cycle!r}."
        return f"{at:%Y-%m-%dT%H:%M}", ""
    if "{cycle}" not in location.url:
        return ("", "") if cycle is None else (None, f"{location.name!r} has no cycles.")
    if cycle is not None and not _CYCLE_NAME.fullmatch(cycle):
        return None, f"{cycle!r} is no name of a cycle of {location.name!r}."
    return cycle, ""


def _time(cycle: str | None) -> datetime | None:
    """Return the time that a cycle is called after, if it is."""
    try:
        return datetime.fromisoformat(cycle) if cycle and _CYCLE_TIME.fullmatch(cycle) else None
    except ValueError:
        return None


def _newest(location: Location, experiment: Experiment | None, now: datetime) -> tuple[str | None, str]:
    """Return the newest cycle that is due."""
    every = duration(location.every)
    assert every is not None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight if every <= _DAY else datetime(1970, 1, 1)
    if experiment is not None and experiment.cycle_start is not None:
        start = moment(experiment.cycle_start)
        if now < start:
            return None, f"The cycles of {location.name!r} begin on {start:%Y-%m-%dT%H:%M}."
    if experiment is not None and experiment.cycle_stop is not None:
        now = min(now, moment(experiment.cycle_stop))
    return f"{start + (now - start) // every * every:%Y-%m-%dT%H:%M}", ""
