"""A statistics database made without dbt: the marts of a recount, in tables that follow the contracts."""

from __future__ import annotations

import random
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from autostats import __version__
from autostats.schema_version import SCHEMA_VERSION
from autostats.schemas.declared import declared_columns, declared_statistics
from autostats.verification.job import Job, SourceJob
from autostats.verification.recount import Row, folded_missing_runs, recount
from autostats.verification.settings import Cycle, IgnoredRuns, Settings
from autostats.warehouse import data_frames_left_alone

from support import contracts
from support.archive_marts import NEVER_LOOKED, Archive
from support.attention import attention
from support.availability import NEVER_POLLED
from support.dbt_project import ROOT
from support.silence import silence
from support.table_freshness import NEVER_CHECKED

CYCLES = (
    Cycle("2018/04", date(2019, 2, 5), date(2019, 3, 29), (date(2019, 2, 27), date(2019, 3, 13))),
    Cycle("2019/03", date(2019, 11, 12), date(2019, 12, 20), (date(2019, 11, 27),)),
    Cycle("2019/04", date(2020, 2, 11), date(2020, 3, 27), (date(2020, 2, 26), date(2020, 3, 11))),
    Cycle("2020/01", date(2020, 4, 28), date(2020, 6, 5), (date(2020, 5, 13),)),
)


def job(
    job_id: int,
    run_numbers: int | Sequence[int],
    status: str,
    created: datetime,
    started: datetime | None,
    finished: datetime | None,
    *,
    started_by: int | None = 0,
    instrument: str | None = "WISH",
    rb_number: int = 1820461,
    run_version: int = 0,
    batch_run: bool = False,
    reduction_host: str | None = None,
    run_title: str | None = None,
    software: str | None = None,
) -> SourceJob:
    """Return a job as the source has it."""
    return SourceJob(
        job_id=job_id,
        instrument=instrument,
        rb_number=rb_number,
        run_version=run_version,
        started_by=started_by,
        status=status,
        batch_run=batch_run,
        run_numbers=(run_numbers,) if isinstance(run_numbers, int) else tuple(run_numbers),
        created=created,
        started=started,
        finished=finished,
        last_updated=finished or started or created,
        reduction_host=reduction_host,
        run_title=run_title,
        software=software,
    )


def wish_jobs() -> list[SourceJob]:
    """Return nine jobs of WISH on 11 and 12 February 2020, whose numbers were worked out by hand."""

    def at(day: int, clock: str) -> datetime:
        return datetime.fromisoformat(f"2020-02-{day}T{clock}")

    return [
        job(1, 100, "e", at(11, "10:00:00"), at(11, "10:00:05"), at(11, "10:01:05")),
        job(
            2,
            100,
            "c",
            at(11, "11:00:00"),
            at(11, "11:00:10"),
            at(11, "11:04:28"),
            started_by=7,
            run_version=1,
        ),
        job(3, 101, "c", at(11, "12:00:00"), at(11, "23:59:00"), at(12, "00:02:47")),
        job(4, 103, "e", at(11, "13:00:00"), at(11, "13:00:05"), at(11, "13:01:00")),
        job(5, 104, "s", at(11, "14:00:00"), None, at(11, "14:00:00"), rb_number=0),
        job(6, 104, "c", at(12, "09:00:00"), at(12, "09:00:00"), at(12, "09:03:59"), started_by=-1),
        job(
            7,
            103,
            "c",
            at(12, "09:30:00"),
            at(12, "09:30:00"),
            at(12, "09:31:00"),
            started_by=-1,
            run_version=1,
        ),
        job(
            8,
            (100, 101, 103),
            "c",
            at(12, "10:00:00"),
            at(12, "10:00:00"),
            at(12, "10:10:00"),
            started_by=7,
            batch_run=True,
        ),
        job(9, 105, "q", at(12, "11:00:00"), None, None, started_by=None),
    ]


