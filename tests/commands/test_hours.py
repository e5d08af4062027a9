"""`--by hour`, against jobs counted one by one."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from autostats.verification.job import Job, SourceJob
from autostats.verification.recount import exe_times, job_counts, missing_runs, resolved_runs, run_counts
from autostats.verification.settings import Settings
from support.homes import busy_deleted
from support.installed import Autostats
from support.marts import busy_jobs, job, write_marts

HOUR = timedelta(hours=1)
# What hours share with days, and what adds up from the one to the other.
ADD_UP = (
    "jobs_total",
    "jobs_passed",
    "jobs_failed",
    "jobs_batch",
    "exe_time_count",
    "resolved_runs",
    "missing_runs",
)


def breakdown(autostats: Autostats, home: Path, by: str, *arguments: str) -> list[dict[str, Any]]:
    result = autostats("report", "--home", home, *arguments, "--by", by, "--format", "json")
    assert result.code == 0, result.err
    return list(json.loads(result.out)[f"{by}s"])


def begins(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["hour"]).astimezone(UTC).replace(tzinfo=None)


def recounted(jobs: Sequence[Job], settings: Settings, instrument: str, hour: datetime) -> dict[str, Any]:
    """Count one hour of one instrument by hand."""
    own = [made for made in jobs if made.instrument == instrument and not made.is_deleted]
    of_hour = [made for made in own if hour <= made.created < hour + HOUR]
    times = exe_times(of_hour)
    return {
        **{name: count for name, count in job_counts(of_hour).items() if name.startswith("jobs_")},
        **{name: times[name] for name in ("exe_time_count", "median_exe_time", "p95_exe_time")},
        "avg_exe_time": None if times["avg_exe_time"] is None else pytest.approx(times["avg_exe_time"]),
        **run_counts(of_hour),
        "resolved_runs": sum(
            hour <= run["resolved_at"] < hour + HOUR for run in resolved_runs(own, settings)
        ),
        "missing_runs": sum(
            hour <= run["noticed_at"] < hour + HOUR and run["state"] == "open"
            for run in missing_runs(own, settings)
        ),
    }


def test_every_hour_equals_a_recount(
    autostats: Autostats, busy_home: Path, busy_made: Sequence[SourceJob]
) -> None:
    settings = Settings(as_of=datetime(2020, 2, 12, 23, 30), max_gap=100)
    gone = busy_deleted(busy_made)
    jobs = [Job(made, settings, made.job_id in gone) for made in busy_made]
    rows = breakdown(
        autostats, busy_home, "hour", "WISH", "Pearl", "--from", "2020-02-01", "--to", "2020-02-12"
    )
    assert len(rows) == 2 * 12 * 24
    for row in rows:
        expected = recounted(jobs, settings, row["instrument"], begins(row))
        assert {name: row[name] for name in expected} == expected, row["hour"]


def test_the_hours_of_a_day_add_up_to_it(autostats: Autostats, busy_home: Path) -> None:
    period = ("--from", "2020-01-24", "--to", "2020-02-12")
    hours = breakdown(autostats, busy_home, "hour", *period)
    for day in breakdown(autostats, busy_home, "day", *period):
        own = [row for row in hours if (row["day"], row["instrument"]) == (day["day"], day["instrument"])]
        assert {name: sum(row[name] for row in own) for name in ADD_UP} == {
            name: day[name] for name in ADD_UP
        }


@pytest.mark.parametrize(
    ("zone", "day", "hours", "written"),
    [
        ("Europe/London", "2025-10-26", 25, ["2025-10-26 01:00+01:00", "2025-10-26 01:00+00:00"]),
        ("Europe/London", "2025-03-30", 23, ["2025-03-30 00:00+00:00", "2025-03-30 02:00+01:00"]),
        ("Asia/Kolkata", "2025-03-30", 24, ["2025-03-30 00:00+05:30", "2025-03-30 23:00+05:30"]),
        ("Australia/Lord_Howe", "2025-04-06", 25, ["2025-04-06 01:00+11:00", "2025-04-06 01:30+10:30"]),
        ("America/Havana", "2025-03-09", 23, ["2025-03-09 01:00-04:00"]),
    ],
)
def test_days_on_which_the_clocks_change(
    autostats: Autostats, tmp_path: Path, zone: str, day: str, hours: int, written: list[str]
) -> None:
    """A job every ten minutes of the day, the one before and the one after."""
    first = datetime.fromisoformat(day) - timedelta(days=1, hours=12)
    made = [
        job(number, number, "c", at, at, at)
        for number in range(1, 6 * 24 * 4)
        if (at := first + timedelta(minutes=10 * number))
    ]
    write_marts(tmp_path / "autostats.duckdb", made, first + timedelta(days=5), facility_timezone=zone)
    arguments = ("--from", day, "--to", day)
    rows = breakdown(autostats, tmp_path, "hour", *arguments)
    assert len(rows) == hours
    (of_day,) = breakdown(autostats, tmp_path, "day", *arguments)
    assert sum(row["jobs_total"] for row in rows) == of_day["jobs_total"]
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        end = begins(after) if after else begins(row) + HOUR
        local = begins(row).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        assert local.date().isoformat() == row["day"] == day
        assert row["jobs_total"] == sum(begins(row) <= source.created < end for source in made)
    table = autostats("report", "--home", tmp_path, *arguments, "--by", "hour").out
    assert [text for text in written if text not in table] == []
    assert table.count(f"\n{day} ") == hours


def test_hours_of_any_day_and_zone_equal_the_day(autostats: Autostats, tmp_path: Path) -> None:
    chance = random.Random(7)
    zones = ("Europe/London", "America/St_Johns", "Pacific/Chatham", "Africa/Casablanca")
    for place, zone in enumerate(zones):
        home = tmp_path / str(place)
        start = date(2025, 1, 1) + timedelta(days=chance.randrange(365))
        made = busy_jobs(["WISH", "GEM"], start, 5, seed=place)
        write_marts(
            home / "autostats.duckdb", made, made[-1].created + timedelta(days=2), facility_timezone=zone
        )
        period = ("--from", str(start - timedelta(days=1)), "--to", str(start + timedelta(days=5)))
        hours = breakdown(autostats, home, "hour", *period)
        for day in breakdown(autostats, home, "day", *period):
            own = [row for row in hours if (row["day"], row["instrument"]) == (day["day"], day["instrument"])]
            assert {name: sum(row[name] for row in own) for name in ADD_UP} == {
                name: day[name] for name in ADD_UP
            }, zone


def test_a_flagged_batch_of_one_number_is_no_run_of_its_hour(autostats: Autostats, tmp_path: Path) -> None:
    noon = datetime(2020, 2, 11, 12)
    made = [
        job(1, 1, "e", noon, noon, noon),
        job(2, 1, "c", noon, noon, noon, batch_run=True),
        job(3, 2, "c", noon, noon, noon, batch_run=True),
    ]
    write_marts(tmp_path / "autostats.duckdb", made, datetime(2020, 2, 12, 5))
    names = ("jobs_total", "jobs_batch", "runs_total", "runs_passed", "runs_failed")
    for by, place in (("hour", 12), ("day", 0)):
        row = breakdown(autostats, tmp_path, by, "--from", "2020-02-11", "--to", "2020-02-11")[place]
        assert [row[name] for name in names] == [3, 2, 1, 0, 1]


def test_which_hours_have_a_row(autostats: Autostats, tmp_path: Path) -> None:
    """Zeros from the instrument's first day to the moment of the statistics; none of an idle instrument."""
    noon, evening = datetime(2020, 2, 11, 12), datetime(2020, 2, 12, 21)
    made = [
        job(1, 1, "c", noon - timedelta(days=9), None, None, instrument="LOQ"),
        job(2, 1, "c", noon, None, None),
        # Out of the source's future, yet counted on the day.
        job(3, 2, "q", evening, None, None),
    ]
    write_marts(tmp_path / "autostats.duckdb", made, datetime(2020, 2, 12, 9, 30))
    rows = breakdown(autostats, tmp_path, "hour", "--from", "2020-02-10", "--to", "2020-02-13")
    assert {row["instrument"] for row in rows} == {"WISH"}
    first = datetime(2020, 2, 11)
    assert [begins(row) for row in rows] == [first + HOUR * place for place in range(24 + 10)] + [evening]
    assert sum(row["jobs_total"] for row in rows) == 2
    assert (rows[3]["jobs_total"], rows[3]["pass_rate"], rows[3]["median_exe_time"]) == (0, None, None)
    assert breakdown(autostats, tmp_path, "hour", "LOQ", "--from", "2020-02-11", "--to", "2020-02-12") == []


def test_hours_before_the_record(autostats: Autostats, tmp_path: Path) -> None:
    """East of Greenwich the year 1 begins before there is any UTC."""
    write_marts(
        tmp_path / "autostats.duckdb", [], datetime(2020, 2, 12, 9, 30), facility_timezone="Asia/Kolkata"
    )
    assert breakdown(autostats, tmp_path, "hour", "--from", "0001-01-01", "--to", "0001-01-02") == []


def test_a_long_period_by_hour_is_refused(autostats: Autostats, busy_home: Path) -> None:
    result = autostats(
        "report", "--home", busy_home, "--from", "2020-01-01", "--to", "2020-02-01", "--by", "hour"
    )
    assert (result.code, result.out) == (2, "")
    assert "at most 31 days" in result.err
    assert "--by day" in result.err
    assert (
        autostats("report", "--home", busy_home, "--from", "2020-01", "--to", "2020-01", "--by", "hour").code
        == 0
    )
