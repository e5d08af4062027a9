"""Reading an `archive.yml`: each mistake is one sentence that names the file, the entry and the key."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from autostats.archive.definitions import (
    KINDS,
    NEXUS,
    Definitions,
    Entry,
    Experiment,
    FileType,
    Location,
    duration,
)
from autostats.errors import UsageError
from autostats.yaml_file import loaded, mapping

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_TIME_CODE = re.compile(r"%[YymdjHMSGVuUWwbBaA]|\{hour\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PASSWORD = re.compile(r"://[^/\s@]*:[^\s]*@")
_SECRETS = {"key", "secret", "token", "password", "passwd", "passphrase", "pwd", "credential", "credentials"}
_NO_SECRETS = "It belongs in the environment, or in the storage's own files."
_LONGEST_NAME, _LONGEST_TEXT = 200, 1000
_NAMES = {"name", "instruments", "experiment"}
_SECTIONS = {"experiments": "experiment", "file_types": "file_type", "locations": "location"}


def read_definitions(path: Path, known: Definitions) -> Definitions:
    """Return what a file defines; its locations may refer to what is `known` already.

    Raises UsageError for the first mistake.
    """
    given = mapping(path, loaded(path, "Describe the archive there, or name another file."))
    found: dict[tuple[str, str], Entry] = {}
    for section, kind in _SECTIONS.items():
        entries = given.pop(section, None) or []
        if not isinstance(entries, list):
            raise UsageError(f"{path}: {section} is no list.", "Begin each entry with a hyphen.")
        for number, entry in enumerate(entries, start=1):
            made = _made(kind, _Reader(path, f"{section}, entry {number}", mapping(path, entry)))
            if (kind, made.name) in found:
                raise UsageError(f"{path} has two {section} with the name {made.name!r}.", "Rename one.")
            found[kind, made.name] = made
    for key in given:
        raise UsageError(f"{path} has the unknown key {key!r}.", f"Known are {', '.join(_SECTIONS)}.")
    every = Definitions({**known.entries, **found})
    for location in Definitions(found).locations.values():
        _check_references(f"{path}, location {location.name!r}", location, every)
    return Definitions(found)


class _Reader:
    """Takes the values of one entry, key by key."""

    def __init__(self, path: Path, place: str, given: dict[Any, Any]) -> None:
        self._path, self._place, self._given = path, f"{path}, {place}", given

    def named(self, kind: str, keys: Sequence[str]) -> str:
        """Take the name, which messages use from now on, and check that there are no keys but `keys`."""
        name = self.text("name")
        if not name:
            self.fail("name", "is missing", "Give it one.")
        self._place = f"{self._path}, {kind.replace('_', ' ')} {name!r}"
        for key in self._given:
            if key not in keys:
                raise UsageError(
                    f"{self._place} has the unknown key {key!r}.", f"Known are {', '.join(keys)}."
                )
        return name

    def fail(self, key: str, problem: str, remedy: str) -> NoReturn:
        """Raise what is wrong with the value of a key."""
        raise UsageError(f"{self._place}: {key} {problem}.", remedy)

    def text(self, key: str, value: Any = None) -> str:
        """Take a text; empty if there is none."""
        found = self._given.get(key) if value is None else value
        if found is None:
            return ""
        if not isinstance(found, str):
            # What is in a list or mapping might be a secret.
            shown = "a list or mapping" if isinstance(found, list | dict) else repr(found)
            self.fail(key, f"is {shown}, which is no text", "Put it in quotes.")
        longest = _LONGEST_NAME if key in _NAMES else _LONGEST_TEXT
        if "\0" in found or len(found) > longest:
            self.fail(key, f"has more than {longest} characters, or a NUL", "Shorten it.")
        return found.strip()

    def texts(self, key: str) -> list[str]:
        """Take a list of texts."""
        found = self._given.get(key)
        if not isinstance(found or [], list) or not all(found or []):
            self.fail(key, "is no list of names", f"Write it as {key}: [one, another].")
        return list(dict.fromkeys(self.text(key, each) for each in found or []))

    def flag(self, key: str, *, default: bool) -> bool:
        """Take true or false."""
        found = self._given.get(key, default)
        return found if isinstance(found, bool) else self.fail(key, "is neither true nor false", "Write one.")

    def number(self, key: str, default: float) -> float:
        """Take a number that is not below zero."""
        found: float = self._given.get(key, default)
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < 1e9:
            self.fail(key, f"is {found!r}", "Write a number that is not below 0.")
        return found

    def moment(self, key: str) -> str | None:
        """Take a moment, UTC unless it says otherwise."""
        found = self._given.get(key)
        if found is None:
            return None
        try:
            at = datetime.fromisoformat(str(found))
        except ValueError:
            self.fail(key, f"is {found!r}, which is no time", "Write it as 2026-01-01T06:00.")
        return (at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at).isoformat(timespec="minutes")

    def expected(self, *, has_hours: bool) -> int | dict[str, int] | None:
        """Take how many files there should be: a number, or one for each hour of the day."""
        found = self._given.get("expected")
        if found is None or (isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 1e12):
            return found
        if isinstance(found, dict) and has_hours:
            hours = {f"{hour:0>2}": each for hour, each in found.items()}
            if all(re.fullmatch("[01][0-9]|2[0-3]", hour) for hour in hours) and all(
                isinstance(each, int) and each >= 0 for each in hours.values()
            ):
                return hours
        remedy = "Write a number or, with `every`, one for each hour, as in {'00': 31, '06': 74}."
        return self.fail("expected", "is no number of files", remedy)

    def options(self) -> dict[str, Any]:
        """Take what goes to fsspec, which may hold no secrets."""
        found = self._given.get("options") or {}
        if not isinstance(found, dict):
            self.fail("options", "is no mapping", "Write it as options: {anon: true}.")
        for key, value in _leaves(found):
            if _SECRETS & set(re.split(r"[^a-z]+", key.lower())) or _PASSWORD.search(str(value)):
                self.fail("options", f"holds a secret, {key!r}", _NO_SECRETS)
        try:
            return dict(json.loads(json.dumps(found)))
        except TypeError:
            self.fail("options", "holds more than text, numbers, lists and mappings", "Put it in quotes.")


def _leaves(given: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(given, dict):
        for name, value in given.items():
            yield from _leaves(value, str(name))
    elif isinstance(given, list):
        for value in given:
            yield from _leaves(value, key)
    else:
        yield key, given


def _made(kind: str, entry: _Reader) -> Entry:
    name = entry.named(kind, [each.name for each in fields(KINDS[kind])])
    if kind == "experiment":
        times = {key: entry.moment(key) for key in ("cycle_start", "cycle_stop", "wallclock_start")}
        return Experiment(
            name, platform=entry.text("platform"), description=entry.text("description"), **times
        )
    return _file_type(name, entry) if kind == "file_type" else _location(name, entry)


def _file_type(name: str, entry: _Reader) -> FileType:
    made = FileType(name, entry.text("pattern"))
    try:
        groups = made.regex.groupindex
    except re.error as error:
        entry.fail("pattern", f"is no regular expression: {error}", "Correct it.")
    if "run" not in groups:
        remedy = r"Mark the run number, as in (?P<run>\d+); if there is none, write (?P<run>)."
        entry.fail("pattern", "has no group `run`", remedy)
    return made


def _location(name: str, entry: _Reader) -> Location:
    every = entry.text("every")
    made = Location(
        name,
        _url(entry, "url", {"instrument", "cycle", "hour"}),
        entry.texts("file_types") or [NEXUS.name],
        entry.texts("instruments"),
        entry.text("experiment"),
        every,
        entry.number("settle_minutes", Location.settle_minutes),
        entry.expected(has_hours=bool(every)),
        entry.options(),
        _url(entry, "last_run", {"instrument"}),
        entry.flag("active", default=True),
    )
    if not made.url:
        entry.fail("url", "is missing", "Say where the files are.")
    if bool(made.instruments) == bool(made.experiment):
        both = "is there beside an experiment" if made.experiment else "is missing, and so is an experiment"
        entry.fail("instruments", both, "Write one of the two.")
    if "{instrument}" in made.url + made.last_run and not made.instruments:
        entry.fail("url", "has {instrument}, and there are no instruments", "List the instruments.")
    for instrument in made.instruments:
        if "/" in instrument or instrument.strip(".") == "":
            entry.fail("instruments", f"has {instrument!r}", "A name with / or of dots alone is no folder.")
    if len({each.casefold() for each in made.instruments}) < len(made.instruments):
        entry.fail("instruments", "names one twice, in upper and lower case", "Remove one of the two.")
    _check_cycles(made, entry)
    return made


def _check_cycles(made: Location, entry: _Reader) -> None:
    has_time = _TIME_CODE.search(made.url) is not None
    if made.every and duration(made.every) is None:
        entry.fail("every", f"is {made.every!r}, which is no duration", "Write it as 30m, 6h or 1d.")
    if has_time != bool(made.every):
        problem = "has a time in it, and there is no `every`" if has_time else "has no time for `every` in it"
        entry.fail("url", problem, "Cycles by time need both: %Y%m%d{hour} in the URL, and every: 6h.")
    if has_time and (made.instruments or "{cycle}" in made.url):
        entry.fail("every", "is for the cycles of an experiment", "Leave it out, or instruments and {cycle}.")
    host = made.url.partition("://")[2].partition("/")[0] if "://" in made.url else ""
    if made.url.count("{cycle}") > 1 or "{cycle}" in host:
        entry.fail("url", "has {cycle} twice, or outside of a path", "Write it once, in the path.")


def _url(entry: _Reader, key: str, allowed: set[str]) -> str:
    url = entry.text(key)
    if _PASSWORD.search(url):
        entry.fail(key, "holds a password", _NO_SECRETS)
    for name in _PLACEHOLDER.findall(url):
        if name not in allowed:
            known = ", ".join(f"{{{each}}}" for each in sorted(allowed))
            entry.fail(key, f"has the unknown placeholder {{{name}}}", f"Known are {known}.")
    if url and not _SCHEME.match(url) and not url.startswith(("/", "~")):
        entry.fail(key, "is neither a URL nor an absolute path", "Begin a folder with /.")
    return url


def _check_references(place: str, location: Location, every: Definitions) -> None:
    for name in location.file_types:
        found = every.file_type(name)
        if found is None:
            raise UsageError(f"{place}: file_types has the unknown {name!r}.", "Define it under file_types.")
        by_prefix = location.instruments and "{instrument}" not in location.url
        if by_prefix and "prefix" not in found.regex.groupindex:
            raise UsageError(
                f"{place}: the file type {name!r} has no group `prefix`, which tells the instruments apart.",
                "Add the group to its pattern, or {instrument} to the URL.",
            )
    if location.experiment and every.experiment(location.experiment) is None:
        raise UsageError(
            f"{place}: experiment {location.experiment!r} is unknown.", "Define it under experiments."
        )
