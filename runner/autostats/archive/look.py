"""One look at the archive: a listing, added up into the observations of its instruments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import and_, func, select

from autostats.archive.definitions import FileType
from autostats.archive.last_run import FILE_NAME as LAST_RUN
from autostats.archive.last_run import last_runs
from autostats.archive.storage import File, Storage, scheme_of, storage_of
from autostats.archive.tally import Known, Newest, Range, Tally
from autostats.archive.targets import Target
from autostats.observations.store import BrokenOff, Collection, Store
from autostats.observations.tables import collections, file_counts, file_runs, files

COLLECTOR = "archive"
_TABLES = (file_counts, file_runs, files)
_MOST_FILES = 100_000
_LONGEST_PATH = 1000
# Beyond, a file's time is nonsense, and databases and Python may not know it.
_YEAR_2100 = 4_102_444_800
Row = dict[str, Any]
# By file type and cycle.
Key = tuple[str, str]
# Files, and what the group `run` found in the name of each.
Matched = tuple[Sequence[File], Sequence[str]]


@dataclass(frozen=True)
class Seen:
    """What came of a target: rows of `obs_file_counts` with `is_settled`, or why there are none."""

    target: Target
    rows: list[Row]
    error: str = ""


@dataclass(frozen=True)
class Look:
    """How targets are looked at; `told` hears how many files a page had. The clock is UTC, without a zone."""

    store: Store
    keep: timedelta
    clock: Callable[[], datetime]
    stop: Event
    accepts_loss: bool = False
    told: Callable[[int], None] = lambda files: None

    def at(self, target: Target, storage: Storage) -> Seen:
        """List a target's files, and append what they add up to. Raises what `Store.collecting` raises."""
        try:
            with ExitStack() as stack:
                units = []
                for name in target.instruments:
                    look = self.store.collecting(COLLECTOR, self.clock, _TABLES, self.keep)
                    collection = stack.enter_context(look)
                    units.append(_Unit(target, name, collection, self._before(target, name), self.keep))
                last = self._list(target, storage, units)
                return Seen(target, [row for unit in units for row in unit.append(last, self.accepts_loss)])
        except BrokenOff as error:
            return Seen(target, [], str(error))

    def _list(self, target: Target, storage: Storage, units: "list[_Unit]") -> dict[str, int]:
        """Add up all files; return the last run by instrument, for all of them if that has no name."""
        by_prefix = {unit.instrument.casefold(): unit for unit in units}
        any_of_them = units[0].instrument.casefold() if target.any_prefix else ""
        named = target.location.last_run
        last: dict[str, int] = {}

        def read(path: str, text: str, *, is_of_all: bool) -> None:
            for name, run in last_runs(path, text).items():
                key = "" if is_of_all and path.lower().endswith(".txt") else name
                last[key] = max(run, last.get(key, run))

        for url in target.last_run_places():
            same = scheme_of(url) == scheme_of(target.url)
            other = storage if same else storage_of(url, {})
            is_of_all = "{instrument}" in named if named else target.any_prefix
            read(url, other.read(other.place(url)), is_of_all=is_of_all)
        for found_cycle, url in target.roots(storage):
            cycle = storable(found_cycle)
            tallies = {
                kind.name: {prefix: unit.tally(kind.name, cycle) for prefix, unit in by_prefix.items()}
                for kind in target.file_types
            }
            for folder, page in storage.pages(storage.place(url)):
                if self.stop.is_set():
                    raise BrokenOff("interrupted")
                self.told(len(page))
                for kind in target.file_types:
                    for prefix, found in _matching(kind, page, any_prefix=target.any_prefix).items():
                        tally = tallies[kind.name].get(prefix or any_of_them)
                        if tally is not None:
                            tally.add(folder, *found)
                for path, _, _ in page if not named else ():
                    if path[-len(LAST_RUN) :].lower() == LAST_RUN:
                        text = storage.read(storage.place(folder + path))
                        read(path, text, is_of_all=target.any_prefix)
        return last

    def _before(self, target: Target, instrument: str) -> "dict[Key, Known]":
        """Return the runs that the last complete look of each key found settled."""
        counts, runs = file_counts.c, file_runs.c
        newest = (
            select(counts.file_type, counts.cycle, func.max(counts.collection_id).label("look"))
            .join(collections, collections.c.collection_id == counts.collection_id)
            .where(counts.location == target.location.name, counts.instrument == instrument)
            .where(collections.c.state == "complete")
            .group_by(counts.file_type, counts.cycle)
        )
        if target.cycle is not None:
            newest = newest.where(counts.cycle == target.cycle)
        key = newest.subquery().c
        of_key = and_(
            runs.collection_id == key.look,
            runs.location == target.location.name,
            runs.instrument == instrument,
            runs.file_type == key.file_type,
            runs.cycle == key.cycle,
            runs.is_settled == 1,
        )
        asked = (
            select(key.file_type, key.cycle, runs.first_run_number, runs.last_run_number)
            .outerjoin(file_runs, of_key)
            .order_by(runs.first_run_number)
        )
        found: dict[Key, list[Range]] = {}
        for kind, cycle, first, last in self.store.rows(asked):
            found.setdefault((kind, cycle), []).extend([(first, last)] if first is not None else [])
        return {each: Known(ranges) for each, ranges in found.items()}


