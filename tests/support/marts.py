"""A statistics database made without dbt: the marts of a recount, in tables as the models shape them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path

import duckdb

from support.recount import Cycle, IgnoredRuns, Job, Row, Settings, SourceJob, recount

TABLES: Mapping[str, str] = {
    "fct_jobs": """
        job_id bigint, instrument varchar, status varchar, starter varchar, run_numbers varchar,
        rb_number bigint, run_version integer, run_number bigint, started_by bigint, exe_time double,
        is_batch boolean, is_deleted boolean, created_at timestamp, started_at timestamp, finished_at
        timestamp, last_updated_at timestamp, ended_at timestamp, day date, ended_day date""",
    "fct_run_daily": """
        instrument varchar, last_status varchar, outcome varchar, run_number bigint, jobs_total bigint,
        jobs_passed bigint, jobs_failed bigint, last_job_id bigint, day date""",
    "fct_instrument_daily": """
        instrument_day_key varchar, day date, instrument varchar, jobs_total bigint, jobs_passed bigint,
        jobs_failed bigint, jobs_skipped bigint, jobs_pending bigint, jobs_other bigint, jobs_batch
        bigint, started_by_auto bigint, started_by_devs bigint, started_by_users bigint,
        started_by_unknown bigint, exe_time_count bigint, exe_time_sum double, avg_exe_time double,
        median_exe_time double, p95_exe_time double, max_exe_time double, runs_total bigint, runs_passed
        bigint, runs_failed bigint, runs_other bigint, resolved_runs bigint, cycle varchar,
        is_maintenance_day boolean, is_complete boolean""",
    "fct_resolved_runs": """
        instrument varchar, resolved_by varchar, run_number bigint, attempts bigint, hours_to_resolve
        double, is_still_passing boolean, first_failed_at timestamp, resolved_at timestamp, resolved_day
        date""",
    "fct_unresolved_runs": """
        instrument varchar, last_started_by varchar, run_number bigint, attempts bigint, last_job_id
        bigint, failed_since timestamp, last_failed_at timestamp, failed_day date""",
    "fct_missing_runs": """
        instrument varchar, kind varchar, state varchar, ignored_reason varchar, cycle varchar,
        run_number bigint, noticed_at timestamp, arrived_at timestamp, noticed_day date""",
    "fct_data_problems": """
        instrument varchar, problem varchar, detail varchar, job_id bigint, run_number bigint, day date""",
    "fct_run_number_jumps": """
        instrument varchar, run_number_before bigint, run_number_after bigint, noticed_at timestamp,
        noticed_day date""",
    "rpt_missing_runs": """
        instrument varchar, kind varchar, cycle varchar, first_run_number bigint, last_run_number
        bigint, runs bigint, age_days bigint, noticed_at timestamp, noticed_day date""",
    "dim_instruments": """
        instrument varchar, last_run_number bigint, is_active boolean, is_paused boolean, first_day
        date, last_day date""",
    "dim_days": "cycle varchar, hours double, is_maintenance_day boolean, day date",
    "dim_cycles": """
        cycle varchar, days integer, maintenance_days integer, first_day date, last_day date""",
    "dim_settings": """
        autostats_version varchar, facility_timezone varchar, source_timezone varchar, schema_version
        integer, max_gap integer, lookback_days integer, load_number bigint, as_of timestamp""",
}

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
    )


def wish_jobs() -> list[SourceJob]:
    """Return nine jobs of WISH on 11 and 12 February 2020, whose numbers are known by hand."""

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
    """Return made-up jobs of many instruments: failures, re-runs, batches, holes in the numbering."""
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
    return [replace(made, job_id=place) for place, made in enumerate(jobs, start=1)]


def batched(rows: Sequence[list[object]], size: int) -> Iterator[Sequence[list[object]]]:
    """Yield the rows in parts: one statement for each row is slow."""
    for place in range(0, len(rows), size):
        yield rows[place : place + size]


def _instruments(daily: Sequence[Row], more: Sequence[str]) -> list[Row]:
    names = sorted({row["instrument"] for row in daily} | set(more))
    busy = {
        name: [row["day"] for row in daily if row["instrument"] == name and row["jobs_total"]]
        for name in names
    }
    return [
        {
            "instrument": name,
            "last_run_number": None,
            "is_active": True,
            "is_paused": False,
            "first_day": min(days, default=None),
            "last_day": max(days, default=None),
        }
        for name, days in busy.items()
    ]


def _days(jobs: Sequence[SourceJob], settings: Settings) -> list[Row]:
    last = settings.local_day(as_of := settings.as_of)
    first = min(
        [settings.local_day(min([made.created for made in jobs], default=as_of)), CYCLES[0].first_day, last]
    )
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    return [
        {
            "cycle": settings.cycle(day),
            "hours": (settings.day_start(day + timedelta(days=1)) - settings.day_start(day)).total_seconds()
            / 3600,
            "is_maintenance_day": settings.is_maintenance_day(day),
            "day": day,
        }
        for day in days
    ]


def write_marts(
    path: Path,
    jobs: Sequence[SourceJob],
    as_of: datetime,
    *,
    schema_version: int = 1,
    idle_instruments: Sequence[str] = (),
    ignored: Sequence[IgnoredRuns] = (),
    deleted: frozenset[int] = frozenset(),
    max_gap: int = 1000,
    facility_timezone: str = "Europe/London",
) -> Path:
    """Write the statistics of `jobs` as of a UTC time to the DuckDB file `path`, and return it."""
    settings = Settings(
        as_of=as_of,
        facility_timezone=facility_timezone,
        cycles=CYCLES,
        ignored=tuple(ignored),
        max_gap=max_gap,
    )
    marts = recount([Job(source, settings, source.job_id in deleted) for source in jobs], settings)
    marts["dim_instruments"] = _instruments(marts["fct_instrument_daily"], idle_instruments)
    marts["dim_days"] = _days(jobs, settings)
    marts["dim_cycles"] = [
        {
            "cycle": cycle.name,
            "days": (cycle.last_day - cycle.first_day).days + 1,
            "maintenance_days": len(cycle.maintenance_days),
            "first_day": cycle.first_day,
            "last_day": cycle.last_day,
        }
        for cycle in CYCLES
    ]
    marts["dim_settings"] = [
        {
            "autostats_version": "0.1.0",
            "facility_timezone": settings.facility_timezone,
            "source_timezone": "UTC",
            "schema_version": schema_version,
            "max_gap": max_gap,
            "lookback_days": 14,
            "load_number": 1,
            "as_of": as_of,
        }
    ]
    for row in marts["fct_instrument_daily"]:
        row["instrument_day_key"] = f"{row['instrument']}|{row['day']}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as connection:
        # Catalog and schema bear the same name, so that both have to be said.
        schema = f"{path.stem}.autostats"
        connection.execute(f"create schema {schema}")
        for table, columns in TABLES.items():
            connection.execute(f"create table {schema}.{table} ({columns})")
            names = [column.split()[0] for column in columns.replace("\n", " ").split(",")]
            for some in batched([[row.get(name) for name in names] for row in marts[table]], 500):
                places = ", ".join(f"({', '.join('?' for _ in names)})" for _ in some)
                connection.execute(f"insert into {schema}.{table} values {places}", list(chain(*some)))
    return path
