"""What each destination has been told: a small file in the home, read whole and written whole."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from autostats.digest.archive import KnownArchive, Run
from autostats.digest.news import KnownState, RunEvent
from autostats.digest.outages import NONE_KNOWN, KnownOutages
from autostats.errors import LockedError, UsageError
from autostats.files import replace_file
from autostats.home import Home
from autostats.render.counting import ranges

VERSION = 1


@dataclass(frozen=True)
class Stream:
    """The digests of some instruments (None: all) for one destination; each has its own memory.

    `destination` is a destination's key; `statistics` names the server that they are read from, and is empty
    for the home's own file.
    """

    destination: str
    instruments: tuple[str, ...] | None
    statistics: str


Memory = Mapping[Stream, KnownState]


def memory_path(home: Home) -> Path:
    """Return the path of the memory."""
    return home.root / "digest.json"


@contextmanager
def hold_memory(home: Home, wait: float) -> Iterator[None]:
    """Keep other digests from telling the same news; wait up to `wait` seconds for one to end.

    Raises LockedError if it does not end in time.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(home.root / "digest.lock", timeout=wait)
    try:
        lock.acquire(poll_interval=0.1)
    except Timeout:
        raise LockedError(
            f"Another digest is being sent from {home.root}.",
            "It sends the same news, so this one is not needed.",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _runs(runs: Iterable[Run]) -> dict[str, list[tuple[int, int]]]:
    return {
        instrument: ranges(number for _, number in group)
        for instrument, group in groupby(sorted(runs), key=lambda known: known[0])
    }


def _moments(moments: Iterable[RunEvent]) -> dict[str, list[list[Any]]]:
    return {
        instrument: [[number, moment.isoformat()] for _, number, moment in group]
        for instrument, group in groupby(sorted(moments), key=lambda known: known[0])
    }


def _outages(known: KnownOutages) -> dict[str, Any]:
    """Return the outages that were told; nothing where nobody polls."""
    if known.ended is None:
        return {}
    ended = sorted([name, began.isoformat(), end.isoformat()] for name, began, end in known.ended)
    return {
        "outages": {
            "down": sorted([name, began.isoformat()] for name, began in known.down),
            "ended": ended,
        }
    }


def _as_json(stream: Stream, told: KnownState) -> dict[str, Any]:
    return {
        "destination": stream.destination,
        "instruments": stream.instruments,
        "statistics": stream.statistics,
        "told_at": told.told_at.isoformat(),
        "as_of": told.as_of.isoformat(),
        "since": told.since.isoformat(),
        "late": told.late.isoformat() if told.late else None,
        "failing": _moments(told.failing),
        "resolved": _moments(told.resolved),
        "missing": _runs(told.missing),
        "stale": sorted(told.stale),
        "archive_only": _runs(told.archive.archive_only),
        "behind": sorted(told.archive.behind),
        "attention": sorted(told.attention),
        **_outages(told.outages),
    }


def _read_runs(content: Mapping[str, Any]) -> frozenset[Run]:
    return frozenset(
        (instrument, number)
        for instrument, known in content.items()
        for first, last in known
        for number in range(int(first), int(last) + 1)
    )


def _read_moments(content: Mapping[str, Any]) -> frozenset[RunEvent]:
    return frozenset(
        (instrument, int(number), datetime.fromisoformat(moment))
        for instrument, known in content.items()
        for number, moment in known
    )


def _read_outages(content: Mapping[str, Any]) -> KnownOutages:
    if "outages" not in content:
        return NONE_KNOWN
    known, moment = content["outages"], datetime.fromisoformat
    return KnownOutages(
        down=frozenset((str(name), moment(began)) for name, began in known["down"]),
        ended=frozenset((str(name), moment(began), moment(end)) for name, began, end in known["ended"]),
    )


def _stream(content: Mapping[str, Any]) -> Stream:
    instruments = content["instruments"]
    return Stream(
        destination=str(content["destination"]),
        instruments=None if instruments is None else tuple(map(str, instruments)),
        statistics=str(content["statistics"]),
    )


def _told(content: Mapping[str, Any]) -> KnownState:
    return KnownState(
        told_at=datetime.fromisoformat(content["told_at"]),
        as_of=datetime.fromisoformat(content["as_of"]),
        since=date.fromisoformat(content["since"]),
        late=datetime.fromisoformat(content["late"]) if content["late"] is not None else None,
        failing=_read_moments(content["failing"]),
        resolved=_read_moments(content["resolved"]),
        missing=_read_runs(content["missing"]),
        # Files from before tables were monitored, files counted and attention told lack these.
        stale=frozenset((dbobject, table, column) for dbobject, table, column in content.get("stale", ())),
        archive=KnownArchive(
            archive_only=_read_runs(content.get("archive_only", {})),
            behind=frozenset(map(str, content.get("behind", ()))),
        ),
        outages=_read_outages(content),
        attention=frozenset((subject, of) for subject, of in content.get("attention", ())),
    )


def read_memory(path: Path) -> dict[Stream, KnownState]:
    """Return what each stream has told; empty if there has never been a digest.

    Raises UsageError when the file is something else, and leaves it as it is.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = int(content["version"])
        if version <= VERSION:
            return {_stream(stream): _told(stream) for stream in content["streams"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is damaged"
        raise UsageError(
            f"The record of what has been sent, {path}, cannot be read: {reason}.",
            "Restore it from a backup, or move it away: the next digest then starts with the last day.",
        ) from error
    from autostats.installation import upgrade_advice

    raise UsageError(
        f"The record of what has been sent, {path}, was written by a newer autostats (version {version}).",
        upgrade_advice(),
    )


def write_memory(path: Path, memory: Memory) -> None:
    """Write the memory: after a crash, the file holds either this one or the previous one.

    Raises UsageError when it cannot be written.
    """
    content = {"version": VERSION, "streams": [_as_json(stream, told) for stream, told in memory.items()]}
    try:
        replace_file(path, (json.dumps(content) + "\n").encode())
    except OSError as error:
        raise UsageError(
            f"The record of what has been sent, {path}, cannot be written: {error.strerror or error}.",
            "Fix its disk or its permissions; until then, the same news is sent again.",
        ) from error
