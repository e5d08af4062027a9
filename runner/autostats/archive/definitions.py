"""What an `archive.yml` defines: experiments, locations and file types, each a line of plain JSON as well."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

FILE_NAME = "archive.yml"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"\s*(\d{1,9})\s*([smhdw])\s*", re.IGNORECASE)


def duration(text: str) -> timedelta | None:
    """Return what `90s`, `30m`, `6h`, `1d` or `2w` means; None if it is something else, or nothing."""
    found = _DURATION.fullmatch(text)
    if found is None or int(found[1]) == 0:
        return None
    return timedelta(**{_UNITS[found[2].lower()]: int(found[1])})


@dataclass(frozen=True)
class Experiment:
    """What locations may belong to; its cycles are counted from `cycle_start` on. Times are ISO text, UTC."""

    name: str
    cycle_start: str | None = None
    cycle_stop: str | None = None
    platform: str = ""
    wallclock_start: str | None = None
    description: str = ""


# Of those that look ahead or behind, or set flags.
_SPECIAL_GROUP = re.compile(r"\(\?(?!P<|:)|\\[AZz]")


@dataclass(frozen=True)
class FileType:
    """Files whose names a regular expression finds; its groups `prefix` and `run` tell whose they are."""

    name: str
    pattern: str

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern, for names in any case."""
        return re.compile(self.pattern, re.IGNORECASE)

    @cached_property
    def of_lines(self) -> re.Pattern[str] | None:
        """The pattern for many names at once, each a line.

        None if it is not one of whole names, or if it might see more than one of them.
        """
        is_whole = self.pattern.startswith("^") and self.pattern.endswith("$")
        outside = re.sub(r"\([^()]*\)", "", self.pattern)
        if not is_whole or "|" in outside or _SPECIAL_GROUP.search(self.pattern) or self.regex.groups < 2:
            return None
        return re.compile(self.pattern, re.IGNORECASE | re.MULTILINE)


# A prefix such as SANS2D has a digit in it, and ends in no digit.
NEXUS = FileType("nexus", r"^(?P<prefix>[A-Za-z_]\w*?)(?P<run>\d+)\.(nxs|raw)$")


@dataclass(frozen=True)
class Location:
    """Where files are: of instruments, or of an experiment, whose cycles may be of `every` so many hours."""

    name: str
    url: str
    file_types: list[str] = field(default_factory=lambda: [NEXUS.name])
    instruments: list[str] = field(default_factory=list)
    experiment: str = ""
    every: str = ""
    settle_minutes: float = 30
    expected: int | dict[str, int] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    last_run: str = ""
    active: bool = True

    @property
    def settle_seconds(self) -> int:
        """How old the newest file must be, for nothing to be still written."""
        return round(60 * self.settle_minutes)

    def expected_in(self, cycle: str) -> int | None:
        """Return how many files there should be in a cycle."""
        if isinstance(self.expected, dict):
            return self.expected.get(cycle[11:13])
        return self.expected


Entry = Experiment | FileType | Location
KINDS: Mapping[str, type[Entry]] = {
    "experiment": Experiment,
    "file_type": FileType,
    "location": Location,
}


@dataclass(frozen=True)
class Definitions:
    """Entries by kind and name."""

    entries: Mapping[tuple[str, str], Entry] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, Entry]]:
        return ((kind, entry) for (kind, _), entry in self.entries.items())

    @property
    def locations(self) -> dict[str, Location]:
        """The locations by name."""
        return {entry.name: entry for _, entry in self if isinstance(entry, Location)}

    def experiment(self, name: str) -> Experiment | None:
        """Return an experiment, or None."""
        found = self.entries.get(("experiment", name))
        return found if isinstance(found, Experiment) else None

    def file_type(self, name: str) -> FileType | None:
        """Return a file type, or None; `nexus` is always there."""
        found = self.entries.get(("file_type", name), NEXUS if name == NEXUS.name else None)
        return found if isinstance(found, FileType) else None


def as_json(entry: Entry) -> dict[str, Any]:
    """Return what an entry says besides its name."""
    return {key: value for key, value in asdict(entry).items() if key != "name"}


def from_json(kind: str, name: str, definition: Mapping[str, Any]) -> Entry:
    """Return an entry; keys that only a newer autostats knows are left out."""
    known = {each.name for each in fields(KINDS[kind])}
    return KINDS[kind](name=name, **{key: value for key, value in definition.items() if key in known})


def moment(text: str) -> datetime:
    """Return a moment that was checked when it was read, UTC without a zone."""
    return datetime.fromisoformat(text)
