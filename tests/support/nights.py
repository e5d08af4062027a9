"""A live source, our statistics about it, and what a recount expects of them, night after night.

A test moves the world's clock, lets events happen at the source, runs dbt as the daily job does, and fails
with every cell of every mart that differs from the recount. dbt is imported and the project parsed once.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from math import isclose
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch
from zoneinfo import ZoneInfo

import duckdb
import pytest
from autostats.verification.job import Job, SourceJob
from autostats.verification.recount import KEYS, Row, recount
from autostats.verification.settings import Cell, IgnoredRuns, Settings

from support.cycles import read_cycles
from support.memory import Memory
from support.sources import SourceWriter, genuine_era_c

PROJECT = Path(__file__).resolve().parents[2]
SPRING = datetime(2020, 3, 29, 1, 0)
AUTUMN = datetime(2020, 10, 25, 1, 0)
MAX_GAP = 5
LOOKBACK_DAYS = 3
IGNORED = (IgnoredRuns("WISH", 3, 4, "no beam"), IgnoredRuns("GEM O'é%", 6, 6, None))

PROFILE = """
autostats:
  target: duckdb
  outputs:
    duckdb:
      type: duckdb
      path: "{{ env_var('AUTOSTATS_HOME') }}/autostats.duckdb"
      schema: autostats
      threads: 1
      settings: {TimeZone: UTC}
      plugins: [{module: autostats.dbt_plugin}]
"""

Anchor = Literal["now", "midnight", "spring", "autumn"]
How = Literal["run", "no run", "rebuild", "full refresh", "in the past"]
Subject = Literal["instrument", "status", "rb_number", "software"]
UNTOUCHED: Any = "untouched"
# What an edit contains besides new values of columns, and its times, which count from the job's creation.
NOT_COLUMNS = ("which", "moves_last_updated", "of_any_age", "created", "started", "finished", "odd")


@dataclass(frozen=True)
class When:
    """A moment relative to the world's clock: an anchor, days before it, and seconds after that."""

    anchor: Anchor = "now"
    days_ago: int = 0
    seconds: float = 0

    def at(self, clock: datetime, zone: str) -> datetime:
        """The moment, naive UTC."""
        anchors = {"now": clock, "midnight": local_midnight(clock, zone), "spring": SPRING, "autumn": AUTUMN}
        return anchors[self.anchor] - timedelta(days=self.days_ago) + timedelta(seconds=self.seconds)


def local_midnight(clock: datetime, zone: str) -> datetime:
    """The local midnight at or before a naive UTC moment, naive UTC."""
    now = clock.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return midnight.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class Arrival:
    """A job appears under the next id, after `skipped_ids` unused ones, or under an unused one of any age.

    Times are seconds after its creation; an `odd` one replaces the value of its column. With `again`, it has
    the instrument and the run numbers of an existing job.
    """

    again: int | None = None
    instrument: str | None = "WISH"
    rb_number: int = 1820461
    run_version: int = 0
    started_by: int | None = 0
    status: str = "c"
    batch_run: bool = False
    run_numbers: tuple[int, ...] = (1,)
    created: When = When()
    started: float | None = 5
    finished: float | None = 65
    reduction_host: str | None = "reduce-01"
    run_title: str | None = None
    software: str | None = "Mantid 6.2.0"
    skipped_ids: int = 0
    fills_hole: bool = False
    odd: tuple[str, Cell] | None = None


@dataclass(frozen=True)
class Edit:
    """A job changes; times are seconds after its creation.

    Unless it is `of_any_age`, the next run must see it: an open job, or one created in the look-back.
    """

    which: int = 0
    status: str = UNTOUCHED
    started: float | None = UNTOUCHED
    finished: float | None = UNTOUCHED
    created: When = UNTOUCHED
    run_numbers: tuple[int, ...] = UNTOUCHED
    instrument: str | None = UNTOUCHED
    started_by: int | None = UNTOUCHED
    rb_number: int = UNTOUCHED
    batch_run: bool = UNTOUCHED
    reduction_host: str | None = UNTOUCHED
    run_title: str | None = UNTOUCHED
    software: str | None = UNTOUCHED
    moves_last_updated: bool = True
    of_any_age: bool = False
    odd: tuple[str, Cell] | None = None


@dataclass(frozen=True)
class Deletion:
    """Jobs vanish, whatever their age: `how_many` in a row."""

    which: int = 0
    how_many: int = 1


@dataclass(frozen=True)
class Renaming:
    """An instrument, status, experiment or software of some job gets a name that was never used before."""

    subject: Subject
    old: str | int


@dataclass(frozen=True)
class CleanUp:
    """An instrument disappears with all its jobs."""

    instrument: str


