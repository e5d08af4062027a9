"""What is news: the current state of the statistics, compared with what has been told."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from autostats.digest.archive import (
    NOTHING_ARCHIVED,
    NOTHING_TOLD,
    Archived,
    KnownArchive,
    Run,
    caught_up,
    known_archive,
    newly_behind,
    read_archived,
)
from autostats.digest.outages import NONE_KNOWN, KnownOutages, changed_outages, known_outages, read_outages
from autostats.queries.attention import attention_rows
from autostats.queries.missing import LACKING
from autostats.queries.rows import Row
from autostats.queries.runs import named_runs, resolved_rows
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings
from autostats.queries.table_freshness import tables_now
from autostats.render.counting import ranges

RunEvent = tuple[str, int, datetime]
# A monitored table: connection, table, column.
MonitoredTable = tuple[str, str, str]
# What needs attention: its subject and its instrument or, without one, what is the matter.
Matter = tuple[str, str]

# What happened this long before a digest but shows only after it is history, not news.
_REACH = timedelta(days=31)

_FAILING = """
select instrument, run_number, failed_day, failed_since, last_failed_at, attempts, last_job_id,
    last_started_by
from fct_unresolved_runs
where failed_day >= ? and {chosen}
order by instrument collate noaccent.nocase, instrument, failed_since, run_number
"""
_MISSING = """
select instrument, run_number, kind, state, noticed_day, arrived_at
from fct_missing_runs
where kind in (select unnest(?)) and {chosen}
order by instrument collate noaccent.nocase, instrument, run_number
"""


@dataclass(frozen=True)
class CurrentState:
    """The current statistics: their runs, and whether they are older than they should be.

    `outages` are those of instruments; None if nobody polls them.
    """

    settings: Settings
    is_late: bool
    failing: Sequence[Row]
    resolved: Sequence[Row]
    # For each missing run, the local day on which that was noticed.
    missing: Mapping[Run, date]
    ignored: Collection[Run]
    # For each run that was missing, the local day on which it arrived.
    arrived: Mapping[Run, date]
    # The present states of monitored tables; none for single instruments.
    tables: Sequence[Row] = ()
    outages: Sequence[Row] | None = None
    archived: Archived = NOTHING_ARCHIVED
    attention: Sequence[Row] = ()

    @property
    def day(self) -> date:
        """The local day of the statistics."""
        return self.settings.local(self.settings.as_of).date()


@dataclass(frozen=True)
class KnownState:
    """What a destination knows: the moment of the statistics it was told about, and what was so at that time.

    Failures and resolutions are those from the local day `since` on; `late` is the moment of the statistics
    that it was told are late. `told_at` is when it was told. All times are UTC.
    """

    told_at: datetime
    as_of: datetime
    since: date
    late: datetime | None
    failing: frozenset[RunEvent]
    resolved: frozenset[RunEvent]
    missing: frozenset[Run]
    stale: frozenset[MonitoredTable] = frozenset()
    outages: KnownOutages = NONE_KNOWN
    archive: KnownArchive = NOTHING_TOLD
    attention: frozenset[Matter] = frozenset()


@dataclass(frozen=True)
class News:
    """What is to be told, since a moment (UTC): rows of runs, of ranges of runs, of outages and of tables.

    Outages go on in `down` and have ended in `up`. `is_polled` says whether instruments are polled at all,
    and `is_archived` whether their files are counted. What is in `archive_only` is not in `missing` as well.
    """

    since: datetime
    failing: Sequence[Row]
    resolved: Sequence[Row]
    missing: Sequence[Row]
    found: Sequence[Row]
    is_late: bool
    is_back: bool
    down: Sequence[Row] = ()
    up: Sequence[Row] = ()
    is_polled: bool = False
    stale: Sequence[Row] = ()
    fresh_again: Sequence[Row] = ()
    archive_only: Sequence[Row] = ()
    behind: Sequence[Row] = ()
    caught_up: Sequence[Row] = ()
    is_archived: bool = False
    # All that needs attention, what was told before too: `is_new` is not.
    attention: Sequence[Row] = ()

    def __bool__(self) -> bool:
        runs = self.failing or self.resolved or self.missing or self.found
        watched = self.down or self.up or self.stale or self.fresh_again
        archived = self.archive_only or self.behind or self.caught_up
        needed = any(row["is_new"] for row in self.attention)
        return bool(runs or watched or archived or needed or self.is_late or self.is_back)


def horizon(settings: Settings) -> date:
    """Return the first local day whose failures and resolutions a digest of these statistics knows."""
    return settings.local(settings.as_of).date() - _REACH


def read_current_state(scope: Scope) -> CurrentState:
    """Return the current state, with the failures and resolutions from the first day of the period on."""
    since = scope.period.first
    chosen, names = scope.among()
    runs = scope.warehouse.rows(_MISSING.format(chosen=chosen), [[*LACKING], *names])
    failing = scope.warehouse.rows(_FAILING.format(chosen=chosen), [since, *names])
    resolved = resolved_rows(scope)
    named = named_runs(scope, {_run(row) for row in (*failing, *resolved)})
    return CurrentState(
        settings=scope.settings,
        is_late=scope.settings.is_late,
        failing=[{**row, **named.get(_run(row), {})} for row in failing],
        resolved=[{**row, **named.get(_run(row), {})} for row in resolved],
        missing={_run(row): row["noticed_day"] for row in runs if row["state"] == "open"},
        ignored=frozenset(_run(row) for row in runs if row["state"] == "ignored"),
        arrived={
            _run(row): scope.settings.local(row["arrived_at"]).date()
            for row in runs
            if row["state"] == "arrived"
        },
        tables=tables_now(scope.warehouse) if scope.instruments is None else (),
        outages=read_outages(scope),
        archived=read_archived(scope, runs),
        attention=attention_rows(scope),
    )


def _run(row: Row) -> Run:
    return row["instrument"], row["run_number"]


def _table(row: Row) -> MonitoredTable:
    return row["dbobject"], row["table"], row["column"]


def _matter(row: Row) -> Matter:
    return row["subject"], row["what"] if row["instrument"] is None else row["instrument"]


def _failure(row: Row) -> RunEvent:
    return row["instrument"], row["run_number"], row["failed_since"]


def _resolution(row: Row) -> RunEvent:
    return row["instrument"], row["run_number"], row["resolved_at"]


def _ranges(runs: Iterable[Run], days: Mapping[Run, date]) -> list[Row]:
    """Fold runs into ranges by instrument and number; the runs in a range have the same day, or none."""
    return [
        {
            "instrument": instrument,
            "first_run_number": first,
            "last_run_number": last,
            "day": day,
            "runs": last - first + 1,
        }
        for (instrument, day), group in groupby(sorted(runs), key=lambda run: (run[0], days.get(run)))
        for first, last in ranges(number for _, number in group)
    ]


def changes(current: CurrentState, told: KnownState) -> News:
    """Return what is true now and has not been told.

    A run that was told as missing and is no longer missing is found, unless somebody has chosen to ignore it
    since.
    """
    archive_only = current.archived.archive_only - told.archive.archive_only
    missing = current.missing.keys() - told.missing - archive_only
    found = told.missing - current.missing.keys() - set(current.ignored)
    since = current.settings.midnight(told.since)
    down, up = changed_outages(current.outages, told.outages, told.as_of, since)
    return News(
        since=told.as_of,
        failing=[
            row
            for row in current.failing
            if row["failed_day"] >= told.since and _failure(row) not in told.failing
        ],
        resolved=[
            row
            for row in current.resolved
            if row["resolved_day"] >= told.since and _resolution(row) not in told.resolved
        ],
        missing=_ranges(missing, current.missing),
        found=_ranges(found, current.arrived),
        is_late=current.is_late and told.late != current.settings.as_of,
        is_back=told.late is not None and not current.is_late,
        stale=[row for row in current.tables if row["state"] == "stale" and _table(row) not in told.stale],
        # Of an unknown state, nobody can say that it is better.
        fresh_again=[
            row
            for row in current.tables
            if row["state"] not in ("stale", "unknown") and _table(row) in told.stale
        ],
        down=down,
        up=up,
        is_polled=current.outages is not None,
        archive_only=_ranges(archive_only, current.missing),
        behind=newly_behind(current.archived, told.archive),
        caught_up=caught_up(current.archived, told.archive),
        is_archived=bool(current.archived.instruments),
        attention=[{**row, "is_new": _matter(row) not in told.attention} for row in current.attention],
    )


def under_new_names(told: KnownState, renamed: Mapping[str, str]) -> KnownState:
    """Return what has been told, under the current names: the renaming of an instrument is not news."""
    if not renamed:
        return told
    return replace(
        told,
        failing=frozenset((renamed.get(name, name), run, at) for name, run, at in told.failing),
        resolved=frozenset((renamed.get(name, name), run, at) for name, run, at in told.resolved),
        missing=frozenset((renamed.get(name, name), run) for name, run in told.missing),
        archive=KnownArchive(
            archive_only=frozenset((renamed.get(name, name), run) for name, run in told.archive.archive_only),
            behind=frozenset(renamed.get(name, name) for name in told.archive.behind),
        ),
        attention=frozenset((subject, renamed.get(of, of)) for subject, of in told.attention),
    )


def known_before(current: CurrentState, day: date) -> KnownState:
    """Return the knowledge of somebody who was told everything before a local day, and nothing since.

    Since when an instrument is behind, nobody knows: that it is so is news. What needs attention does so now,
    whenever it began: all of it is news.
    """
    moment = current.settings.midnight(day)
    since = min(day, horizon(current.settings))
    return KnownState(
        told_at=moment,
        as_of=moment,
        since=since,
        late=None,
        failing=frozenset(_failure(row) for row in current.failing if row["failed_day"] < day),
        resolved=frozenset(_resolution(row) for row in current.resolved if row["resolved_day"] < day),
        missing=frozenset(
            [
                *(run for run, noticed in current.missing.items() if noticed < day),
                *(run for run, arrived in current.arrived.items() if arrived >= day),
            ]
        ),
        stale=frozenset(
            _table(row) for row in current.tables if row["state"] == "stale" and row["since"] < moment
        ),
        outages=known_outages(current.outages, current.settings.midnight(since), moment),
        archive=KnownArchive(
            frozenset(run for run in current.archived.archive_only if current.missing[run] < day)
        ),
    )


def all_known(current: CurrentState, told: KnownState | None = None) -> KnownState:
    """Return the knowledge of somebody who was told everything, and knew what `told` says before.

    A stale table whose state is no longer known has not become better.
    """
    since = horizon(current.settings)
    before = told.stale if told is not None else frozenset()
    archive = told.archive if told is not None else NOTHING_TOLD
    return KnownState(
        told_at=current.settings.now,
        as_of=current.settings.as_of,
        since=since,
        late=current.settings.as_of if current.is_late else None,
        failing=frozenset(_failure(row) for row in current.failing if row["failed_day"] >= since),
        resolved=frozenset(_resolution(row) for row in current.resolved if row["resolved_day"] >= since),
        missing=frozenset(current.missing),
        stale=frozenset(
            _table(row)
            for row in current.tables
            if row["state"] == "stale" or (row["state"] == "unknown" and _table(row) in before)
        ),
        outages=known_outages(current.outages, current.settings.midnight(since)),
        archive=known_archive(current.archived, archive, current.missing.keys()),
        attention=frozenset(map(_matter, current.attention)),
    )


def by_instrument(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows of each instrument; they must be consecutive."""
    return {name: list(group) for name, group in groupby(rows, key=lambda row: row["instrument"])}
