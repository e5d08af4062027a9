"""The data tests find what they are there for, and the newest load alone is what they look at."""

import shutil
from pathlib import Path

import pytest
from support.dbt_project import DbtFailed, DbtProject, statistics


@pytest.fixture
def tampered(wish_home: Path, tmp_path: Path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(wish_home, home)
    return home


FAULTS = {
    "update fct_instrument_daily set jobs_passed = jobs_passed + 1": "statuses_add_up",
    "update fct_instrument_daily set started_by_auto = started_by_auto + 1": "starters_add_up",
    "update fct_instrument_daily set runs_other = runs_other + 1": "run_outcomes_add_up",
    "update fct_instrument_daily set median_exe_time = p95_exe_time + 1": "times_are_in_order",
    "update fct_instrument_daily set jobs_batch = 99": "parts_are_within_the_whole",
    "insert into fct_instrument_daily from fct_instrument_daily limit 1": "unique_fct_instrument_daily",
    "insert into fct_run_daily from fct_run_daily limit 1": "unique_combination_of_columns_fct_run_daily",
    "insert into int_job_versions select * replace (version_id + 1e10 as version_id) from int_job_versions": (
        "unique_fct_jobs_job_id"
    ),
    "update int_job_versions set status = 'done' where job_id = 1": "accepted_values_fct_jobs_status",
    "update int_job_versions set instrument = 'W1SH' where job_id = 1": "relationships_fct_jobs_instrument",
    "update fct_missing_runs set state = 'lost'": "accepted_values_fct_missing_runs_state",
    "update fct_missing_runs set arrived_at = noticed_at": "states_are_explained",
    "delete from int_instrument_days where day = '2020-02-12'": "daily_jobs_are_all_jobs",
    "delete from fct_run_daily where run_number = 105": "daily_runs_are_all_runs",
    "update fct_resolved_runs set is_still_passing = false": "no_run_passes_and_fails",
    "update dim_cycles set last_day = '2020-03-01' where cycle = '2018/01'": "beam_cycles_do_not_overlap",
}


@pytest.mark.slow
def test_each_fault_is_found(project: DbtProject, tampered: Path, wish_source: Path) -> None:
    """All at once, for a command of dbt takes its time."""
    with statistics(tampered) as connection:
        for statement in FAULTS:
            connection.execute(statement)
    with pytest.raises(DbtFailed) as failure:
        project.invoke("test", "--select", "test_type:data", home=tampered, source=wish_source)
    assert [fault for fault in FAULTS.values() if fault not in str(failure.value)] == []


@pytest.mark.slow
def test_older_loads_are_left_alone(project: DbtProject, tampered: Path, wish_source: Path) -> None:
    """They were tested in their own night: a night costs what changed."""
    with statistics(tampered) as connection:
        connection.execute("update int_job_versions set status = 'done' where job_id = 1")
        connection.execute("update int_job_versions set load_number = 2 where job_id = 9")
    project.invoke("test", "--select", "accepted_values_fct_jobs_status*", home=tampered, source=wish_source)
    with statistics(tampered) as connection:
        connection.execute("update int_job_versions set status = 'done' where job_id = 9")
    with pytest.raises(DbtFailed, match="accepted_values_fct_jobs_status"):
        project.invoke(
            "test", "--select", "accepted_values_fct_jobs_status*", home=tampered, source=wish_source
        )