class _Unit:
    """What one instrument's look, or that of a location without instruments, adds up."""

    def __init__(
        self,
        target: Target,
        instrument: str,
        collection: Collection,
        before: Mapping[Key, Known],
        keep: timedelta,
    ) -> None:
        self.instrument = instrument
        self._location = target.location
        self._types = {kind.name for kind in target.file_types}
        self._collection, self._before = collection, before
        started = collection.started_at.replace(tzinfo=UTC).timestamp()
        self._settled_until = started - self._location.settle_seconds
        self._since = started - keep.total_seconds()
        self._found = Newest(_MOST_FILES) if instrument else None
        self._tallies: dict[Key, Tally] = {}

    def tally(self, kind: str, cycle: str) -> Tally:
        """Return what the files of a file type and a cycle are added to."""
        known = self._before.get((kind, cycle))
        made = Tally(
            (kind, cycle),
            self._settled_until,
            known or Known(),
            self._since if known is None else float("-inf"),
            self._found,
        )
        self._tallies[kind, cycle] = made
        return made

    def append(self, last: Mapping[str, int], accepts_loss: bool) -> list[Row]:
        """Append it all to the observations; return the counts."""
        for kind, cycle in self._before:
            # A cycle that is gone has no files, which has to be said.
            if kind in self._types and (kind, cycle) not in self._tallies:
                self.tally(kind, cycle)
        last_run = last.get("", last.get(self.instrument.casefold()))
        counts = [
            {
                **self._place(kind, cycle),
                "experiment": self._location.experiment,
                "count": tally.count,
                "bytes": tally.bytes,
                "newest_modified_at": None if tally.newest is None else _moment(tally.newest),
                "expected": self._location.expected_in(cycle),
                "settle_seconds": self._location.settle_seconds,
                "last_run_number": last_run,
                "accepts_loss": int(accepts_loss),
            }
            for (kind, cycle), tally in sorted(self._tallies.items())
        ]
        self._collection.append(file_counts, counts)
        self._collection.append(file_runs, self._ranges())
        self._collection.append(files, self._files())
        return [
            {**row, "is_settled": self._tallies[row["file_type"], row["cycle"]].is_settled} for row in counts
        ]

    def _place(self, kind: str, cycle: str) -> Row:
        return {
            "location": self._location.name,
            "file_type": kind,
            "instrument": self.instrument,
            "cycle": cycle,
        }

    def _ranges(self) -> Iterator[Row]:
        for (kind, cycle), tally in self._tallies.items():
            for first, last, is_settled in tally.ranges():
                runs = {"first_run_number": first, "last_run_number": last, "is_settled": int(is_settled)}
                yield self._place(kind, cycle) | runs

    def _files(self) -> Iterator[Row]:
        for path, run, size, modified, kind, cycle in self._found.files() if self._found else ():
            yield self._place(kind, cycle) | {
                "run_number": run,
                "path": storable(path)[:_LONGEST_PATH],
                "bytes": size,
                "modified_at": _moment(modified),
            }


def _matching(kind: FileType, page: Sequence[File], *, any_prefix: bool) -> dict[str, Matched]:
    """Return the files of a page that are of a file type, by prefix in lower case; empty for any."""
    groups, files = _groups(kind, page)
    places = kind.regex.groupindex
    at, prefix_at = places["run"] - 1, places.get("prefix", places["run"]) - 1
    prefixes = {"": ""} if any_prefix else {each[prefix_at]: "" for each in groups}
    if len(prefixes) == 1:
        return {next(iter(prefixes)).casefold(): (files, [each[at] for each in groups])}
    by_prefix: dict[str, tuple[list[File], list[str]]] = {}
    for each, file in zip(groups, files, strict=True):
        of_prefix, texts = by_prefix.setdefault(each[prefix_at].casefold(), ([], []))
        of_prefix.append(file)
        texts.append(each[at])
    return dict(by_prefix)


def _groups(kind: FileType, page: Sequence[File]) -> tuple[Sequence[Sequence[str]], Sequence[File]]:
    """Return what the groups of the pattern find in the names of a page, and in which of its files."""
    names = [path for path, _, _ in page]
    text = "\n".join(names)
    if "/" in text:
        names = [name[name.rfind("/") + 1 :] for name in names]
        text = "\n".join(names)
    if kind.of_lines is not None:
        # Searching each name takes almost twice as long.
        found = kind.of_lines.findall(text)
        if len(found) == len(names) == text.count("\n") + 1:
            return found, page
    search = kind.regex.search
    matched = [(match, file) for match, file in zip(map(search, names), page, strict=True) if match]
    return [match.groups("") for match, _ in matched], [file for _, file in matched]


def storable(name: str) -> str:
    """Return a name as text that every database takes, whatever bytes it is made of."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), _YEAR_2100), UTC).replace(tzinfo=None)
