"""Three years of thirty instruments on one page: it stays small, and quick to make."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from support.installed import Autostats
from support.marts import write_marts
from support.page import read_page, table

_JOBS = """
    select
        row_number() over (order by day, place, hour) as job_id,
        'INST' || lpad(cast(place as varchar), 2, '0') as instrument,
        case when hash(day, place, hour) % 10 = 0 then 'error' else 'completed' end as status,
        'auto' as starter, cast(hash(place, hour, day) % 600 as double) as exe_time,
        false as is_batch, false as is_deleted, job_id as run_number,
        day + to_hours(hour) as created_at, day,
        1 as load_number, timestamp '2020-02-13' as loaded_at
    from
        generate_series(timestamp '2017-02-13', timestamp '2020-02-12', interval 1 day) as days (day),
        range(30) as places (place), range(20) as hours (hour)
"""
_MARTS = {
    "dim_days": "select distinct day, false as is_maintenance_day from fct_jobs",
    "dim_instruments": "select distinct instrument, true as is_active, false as is_paused from fct_jobs",
    "fct_instrument_daily": """
        select
            concat(instrument, '|', day) as instrument_day_key,
            instrument, day, count(*) as jobs_total, count(*) filter (status = 'completed') as jobs_passed,
            count(*) filter (status = 'error') as jobs_failed, 0 as jobs_skipped, 0 as jobs_pending,
            0 as jobs_other, 0 as jobs_batch, count(*) filter (status = 'completed') / count(*) as pass_rate,
            count(*) as started_by_auto, 0 as started_by_devs, 0 as started_by_users,
            0 as started_by_unknown, count(exe_time) as exe_time_count,
            sum(exe_time) as exe_time_sum, count(*) as runs_total, count(*) as runs_passed, 0 as runs_failed,
            0 as runs_other, 0 as resolved_runs, false as is_maintenance_day, true as is_complete
        from fct_jobs
        group by instrument, day
    """,
    "fct_run_daily": """
        select
            instrument, day, run_number, 'passed' as outcome, 1 as jobs_total, 1 as jobs_passed,
            0 as jobs_failed
        from fct_jobs
    """,
    "fct_resolved_runs": """
        select
            instrument, run_number, created_at as first_failed_at, created_at as resolved_at,
            day as resolved_day, 2 as attempts, 1.5 as hours_to_resolve, 'users' as resolved_by,
            true as is_still_passing
        from fct_jobs
        where status = 'error'
    """,
    "fct_unresolved_runs": """
        select
            instrument, run_number, created_at as failed_since, created_at as last_failed_at,
            day as failed_day, 1 as attempts, job_id as last_job_id, 'auto' as last_started_by
        from fct_jobs
        where status = 'error' and job_id % 7 = 0
    """,
    "fct_missing_runs": """
        select
            instrument, 10000000 + run_number as run_number, 'gap' as kind, 'open' as state,
            true as is_counted, created_at as noticed_at, day as noticed_day
        from fct_jobs
        where job_id % 40 = 0
    """,
    "rpt_missing_runs": """
        select
            instrument, run_number as first_run_number, run_number as last_run_number, 1 as runs, kind, state,
            noticed_at, noticed_day
        from fct_missing_runs
    """,
    "fct_data_problems": """
        select
            instrument, 'no_start' as problem, 'left out of the times' as detail, job_id, run_number, day
        from fct_jobs
        where job_id % 30 = 0
    """,
}


@pytest.fixture
def large_home(tmp_path: Path) -> Path:
    path = write_marts(tmp_path / "autostats.duckdb", [], datetime(2020, 2, 13, 0, 30))
    with duckdb.connect(str(path)) as connection:
        connection.execute("use autostats.autostats")
        connection.execute("delete from dim_days")
        connection.execute(f"insert into fct_jobs by name {_JOBS}")
        for name, query in _MARTS.items():
            connection.execute(f"insert into {name} by name {query}")
    return tmp_path


@pytest.mark.slow
def test_three_years_of_thirty_instruments(autostats: Autostats, large_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    began = time.process_time()
    result = autostats("report", "--home", large_home, "--last", "3y", "--by", "day", "-o", file)
    assert time.process_time() - began < 15
    assert (result.code, result.out) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert len(text) < 2_000_000
    page = read_page(text)
    assert table(page, "summary")[-1][:3] == ["Total", "", "657,000"]
    for name in ("resolved", "unresolved", "missing", "days", "missing-numbers"):
        assert len(table(page, name)) == 201
    # Of these, and of the data problems.
    assert page.text.count("more rows: autostats ") == 6
