"""An archive, jobs, looks and announcements, second by second; and what may be said of each run.

Nothing here is a range: files and runs are sets of numbers, and a look is what stood in the archive at one
instant.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from autostats.observations.tables import collections, file_counts, file_runs, messages
from sqlalchemy import MetaData
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from support.dbt_project import Row, statistics
from support.observations import sqlite

# A location, an instrument and a cycle; of one file type.
Place = tuple[str, str, str]
KEPT = timedelta(days=90)
GRACE = timedelta(seconds=3600)


@dataclass(frozen=True)
class Look:
    """What one look found: of each place that it covered, the runs with a file and when that was modified."""

    number: int
    started: datetime
    ended: datetime
    state: str
    found: Mapping[Place, Mapping[int, datetime]]
    announced: int | None = None
    accepts_loss: bool = False

    def settled(self, place: Place, settle: timedelta) -> set[int]:
        return {run for run, at in self.found[place].items() if at <= self.started - settle}


@dataclass
class ArchiveWorld:
    """The archive as it is now, the jobs that are known, the looks so far, and what an observer concludes."""

    settle: timedelta
    max_gap: int
    files: dict[Place, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    # Of each instrument and run, when its first job was created.
    jobs: dict[str, dict[int, datetime]] = field(default_factory=lambda: defaultdict(dict))
    looks: list[Look] = field(default_factory=list)
    # What the message bus has said: instrument, run and moment.
    announced: list[tuple[str, int, datetime]] = field(default_factory=list)
    # The newest look at each place that counts, and the newest of all.
    trusted: dict[Place, Look] = field(default_factory=dict)
    newest: dict[Place, Look] = field(default_factory=dict)
    seen: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    # When a run was first found that no later job reveals.
    first_found: dict[tuple[str, int, str], datetime] = field(default_factory=dict)

    def night(self, now: datetime) -> None:
        """Take notice of what the looks that have ended by now found."""
        ended = [look for look in self.looks if look.state == "complete" and look.ended <= now]
        new: dict[Place, Look] = {}
        for look in ended:
            for place, found in look.found.items():
                self.seen[place[1]] |= found.keys()
                known = self.newest.get(place)
                if known is None or look.number > known.number:
                    self.newest[place] = look
                trusted = self.trusted.get(place)
                if trusted is None or look.number > trusted.number:
                    new[place] = max(look, new.get(place, look), key=lambda each: each.number)
        judged = {look.number: self._is_trusted(look, new) for look in new.values()}
        self.trusted |= {place: look for place, look in new.items() if judged[look.number]}

    def unmounted(self, now: datetime) -> set[Place]:
        """Return the places whose newest look was not trusted, if that was not long ago."""
        return {
            place
            for place, look in self.newest.items()
            if place in self.trusted and self.trusted[place].number < look.number and now - KEPT < look.ended
        }

    def _is_trusted(self, look: Look, new: Mapping[Place, Look]) -> bool:
        of_look = [place for place, newest in new.items() if newest is look]
        location, instrument = of_look[0][:2]
        known = [
            (place, run)
            for place, before in self.trusted.items()
            if place[:2] == (location, instrument)
            for run in before.found[place]
        ]
        gone = [(place, run) for place, run in known if place in of_look and run not in look.found[place]]
        return look.accepts_loss or len(gone) * 100 <= len(known)

    def conclusions(self, now: datetime) -> dict[tuple[str, int, str], tuple[str, datetime]]:
        """Return the state of each run by kind, and when it was noticed. `night` comes first."""
        rows: dict[tuple[str, int, str], tuple[str, datetime]] = {}
        for instrument, arrived in self.jobs.items():
            rows |= {(instrument, *at): value for at, value in self._of_instrument(instrument, arrived, now)}
        found = {at: rows[at] for at in rows if at[2] in ("tail", "db_only")}
        self.first_found = {at: self.first_found.get(at, noticed) for at, (_, noticed) in found.items()}
        return rows | {at: (rows[at][0], self.first_found[at]) for at in found}

    def _of_instrument(
        self, instrument: str, arrived: Mapping[int, datetime], now: datetime
    ) -> Iterable[tuple[tuple[int, str], tuple[str, datetime]]]:
        looks = {
            place: look
            for place, look in self.trusted.items()
            if place[1] == instrument and now - KEPT < look.ended
        }
        whole = {run for place, look in looks.items() for run in look.settled(place, self.settle)}
        there = {run for place, look in looks.items() for run in look.found[place]}
        oldest = min((look.started for look in looks.values()), default=None)
        newest = max((look.ended for look in looks.values()), default=None)
        seen = self.seen[instrument]
        known = sorted(arrived)
        promised = {
            run: at + GRACE
            for run, at in self._first_announced(instrument).items()
            if at + GRACE <= now and run not in arrived and run not in there
        }
        for before, after in pairwise(known):
            noticed = arrived[after]
            is_jump = after - before - 1 > self.max_gap
            for run in range(before + 1, after):
                if run in whole:
                    yield (run, "archive_only"), ("open", noticed)
                elif run in there:
                    yield (run, "gap"), ("settling", noticed)
                elif run in promised:
                    yield (run, "announced_only"), ("open", noticed)
                elif is_jump:
                    continue
                elif (
                    oldest is not None
                    and seen
                    and run > min(seen)
                    and run not in seen
                    and noticed + self.settle < oldest
                ):
                    yield (run, "never_written"), ("open", noticed)
                else:
                    yield (run, "gap"), ("open", noticed)
            if not is_jump and arrived[before].date() > noticed.date():
                yield (before, "gap"), ("arrived", noticed)
        for run, noticed in promised.items():
            if not known or not known[0] < run < known[-1]:
                yield (run, "announced_only"), ("open", noticed)
        if not known or oldest is None or newest is None:
            return
        for run in there:
            if run > known[-1]:
                yield (run, "tail"), ("open" if run in whole else "settling", newest)
        announced = max((look.announced or 0 for look in looks.values()), default=0)
        if announced - known[-1] <= self.max_gap:
            for run in range(known[-1] + 1, announced + 1):
                if run not in there and run not in promised:
                    yield (run, "tail"), ("open" if newest + self.settle <= now else "settling", newest)
        for run in known:
            if seen and run >= min(seen) and run not in there and arrived[run] < oldest:
                yield (run, "db_only"), ("open", newest)

    def _first_announced(self, instrument: str) -> dict[int, datetime]:
        first: dict[int, datetime] = {}
        for name, run, at in self.announced:
            if name == instrument:
                first[run] = min(at, first.get(run, at))
        return first

    # The statistics of dbt about it.

    def look_statements(self, looks: Sequence[Look], place: str = "") -> Iterable[str]:
        """Yield the SQL that appends looks to tables of observations, which `place` stands before."""
        for look in looks:
            ended = f"'{look.ended}'" if look.state == "complete" else "null"
            yield (
                f"insert into {place}obs_collections values ({look.number}, 'archive', '{look.started}',"
                f" {ended}, '{look.state}', null, 1)"
            )
            for (location, instrument, cycle), found in look.found.items():
                names = f"'{location}', 'nexus', '{instrument.replace(chr(39), chr(39) * 2)}'"
                newest = f"'{max(found.values())}'" if found else "null"
                yield (
                    f"insert into {place}obs_file_counts values ({names}, '', '{cycle}', {len(found)}, 0,"
                    f" {newest}, null, {self.settle.total_seconds():.0f}, {json.dumps(look.announced)},"
                    f" {look.accepts_loss:d}, {look.number})"
                )
                settled = look.settled((location, instrument, cycle), self.settle)
                for first, last, is_settled in _ranges(sorted(found), settled):
                    yield (
                        f"insert into {place}obs_file_runs values ({names}, '{cycle}', {first}, {last},"
                        f" {is_settled:d}, {look.number})"
                    )

    def write_looks(self, home: Path, looks: Sequence[Look]) -> None:
        """Append looks to the observations of a home."""
        statements = ["begin", *table_statements(sqlite_dialect()), *self.look_statements(looks), "commit"]
        sqlite(home / "observations.sqlite", *statements)

    def announcement_statements(self, since: int, place: str = "") -> Iterable[str]:
        """Yield the SQL that appends what was announced, from the one with number `since` on."""
        look, new = 1_000_000 + since, self.announced[since:]
        for number, (name, run, at) in enumerate(new, start=since):
            quoted = name.replace("'", "''")
            yield (
                f"insert into {place}obs_messages values ('{number}', 'ready', '{quoted}', {run},"
                f" null, null, '{at}', {look})"
            )
        if new:
            ended = max(at for _, _, at in new)
            yield (
                f"insert into {place}obs_collections values ({look}, 'listen', '{ended}', '{ended}',"
                f" 'complete', null, {len(new)})"
            )

    def write_announcements(self, home: Path, since: int) -> None:
        """Append what was announced to the observations of a home, from the one with number `since` on."""
        statements = [*table_statements(sqlite_dialect()), *self.announcement_statements(since)]
        sqlite(home / "observations.sqlite", "begin", *statements, "commit")

    def known_runs(self) -> list[tuple[str, int, int | None, bool, datetime, datetime | None]]:
        """Return columns of int_known_runs: name, number and next one, is_out_of_sequence, arrivals."""
        rows = []
        for instrument, arrived in self.jobs.items():
            known = sorted(arrived)
            for run, following in zip(known, [*known[1:], None], strict=True):
                noticed = arrived[following] if following is not None else None
                is_odd = following is not None and (
                    following > run + 1 or arrived[run].date() > arrived[following].date()
                )
                rows.append((instrument, run, following, is_odd, arrived[run], noticed))
        return rows

    def write_jobs(self, home: Path) -> None:
        """Put the known runs into statistics that dbt has built."""
        rows = self.known_runs()
        with statistics(home) as connection:
            connection.execute("delete from int_known_runs")
            if rows:
                connection.executemany(
                    "insert into int_known_runs (instrument, run_number, next_run_number, load_number,"
                    " is_out_of_sequence, arrived_at, next_arrived_at, arrived_day, next_arrived_day)"
                    " select $1, $2, $3, 1, $4, $5, $6, cast($5 as date), cast($6 as date)",
                    rows,
                )


def table_statements(dialect: Dialect, schema: str | None = None) -> list[str]:
    """Return the SQL that makes the tables of looks and messages, where they are missing."""
    metadata = MetaData(schema)
    return [
        str(CreateTable(table.to_metadata(metadata), if_not_exists=True).compile(dialect=dialect))
        for table in (collections, file_counts, file_runs, messages)
    ]


def _ranges(runs: Sequence[int], settled: set[int]) -> Iterable[tuple[int, int, bool]]:
    start = 0
    for place in range(1, len(runs) + 1):
        is_end = place == len(runs) or runs[place] != runs[place - 1] + 1
        if is_end or (runs[place] in settled) != (runs[place - 1] in settled):
            yield runs[start], runs[place - 1], runs[start] in settled
            start = place


def rows_of(found: Sequence[Row]) -> dict[tuple[str, int, str], tuple[str, datetime]]:
    """Return rows of fct_missing_runs as `conclusions` has them."""
    return {
        (row["instrument"], row["run_number"], row["kind"]): (row["state"], row["noticed_at"])
        for row in found
    }