def busy_jobs(
    instruments: Sequence[str], first: date, days: int, *, seed: int = 1, most_per_day: int = 60
) -> list[SourceJob]:
    """Return made-up jobs of many instruments: failures, re-runs, batches, gaps in the numbering.

    Some end at an unknown time, and some are created and end at midnight.
    """
    chance = random.Random(seed)
    jobs: list[SourceJob] = []
    for place, instrument in enumerate(instruments):
        number = 1000 * (place + 1)
        for offset in range(days):
            moment = datetime(first.year, first.month, first.day) + timedelta(days=offset, hours=1)
            for _ in range(chance.randint(0, most_per_day // (place + 1))):
                moment += timedelta(seconds=chance.randint(10, 1200))
                repeats = bool(jobs) and chance.random() < 0.15
                if not repeats:
                    number += chance.choices((1, 3, 2000), (97, 2.7, 0.3))[0]
                status = chance.choices("cesqp?", (85, 9, 3, 1.5, 1, 0.5))[0]
                started = None if status in "sq" else moment + timedelta(seconds=chance.randint(1, 90))
                took = timedelta(seconds=chance.lognormvariate(4.5, 1.3))
                jobs.append(
                    job(
                        len(jobs) + 1,
                        (number, number - 1) if chance.random() < 0.02 else number,
                        status,
                        moment,
                        started,
                        None if status in "qp" else (started or moment) + took,
                        started_by=chance.choices((0, -1, 12, None), (80, 8, 10, 2))[0],
                        instrument=instrument,
                    )
                )
    return [_seldom(replace(made, job_id=place)) for place, made in enumerate(jobs, start=1)]


def _seldom(made: SourceJob) -> SourceJob:
    """Turn some jobs into rare kinds."""
    if made.job_id % 17 == 0:
        return replace(made, finished=None)
    if made.job_id % 29 == 0:
        assert isinstance(made.created, datetime)
        midnight = made.created.replace(hour=0, minute=0, second=0)
        return replace(
            made,
            created=midnight,
            started=made.started and midnight,
            finished=made.finished and midnight,
            last_updated=midnight,
        )
    return made


def write_marts(
    path: Path,
    jobs: Sequence[SourceJob],
    as_of: datetime,
    *,
    schema_version: int = SCHEMA_VERSION,
    idle_instruments: Sequence[str] = (),
    inactive: Collection[str] = (),
    paused: Collection[str] = (),
    ignored: Sequence[IgnoredRuns] = (),
    deleted: frozenset[int] = frozenset(),
    renamings: Sequence[Row] = (),
    max_gap: int = 1000,
    facility_timezone: str = "Europe/London",
    cycles: tuple[Cycle, ...] = CYCLES,
    availability: Mapping[str, Sequence[Row]] = NEVER_POLLED,
    freshness: Mapping[str, Sequence[Row]] = NEVER_CHECKED,
    archive: Archive = NEVER_LOOKED,
) -> Path:
    """Write the statistics of `jobs` as of a UTC time to the DuckDB file `path`, and return it."""
    settings = Settings(
        as_of=as_of,
        facility_timezone=facility_timezone,
        cycles=cycles,
        ignored=tuple(ignored),
        max_gap=max_gap,
    )
    marts = recount([Job(source, settings, source.job_id in deleted) for source in jobs], settings)
    names = {made.instrument for made in jobs if made.instrument is not None} | set(idle_instruments)
    marts |= {
        "dim_instruments": _instruments(marts["fct_jobs"], names, inactive, paused, archive),
        "dim_days": _days(marts["fct_jobs"], settings),
        "dim_cycles": [_cycle(cycle) for cycle in cycles],
        "dim_settings": [_settings(settings, schema_version)],
        "fct_instrument_renamings": list(renamings),
    }
    marts |= {
        "fct_missing_runs": archive.judged(marts["fct_missing_runs"], settings),
        "rpt_missing_runs": _folded(archive.judged(marts["fct_missing_runs"], settings), settings),
        "rpt_instrument_silence": silence(marts, settings),
        "fct_file_counts": archive.counts(settings),
        "int_file_runs": archive.runs(),
        "fct_announcements": [],
        **_only_load(marts["fct_jobs"]),
    }
    marts |= {table: list(rows) for table, rows in {**availability, **freshness}.items()}
    marts["fct_attention"] = attention(marts, settings)
    _complete(marts, as_of)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_with_empty_tables(), path)
    with _schema_of(path) as (connection, schema):
        for runs in ignored:
            connection.execute(
                f"insert into {schema}.ignored_runs values (?, ?, ?, ?)", [*vars(runs).values()]
            )
        for table, rows in marts.items():
            _insert(connection, schema, table, rows)
    return path


_folder = TemporaryDirectory(prefix="autostats-tests-")


@cache
def _with_empty_tables() -> Path:
    """Return a database with all tables, empty but for those that are the same in every home."""
    path = Path(_folder.name) / "empty.duckdb"
    with _schema_of(path) as (connection, schema):
        connection.execute(f"create schema {schema}")
        connection.execute(
            f"create table {schema}.ignored_runs"
            " (instrument varchar, first_run_number bigint, last_run_number bigint, reason varchar)"
        )
        for table, columns in contracts.tables().items():
            declared = ", ".join(f"{name} {declaration}" for name, declaration in columns.items())
            connection.execute(f"create table {schema}.{table} ({declared})")
        _insert(connection, schema, "dim_catalogue", catalogue_rows())
        _insert(connection, schema, "dim_statistics", declared_statistics(ROOT))
    return path


@contextmanager
def _schema_of(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Yield a connection and the name of the statistics' schema, for one transaction."""
    with duckdb.connect(str(path)) as connection, data_frames_left_alone():
        connection.begin()
        # Catalog and schema have the same name, so both have to be given.
        yield connection, f"{path.stem}.autostats"
        connection.commit()


def _insert(connection: duckdb.DuckDBPyConnection, schema: str, table: str, rows: Sequence[Row]) -> None:
    if rows:
        columns = contracts.tables()[table]
        # One column at a time: a parameter for each cell takes many times as long.
        values = ", ".join(f"unnest(cast(? as {_type(column)}[]))" for column in columns.values())
        cells = [[row.get(name) for row in rows] for name in columns]
        connection.execute(f"insert into {schema}.{table} select {values}", cells)


def _type(declaration: str) -> str:
    return declaration.removesuffix(" not null")


def _folded(missing: Sequence[Row], settings: Settings) -> list[Row]:
    """Return the ranges of missing runs of each kind."""
    return [
        {**row, "kind": kind}
        for kind in {row["kind"] for row in missing}
        for row in folded_missing_runs([row for row in missing if row["kind"] == kind], settings)
    ]


def _instruments(
    jobs: Sequence[Row],
    names: Collection[str],
    inactive: Collection[str],
    paused: Collection[str],
    archive: Archive,
) -> list[Row]:
    """Return the instruments at the source, and those that only jobs name."""
    counted = [made for made in jobs if not made["is_deleted"] and made["day"] is not None]
    rows = []
    for name in sorted({*names, *(made["instrument"] for made in counted)}):
        own = [made for made in counted if made["instrument"] == name]
        days = [made["day"] for made in own]
        last_run = None if name == "unknown" else max(_run_numbers(own), default=None)
        last_file = archive.last_run(name)
        rows.append(
            {
                "instrument": name,
                "last_run_number": last_run,
                "archive_last_run_number": last_file,
                "is_behind": last_file is not None and (last_run or 0) < last_file - 2,
                "is_active": name in names and name not in inactive,
                "is_paused": name in paused,
                "first_day": min(days, default=None),
                "last_day": max(days, default=None),
            }
        )
    return rows


def _run_numbers(jobs: Sequence[Row]) -> Iterator[int]:
    for made in jobs:
        if made["run_numbers"] is not None:
            yield from map(int, made["run_numbers"].split(","))
        elif made["run_number"] is not None:
            yield made["run_number"]


def _days(jobs: Sequence[Row], settings: Settings) -> list[Row]:
    """Return the calendar: from the first cycle or job to the day of the statistics or the last job."""
    with_jobs = [made["day"] for made in jobs if not made["is_deleted"] and made["day"] is not None]
    today = settings.local_day(settings.as_of)
    first = min([today, *with_jobs, *(cycle.first_day for cycle in settings.cycles)])
    last = max([today, *with_jobs])
    rows = []
    for day in (first + timedelta(days=offset) for offset in range((last - first).days + 1)):
        starts_at, ends_at = settings.day_start(day), settings.day_start(day + timedelta(days=1))
        rows.append(
            {
                "cycle": settings.cycle(day),
                "hours": (ends_at - starts_at) / timedelta(hours=1),
                "is_maintenance_day": settings.is_maintenance_day(day),
                "starts_at": starts_at,
                "ends_at": ends_at,
                "day": day,
            }
        )
    return rows


def _only_load(jobs: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the load that brought all jobs, and the days that it touched."""
    days = {(made["instrument"], made["day"]) for made in jobs}
    vanished = sum(made["is_deleted"] for made in jobs)
    load = {
        "jobs_new": len(jobs) - vanished,
        "jobs_changed": 0,
        "jobs_vanished": vanished,
        "days_touched": sum(day is not None for _, day in days),
        "is_full_refresh": False,
    }
    return {
        "fct_loads": [load] if jobs else [],
        "fct_load_days": [{"instrument": instrument, "day": day} for instrument, day in days],
    }


def _cycle(cycle: Cycle) -> Row:
    return {
        "cycle": cycle.name,
        "days": (cycle.last_day - cycle.first_day).days + 1,
        "maintenance_days": len(cycle.maintenance_days),
        "first_day": cycle.first_day,
        "last_day": cycle.last_day,
    }


def _settings(settings: Settings, schema_version: int) -> Row:
    return {
        "autostats_version": __version__,
        "facility_timezone": settings.facility_timezone,
        "source_timezone": settings.source_timezone,
        "source_kind": "sqlite",
        "source_database": "source.sqlite",
        "schema_version": schema_version,
        "max_gap": settings.max_gap,
        "lookback_days": settings.lookback_days,
        "load_number": 1,
        "earliest_time": settings.earliest_time,
        "as_of": settings.as_of,
    }


def catalogue_rows() -> list[Row]:
    """Return the rows of `dim_catalogue` from the models' YAML."""
    return [{"column_key": f"{row['model']}.{row['name']}", **row} for row in _declared()]


@cache
def _declared() -> Sequence[Row]:
    return declared_columns(ROOT)


def _complete(marts: Mapping[str, Sequence[Row]], as_of: datetime) -> None:
    """Add what a recount does not need: keys, the load, and the wording of a rule."""
    for row in marts["fct_instrument_daily"]:
        row["instrument_day_key"] = f"{row['instrument']}|{row['day']}"
    for row in marts["fct_data_problems"]:
        row["detail"] = f"what is done about {row['problem']}"
    for row in chain(*marts.values()):
        row |= {"load_number": 1, "loaded_at": as_of}
