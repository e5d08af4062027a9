"""Telling each destination what it does not know yet, and remembering that it now does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from autostats.catalogue import Catalogue
from autostats.dbt_setup.setup import Setup
from autostats.digest.beside import last_day
from autostats.digest.memory import Memory, Stream, memory_path, read_memory
from autostats.digest.news import (
    CurrentState,
    KnownState,
    News,
    all_known,
    changes,
    horizon,
    known_before,
    read_current_state,
    under_new_names,
)
from autostats.period import Period, parse_day
from autostats.queries.availability import polled_instruments
from autostats.queries.days import recorded_days
from autostats.queries.instruments import among, known_instruments
from autostats.queries.renames import renamed_since
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.render.section import Section
from autostats.warehouse import Note, connect

if TYPE_CHECKING:
    from autostats.digest.destinations import Destination


@dataclass(frozen=True)
class Digest:
    """The current state of some instruments (None: all) in some statistics, and what has been told of it.

    `since` is the day from which to tell everything, whether told before or not.
    """

    catalogue: Catalogue
    current: CurrentState
    instruments: tuple[str, ...] | None
    statistics: str
    since: date | None
    memory: Memory
    # The last whole day.
    day: Section | None = None
    # The first and the last day that the statistics hold of these instruments.
    recorded: tuple[date, date] | None = None

    def stream(self, destination: str) -> Stream:
        """Return the stream for a destination's key."""
        return Stream(destination, self.instruments, self.statistics)

    def last_stream(self) -> Stream:
        """Return the stream of these instruments that was told last."""
        streams = [stream for stream in self.memory if stream == self.stream(stream.destination)]
        return max(streams, key=lambda stream: self.memory[stream].told_at, default=self.stream(""))

    def told(self, stream: Stream) -> KnownState:
        """Return what counts as told; for a new destination, everything before the last day."""
        if self.since is None and stream in self.memory:
            return self.memory[stream]
        return known_before(self.current, self.since or self.current.day - timedelta(days=1))

    def news(self, stream: Stream) -> News:
        """Return what the stream has not told yet."""
        return changes(self.current, self.told(stream))


def read_digest(setup: Setup, note: Note, wanted: Sequence[str], since: str | None) -> Digest:
    """Read memory and statistics, and close the latter before anything is sent: a run may need them.

    Raises UsageError, LockedError or UnreachableError when either cannot be read.
    """
    memory = read_memory(memory_path(setup.home))
    with connect(setup, note) as warehouse:
        settings = read_settings(warehouse)
        memory = {
            stream: under_new_names(told, renamed_since(warehouse, told.as_of))
            for stream, told in memory.items()
        }
        known = {*known_instruments(warehouse), *polled_instruments(warehouse)} if wanted else {}
        chosen = among(sorted(known), wanted)
        day = parse_day(since, settings.clock.today, "--since") if since else None
        first = min(filter(None, [horizon(settings), day, *(told.since for told in memory.values())]))
        scope = Scope(warehouse, settings, Period(first, date.max), chosen)
        return Digest(
            catalogue=warehouse.catalogue,
            current=read_current_state(scope),
            instruments=tuple(sorted(chosen)) if chosen is not None else None,
            statistics="" if isinstance(warehouse.place, Path) else warehouse.place,
            since=day,
            memory=memory,
            day=last_day(scope),
            recorded=recorded_days(scope),
        )


def tell(
    digest: Digest,
    destinations: "Sequence[Destination]",
    send: "Callable[[Destination, News], str | None]",
    save: Callable[[Memory], None],
) -> "list[tuple[Destination, str]]":
    """Send each destination its news, saving the memory after each; return which refused them, and why.

    `send` returns None if they were accepted. A destination that did not accept its first digest is told
    about that time in the next.
    """
    memory = dict(digest.memory)
    failures = []
    for destination in destinations:
        stream = digest.stream(destination.key)
        news = digest.news(stream)
        reason = send(destination, news) if news else None
        if reason is None:
            memory[stream] = all_known(digest.current, digest.told(stream))
        else:
            failures.append((destination, reason))
            memory.setdefault(stream, digest.told(stream))
        save(memory)
    return failures