Event = Arrival | Edit | Deletion | Renaming | CleanUp


class Dbt:
    """dbt in this process: the project, parsed once, and a seeded statistics database to start from."""

    def __init__(self, folder: Path) -> None:
        from dbt.cli.main import dbtRunner

        self.folder = folder
        self.runs = 0
        (folder / "profiles.yml").write_text(PROFILE, encoding="utf-8")
        self.seeded = folder / "seeded"
        self.seeded.mkdir()
        source = genuine_era_c(folder / "empty.sqlite")
        self.runner = dbtRunner()
        parsed = self.invoke("parse", self.seeded, source)
        self.runner = dbtRunner(manifest=parsed)
        self.invoke("seed", self.seeded, source)
        with duckdb.connect(str(self.seeded / "autostats.duckdb")) as connection:
            connection.execute("delete from autostats.autostats.ignored_runs")
            connection.executemany(
                "insert into autostats.autostats.ignored_runs values (?, ?, ?, ?)",
                [[i.instrument, i.first_run_number, i.last_run_number, i.reason] for i in IGNORED],
            )

    def invoke(self, command: str, home: Path, source: Path, *flags: str, **variables: object) -> Any:
        """Run one dbt command and return its result; a failure is an assertion error with dbt's messages."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager

        fixed = {"max_gap": MAX_GAP, "lookback_days": LOOKBACK_DAYS}
        arguments = [
            command,
            *("--quiet", "--no-print", "--no-send-anonymous-usage-stats", "--no-write-json"),
            *("--log-level", "none", "--log-level-file", "none", "--log-path", str(self.folder)),
            *("--project-dir", str(PROJECT), "--profiles-dir", str(self.folder)),
            *("--target-path", str(self.folder / "target")),
            *("--vars", json.dumps(fixed | variables)),
            *flags,
        ]
        places = {"AUTOSTATS_HOME": str(home), "AUTOSTATS_SOURCE_URL": f"sqlite:///{source}"}
        with patch.dict(os.environ, places):
            answer = self.runner.invoke(arguments)
        # The next run opens the database and attaches the source again, as the next night's process does.
        DuckDBConnectionManager.close_all_connections()
        if not answer.success:
            results = getattr(answer.result, "results", None) or []
            fine = ("success", "pass", "skipped")
            bad = [result for result in results if result.status not in fine]
            failed = [f"{result.node.name}: {result.message}" for result in bad]
            raise AssertionError("\n".join([f"dbt {command} failed: {answer.exception}", *failed]))
        return answer.result


@dataclass
class World:
    """One life of a source and its statistics. `clock` is the current time in naive UTC."""

    dbt: Dbt
    folder: Path
    clock: datetime
    facility_timezone: str = "Europe/London"
    source_timezone: str = "UTC"
    memory: Memory = field(default_factory=Memory)
    jobs: dict[int, SourceJob] = field(default_factory=dict)
    newest_id: int = 0
    renamed: int = 0
    # The current names of the source's rows.
    names: dict[str, dict[int, str | int]] = field(
        default_factory=lambda: {"instrument": {}, "status": {}, "rb_number": {}, "software": {}}
    )
    newest_key: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.source = genuine_era_c(self.folder / "source.sqlite")
        self.home = self.new_home("home")
        self.cycles = read_cycles(PROJECT / "seeds" / "beam_cycles.csv")

    def new_home(self, name: str) -> Path:
        """A home with nothing but the seeds."""
        home = self.folder / name
        shutil.copytree(self.dbt.seeded, home)
        return home

    def settings(self, as_of: datetime | None = None) -> Settings:
        """The settings of a run now, or at `as_of`."""
        return Settings(
            as_of or self.clock,
            facility_timezone=self.facility_timezone,
            source_timezone=self.source_timezone,
            max_gap=MAX_GAP,
            lookback_days=LOOKBACK_DAYS,
            cycles=self.cycles,
            ignored=IGNORED,
        )

    def happen(self, *events: Event) -> None:
        """Let events happen at the source, at the world's clock."""
        with SourceWriter.open(self.source) as writer:
            writer.take_ids_above(self.newest_key)
            for event in events:
                before = dict(self.jobs)
                match event:
                    case Arrival():
                        self.arrive(event)
                    case Edit():
                        self.edit(event)
                    case Deletion():
                        for job_id in chosen(sorted(self.jobs), event.which, event.how_many):
                            del self.jobs[job_id]
                    case Renaming():
                        self.rename(event, writer)
                        continue
                    case CleanUp():
                        of_it = [j for j, job in self.jobs.items() if job.instrument == event.instrument]
                        for job_id in of_it:
                            del self.jobs[job_id]
                self.write(writer, before)
                if isinstance(event, CleanUp):
                    writer.remove_instrument(event.instrument)
                    instruments = self.names["instrument"]
                    for key in [key for key, name in instruments.items() if name == event.instrument]:
                        del instruments[key]

    def write(self, writer: SourceWriter, before: Mapping[int, SourceJob]) -> None:
        """Write the changes since `before` to the source; a name appears with its first job."""
        for job in self.jobs.values():
            for column, of_column in self.names.items():
                name = getattr(job, column)
                if name is not None and name not in of_column.values():
                    self.newest_key += 1
                    of_column[self.newest_key] = name
        for job_id in before.keys() - self.jobs.keys():
            writer.delete_job(job_id)
        for job_id, job in self.jobs.items():
            if job_id not in before:
                writer.add_job(**asdict(job))
            elif job != before[job_id]:
                columns = asdict(job)
                writer.update_job(columns.pop("job_id"), **columns)

    def rename(self, event: Renaming, writer: SourceWriter) -> None:
        """Change a name at the source, for all jobs that have it; our copy follows with the next run."""
        if all(getattr(job, event.subject) != event.old for job in self.jobs.values()):
            return
        self.renamed += 1
        names: dict[Subject, str | int] = {
            "instrument": f"INTER {self.renamed}",
            "status": "ce"[self.renamed % 2],
            "rb_number": 2_000_000 + self.renamed,
            "software": f"Mantid 7.{self.renamed}",
        }
        new = names[event.subject]
        writer.rename(event.subject, event.old, new)
        self.jobs = {
            job_id: job.with_cells({event.subject: new}) if getattr(job, event.subject) == event.old else job
            for job_id, job in self.jobs.items()
        }
        of_subject = self.names[event.subject]
        of_subject.update({key: new for key, name in of_subject.items() if name == event.old})

    def arrive(self, event: Arrival) -> None:
        """Add a job under the next id, or under one that was skipped."""
        job_id = self.newest_id + 1 + event.skipped_ids
        holes = [hole for hole in range(1, self.newest_id) if hole not in self.jobs]
        if event.fills_hole and holes:
            job_id = holes[0]
        self.newest_id = max(self.newest_id, job_id)
        if event.again is not None and self.jobs:
            [of] = chosen(sorted(self.jobs), event.again, 1)
            model = self.jobs[of]
            event = replace(event, instrument=model.instrument, run_numbers=model.run_numbers)
        created = event.created.at(self.clock, self.facility_timezone)
        if created > self.clock + timedelta(hours=2):
            created = self.clock
        self.jobs[job_id] = SourceJob(
            job_id=job_id,
            instrument=event.instrument,
            rb_number=event.rb_number,
            run_version=event.run_version,
            started_by=event.started_by,
            status=event.status,
            batch_run=event.batch_run,
            run_numbers=event.run_numbers,
            created=created,
            started=after(created, event.started),
            finished=after(created, event.finished),
            last_updated=max(created, after(created, event.finished) or created),
            reduction_host=event.reduction_host,
            run_title=event.run_title,
            software=event.software,
        )
        if event.odd is not None:
            self.jobs[job_id] = self.jobs[job_id].with_cells(dict([event.odd]))

    def edit(self, event: Edit) -> None:
        """Change a job."""
        candidates = [
            job_id
            for job_id, job in sorted(self.jobs.items())
            if event.of_any_age or self.is_recent(job) or job.status in ("q", "p")
        ]
        for job_id in chosen(candidates[::-1] if event.of_any_age else candidates, event.which, 1):
            job = self.jobs[job_id]
            changes = {
                spec.name: value
                for spec in fields(event)
                if spec.name not in NOT_COLUMNS and (value := getattr(event, spec.name)) != UNTOUCHED
            }
            if event.created != UNTOUCHED:
                moment = event.created.at(self.clock, self.facility_timezone)
                changes["created"] = min(moment, self.clock)
            created = changes.get("created", job.created)
            for name in ("started", "finished"):
                if getattr(event, name) != UNTOUCHED and isinstance(created, datetime):
                    changes[name] = after(created, getattr(event, name))
            if event.odd is not None:
                changes |= dict([event.odd])
            if event.moves_last_updated:
                changes["last_updated"] = self.clock
            self.jobs[job_id] = job.with_cells(changes)

    def is_recent(self, job: SourceJob) -> bool:
        """Whether a job was created in the look-back."""
        created = Job(job, self.settings()).created
        return created is not None and self.clock - timedelta(days=LOOKBACK_DAYS) <= created <= self.clock

    def is_another_source(self, settings: Settings) -> bool:
        """Whether a run must take this for another source: its oldest jobs that we know are different."""
        known = [self.memory.as_read(job_id, settings) for job_id in sorted(self.memory.seen)]
        oldest = [job for job in known if job.created is not None and not job.is_deleted][:10]
        there = [job for job in oldest if job.job_id in self.jobs]
        return bool(there) and all(
            settings.read(self.jobs[job.job_id].created) != job.created for job in there
        )

    def run(
        self,
        as_of: datetime | None = None,
        rebuilt: tuple[date, date] | None = None,
        full_refresh: bool = False,
    ) -> None:
        """Do what the daily job does, and compare every mart with the recount."""
        settings = self.settings(as_of)
        accepts_source = self.is_another_source(settings)
        if accepts_source:
            with pytest.raises(AssertionError, match="not the source that the statistics were built from"):
                self.build(self.home, settings, rebuilt, full_refresh)
            rebuilt, full_refresh = None, True
        self.memory.run(self.jobs, settings, rebuilt, full_refresh, accepts_source, self.names)
        self.build(self.home, settings, rebuilt, full_refresh, accepts_source)
        self.dbt.runs += 1
        found = differences(recount(self.memory.jobs(settings), settings), self.marts(self.home))
        assert not found, "\n".join(
            [f"as of {settings.as_of}: mart, row, column, statistics, recount", *found]
        )

    def run_from_scratch(self) -> None:
        """Build the statistics in a new home, as if the source were seen for the first time."""
        settings = self.settings()
        fresh = Memory()
        fresh.run(self.jobs, settings, names=self.names)
        home = self.new_home("fresh")
        self.build(home, settings)
        found = differences(recount(fresh.jobs(settings), settings), self.marts(home))
        shutil.rmtree(home)
        assert not found, "\n".join(["built from scratch: mart, row, column, statistics, recount", *found])

    def build(
        self,
        home: Path,
        settings: Settings,
        rebuilt: tuple[date, date] | None = None,
        full_refresh: bool = False,
        accepts_source: bool = False,
    ) -> None:
        """Do what `dbt build` does from cron, including data tests but not the seeds, which tests change."""
        variables: dict[str, object] = {
            "as_of": str(settings.as_of),
            "facility_timezone": settings.facility_timezone,
            "source_timezone": settings.source_timezone,
        }
        if accepts_source:
            variables["accept_source"] = True
        if rebuilt is not None:
            variables |= {"from_day": rebuilt[0].isoformat(), "to_day": rebuilt[1].isoformat()}
        flags = ["--full-refresh"] if full_refresh else []
        kinds = ["--resource-type", "model", "--resource-type", "test"]
        self.dbt.invoke("build", home, self.source, *kinds, *flags, **variables)

    def marts(self, home: Path) -> dict[str, list[Row]]:
        """Every mart as dbt built it."""
        with duckdb.connect(str(home / "autostats.duckdb")) as connection:
            return {mart: rows_of(connection, f"from autostats.autostats.{mart}") for mart in KEYS}


