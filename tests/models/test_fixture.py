"""Nine jobs of one instrument on two winter days, and the numbers that they must give."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import DbtProject, contents, select
from support.extent import long_only
from support.sources import EVENING_OF_12_FEBRUARY, SCHEMAS, Era, SourceWriter, genuine_era_c, wish_fixture

FEB_11, FEB_12 = date(2020, 2, 11), date(2020, 2, 12)
MARTS = (
    "fct_jobs",
    "fct_job_volume_daily",
    "rpt_jobs_by_minute",
    "fct_run_daily",
    "fct_instrument_daily",
    "fct_instrument_hourly",
    "fct_resolved_runs",
    "fct_unresolved_runs",
    "fct_missing_runs",
    "fct_run_number_jumps",
    "rpt_missing_runs",
    "rpt_instrument_silence",
    "fct_data_problems",
    "dim_instruments",
    "dim_cycles",
    "dim_days",
)
DAYS: dict[date, dict[str, Any]] = {
    FEB_11: {
        "instrument_day_key": "WISH|2020-02-11",
        "day": FEB_11,
        "instrument": "WISH",
        "jobs_total": 5,
        "jobs_passed": 2,
        "jobs_failed": 2,
        "jobs_skipped": 1,
        "jobs_pending": 0,
        "jobs_other": 0,
        "jobs_batch": 0,
        "pass_rate": 0.5,
        "started_by_auto": 4,
        "started_by_devs": 0,
        "started_by_users": 1,
        "started_by_unknown": 0,
        "exe_time_count": 2,
        "exe_time_sum": 485.0,
        "avg_exe_time": 242.5,
        "median_exe_time": 227.0,
        "p95_exe_time": 258.0,
        "max_exe_time": 258.0,
        "runs_total": 4,
        "runs_passed": 2,
        "runs_failed": 1,
        "runs_other": 1,
        "resolved_runs": 1,
        "cycle": "2019/04",
        "is_maintenance_day": False,
        "is_complete": True,
    },
    FEB_12: {
        "instrument_day_key": "WISH|2020-02-12",
        "day": FEB_12,
        "instrument": "WISH",
        "jobs_total": 4,
        "jobs_passed": 3,
        "jobs_failed": 0,
        "jobs_skipped": 0,
        "jobs_pending": 1,
        "jobs_other": 0,
        "jobs_batch": 1,
        "pass_rate": 1.0,
        "started_by_auto": 0,
        "started_by_devs": 2,
        "started_by_users": 1,
        "started_by_unknown": 1,
        "exe_time_count": 3,
        "exe_time_sum": 899.0,
        "avg_exe_time": pytest.approx(299.667, abs=0.001),
        "median_exe_time": 239.0,
        "p95_exe_time": 600.0,
        "max_exe_time": 600.0,
        "runs_total": 3,
        "runs_passed": 2,
        "runs_failed": 0,
        "runs_other": 1,
        "resolved_runs": 1,
        "cycle": "2019/04",
        "is_maintenance_day": False,
        "is_complete": False,
    },
}


def days(home: Path) -> dict[date, dict[str, Any]]:
    return {row["day"]: row for row in select(home, "from fct_instrument_daily")}


def test_the_days(wish_home: Path) -> None:
    assert days(wish_home) == DAYS


def test_the_runs_of_each_day(wish_home: Path) -> None:
    query = "select day, run_number, jobs_total, last_job_id, outcome from fct_run_daily order by all"
    assert [tuple(row.values()) for row in select(wish_home, query)] == [
        (FEB_11, 100, 2, 2, "passed"),
        (FEB_11, 101, 1, 3, "passed"),
        (FEB_11, 103, 1, 4, "failed"),
        (FEB_11, 104, 1, 5, "other"),
        (FEB_12, 103, 1, 7, "passed"),
        (FEB_12, 104, 1, 6, "passed"),
        (FEB_12, 105, 1, 9, "other"),
    ]


def test_the_resolved_runs(wish_home: Path) -> None:
    rows = select(wish_home, "from fct_resolved_runs order by run_number")
    assert [(row["run_number"], row["resolved_day"], row["attempts"]) for row in rows] == [
        (100, FEB_11, 2),
        (103, FEB_12, 2),
    ]
    assert rows[0] == {
        "instrument": "WISH",
        "run_number": 100,
        "resolved_day": FEB_11,
        "first_failed_at": datetime(2020, 2, 11, 10, 1, 5),
        "resolved_at": datetime(2020, 2, 11, 11, 4, 28),
        "attempts": 2,
        "hours_to_resolve": pytest.approx(timedelta(hours=1, minutes=3, seconds=23) / timedelta(hours=1)),
        "resolved_by": "users",
        "is_still_passing": True,
        "load_number": 1,
    }
    assert select(wish_home, "from fct_unresolved_runs") == []


def test_the_missing_run(wish_home: Path) -> None:
    assert select(wish_home, "from fct_missing_runs") == [
        {
            "instrument": "WISH",
            "kind": "gap",
            "state": "open",
            "is_counted": True,
            "ignored_reason": None,
            "cycle": "2019/04",
            "run_number": 102,
            "noticed_at": datetime(2020, 2, 11, 13),
            "arrived_at": None,
            "noticed_day": FEB_11,
        }
    ]
    (found,) = select(wish_home, "from rpt_missing_runs")
    assert (found["first_run_number"], found["last_run_number"]) == (102, 102)
    assert (found["runs"], found["age_days"]) == (1, 1)
    assert select(wish_home, "from fct_run_number_jumps") == []


def test_the_one_problem_is_the_unknown_starter(wish_home: Path) -> None:
    assert select(wish_home, "select job_id, problem from fct_data_problems") == [
        {"job_id": 9, "problem": "unknown_starter"}
    ]


def test_the_instrument_and_the_settings(wish_home: Path) -> None:
    assert select(wish_home, "from dim_instruments") == [
        {
            "instrument": "WISH",
            "last_run_number": 105,
            "archive_last_run_number": None,
            "is_active": True,
            "is_paused": False,
            "is_behind": False,
            "first_day": FEB_11,
            "last_day": FEB_12,
        }
    ]
    (settings,) = select(wish_home, "from dim_settings")
    assert settings["as_of"] == EVENING_OF_12_FEBRUARY
    assert (settings["facility_timezone"], settings["source_timezone"]) == ("Europe/London", "UTC")
    assert (settings["max_gap"], settings["lookback_days"], settings["load_number"]) == (1000, 14, 1)


@pytest.mark.slow
@pytest.mark.parametrize("era", ["A", "B"])
def test_the_eras_before_give_the_same_numbers(
    project: DbtProject, wish_home: Path, tmp_path: Path, era: Era
) -> None:
    """Less the batch job, which their schema cannot hold."""
    source = SCHEMAS[era](tmp_path / "source.sqlite")
    with SourceWriter.open(source, era) as writer:
        wish_fixture(writer)
    home = tmp_path / "home"
    project.build(home, source, EVENING_OF_12_FEBRUARY)
    found = days(home)
    assert found[FEB_11] == DAYS[FEB_11]
    batch = {"jobs_total": 3, "jobs_passed": 2, "jobs_batch": 0, "started_by_users": 0}
    times = {"exe_time_count": 2, "exe_time_sum": 299.0, "avg_exe_time": 149.5}
    ranks = {"median_exe_time": 60.0, "p95_exe_time": 239.0, "max_exe_time": 239.0}
    assert found[FEB_12] == DAYS[FEB_12] | batch | times | ranks
    counts_the_batch = {
        *("fct_jobs", "fct_job_volume_daily", "rpt_jobs_by_minute"),
        *("fct_instrument_daily", "fct_instrument_hourly"),
    }
    same = [mart for mart in MARTS if mart not in counts_the_batch]
    assert contents(home, same) == contents(wish_home, same)


@pytest.mark.slow
def test_the_same_night_by_night(project: DbtProject, wish_home: Path, tmp_path: Path) -> None:
    """As the jobs come in, and as job 3, started before midnight, ends after it."""
    source = genuine_era_c(tmp_path / "source.sqlite")
    home = tmp_path / "home"
    whole = genuine_era_c(tmp_path / "whole.sqlite")
    with SourceWriter.open(whole) as writer:
        wish_fixture(writer)
    with SourceWriter.open(source) as writer:
        wish_fixture(writer)
        for job_id in (6, 7, 8, 9):
            writer.delete_job(job_id)
        writer.update_job(3, status="processing", finished=None)
        writer.update_job(2, status="queued", started=None, finished=None)
    project.build(home, source, datetime(2020, 2, 11, 11, 30))
    assert days(home)[FEB_11]["jobs_pending"] == 2
    with SourceWriter.open(source) as writer:
        started, finished = datetime(2020, 2, 11, 11, 0, 10), datetime(2020, 2, 11, 11, 4, 28)
        writer.update_job(2, status="completed", started=started, finished=finished)
    project.build(home, source, datetime(2020, 2, 11, 23, 59, 59))
    night = days(home)[FEB_11]
    assert (night["jobs_passed"], night["jobs_pending"], night["resolved_runs"]) == (1, 1, 1)
    project.build(home, whole, EVENING_OF_12_FEBRUARY, tests="data")
    assert days(home) == DAYS
    assert contents(home, MARTS) == contents(wish_home, MARTS)
    project.build(home, whole, EVENING_OF_12_FEBRUARY, "--full-refresh")
    assert contents(home, MARTS) == contents(wish_home, MARTS)


@pytest.mark.slow
@long_only
def test_each_rule_of_each_model(
    project: DbtProject, wish_home: Path, wish_source: Path, tmp_path: Path
) -> None:
    """The unit tests of dbt."""
    home = tmp_path / "home"
    shutil.copytree(wish_home, home)
    tests = project.invoke("test", "--select", "test_type:unit", home=home, source=wish_source)
    assert len(tests.results) > 120
