"""What looks at the archive have found, in the tables of statistics that no dbt has built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from typing import Any

from autostats.verification.recount import Row, missing_row
from autostats.verification.settings import Settings

LOOKED = datetime(2020, 2, 12, 22)


@dataclass(frozen=True)
class Look:
    """The newest complete look at one instrument or experiment and cycle of a location, all times UTC.

    `runs` and `settling` are ranges of run numbers, both ends included; `files` is their number unless said
    otherwise. One that `looks_unmounted` leaves the runs of the look before, an hour earlier, in force.
    """

    instrument: str = ""
    runs: Sequence[tuple[int, int]] = ()
    settling: Sequence[tuple[int, int]] = ()
    location: str = "raw"
    file_type: str = "nexus"
    experiment: str = ""
    cycle: str = ""
    files: int | None = None
    size: int = 1_000_000
    expected: int | None = None
    announced: int | None = None
    newest: datetime = LOOKED - timedelta(hours=2)
    started_at: datetime = LOOKED
    looks_unmounted: bool = False

    @property
    def key(self) -> str:
        """Its key in the statistics."""
        parts = (self.location, self.file_type, self.instrument, self.cycle)
        text = "".join(f"{len(part)} {part}" for part in parts)
        return md5(text.encode(), usedforsecurity=False).hexdigest()

    @property
    def last_run(self) -> int | None:
        """The last run number that has a file or was announced."""
        return max((*(last for _, last in (*self.runs, *self.settling)), self.announced or 0)) or None


@dataclass(frozen=True)
class Archive:
    """All looks, and the kinds of the missing runs that follow from them.

    Those that the jobs do not tell of were noticed when the archive was looked at.
    """

    looks: Sequence[Look] = ()
    kinds: Mapping[tuple[str, int], str] = field(default_factory=dict)
    settling: frozenset[tuple[str, int]] = frozenset()

    def counts(self, settings: Settings) -> list[Row]:
        """Return the rows of fct_file_counts."""
        return [
            row | {"looked_day": settings.local_day(row["ended_at"])}
            for row in (_count(place, look) for place, look in enumerate(self.looks, start=1))
        ]

    def runs(self) -> list[Row]:
        """Return the rows of int_file_runs."""
        return [row for place, look in enumerate(self.looks, start=1) for row in _runs(place, look)]

    def last_run(self, instrument: str) -> int | None:
        """Return the archive's last run of an instrument."""
        found = [look.last_run or 0 for look in self.looks if look.instrument == instrument]
        return max(found, default=0) or None

    def judged(self, missing: Sequence[Row], settings: Settings) -> list[Row]:
        """Return the missing runs that jobs tell of, with their kinds, and those that only files tell of."""
        known = {(row["instrument"], row["run_number"]) for row in missing}
        return [
            *(self._judged(row, is_between=True) for row in missing),
            *(
                self._judged(missing_row(*run, LOOKED, settings, "open", None, []), is_between=False)
                for run in self.kinds
                if run not in known
            ),
        ]

    def _judged(self, row: Row, *, is_between: bool) -> Row:
        run = row["instrument"], row["run_number"]
        kind = self.kinds.get(run, row["kind"])
        state = "settling" if run in self.settling else row["state"]
        counted = ("gap", "archive_only", *(["announced_only"] if is_between else []))
        is_counted = state == "open" and kind in counted
        return {**row, "kind": kind, "state": state, "is_counted": is_counted}


NEVER_LOOKED = Archive()


def _key(place: int, look: Look) -> dict[str, Any]:
    return {
        "file_count_key": look.key,
        "location": look.location,
        "instrument": look.instrument,
        "started_at": look.started_at,
        "ended_at": look.started_at + timedelta(seconds=30),
        "collection_id": 2 * place,
    }


def _count(place: int, look: Look) -> Row:
    ranges = [*look.runs, *look.settling]
    files = sum(last - first + 1 for first, last in ranges) if look.files is None else look.files
    return {
        **_key(place, look),
        "file_type": look.file_type,
        "experiment": look.experiment,
        "cycle": look.cycle,
        "state": "empty" if not files else "settling" if look.settling else "settled",
        "files": files,
        "bytes": files * look.size,
        "expected": look.expected,
        "shortfall": None if look.expected is None else max(0, look.expected - files),
        "looks_unmounted": look.looks_unmounted,
        "newest_modified_at": look.newest if files else None,
    }


def _runs(place: int, look: Look) -> list[Row]:
    shared = {**_key(place, look), "announced_run_number": look.announced, "settle_seconds": 1800}
    if look.looks_unmounted:
        for name in ("started_at", "ended_at"):
            shared[name] -= timedelta(hours=1)
        shared["collection_id"] -= 1
    ranges = [
        {**shared, "first_run_number": first, "last_run_number": last, "is_settled": is_settled}
        for those, is_settled in ((look.runs, True), (look.settling, False))
        for first, last in those
    ]
    return ranges or [shared]