def after(moment: datetime, seconds: float | None) -> datetime | None:
    """The moment that many seconds later, or None."""
    return None if seconds is None else moment + timedelta(seconds=seconds)


def chosen(candidates: Sequence[int], which: int, how_many: int) -> Sequence[int]:
    """Some consecutive candidates, from the newest backwards."""
    start = which % len(candidates) if candidates else 0
    return candidates[::-1][start : start + how_many]


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query as dictionaries."""
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def differences(expected: Mapping[str, list[Row]], actual: Mapping[str, list[Row]]) -> list[str]:
    """Every cell in which the marts differ from the recount, one line each."""
    found = []
    for mart, key in KEYS.items():
        ours, theirs = keyed(expected[mart], key), keyed(actual[mart], key)
        if len(theirs) < len(actual[mart]):
            found.append(f"{mart}: {len(actual[mart]) - len(theirs)} rows have the key of another")
        found += [f"{mart} {at}: the row is not in the recount" for at in theirs if at not in ours]
        found += [f"{mart} {at}: the row is missing" for at in ours if at not in theirs]
        found += [
            f"{mart} {at} {column}: {theirs[at][column]!r}, {value!r}"
            for at, row in ours.items()
            if at in theirs
            for column, value in row.items()
            if not same(theirs[at][column], value)
        ]
    return found


def keyed(rows: Iterable[Row], key: Sequence[str]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[column] for column in key): row for row in rows}


def same(ours: object, theirs: object) -> bool:
    """Whether two cells are equal; sums of floats may differ in their last bits."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-9)
    return ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool)
