from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.queries.days import COUNTS, RATES, SECONDS
from autostats.queries.explain import NUMBERS, explain_number
from autostats.warehouse import connect
from support.homes import BUSY_FROM
from support.installed import Autostats
from support.marts import wish_jobs, write_marts


def test_every_number_of_the_record_can_be_explained() -> None:
    assert set(NUMBERS) == {*COUNTS, *RATES, *SECONDS, "missing_runs"}


def test_the_record_has_no_other_number(wish_home: Path) -> None:
    with duckdb.connect(str(wish_home / "autostats.duckdb"), read_only=True) as connection:
        columns = connection.execute("describe autostats.autostats.fct_instrument_daily").fetchall()
    assert {name for name, kind, *_ in columns if kind in ("BIGINT", "DOUBLE")} == {*COUNTS, *RATES, *SECONDS}


@pytest.mark.parametrize("column", NUMBERS)
def test_every_number_is_what_its_rows_make(busy_home: Path, column: str) -> None:
    with connect(Setup(Home(busy_home))) as warehouse:
        for offset in range(0, 20, 3):
            for instrument in ("WISH", "GEM", "Pearl"):
                day = date.fromordinal(BUSY_FROM.toordinal() + offset)
                found = explain_number(warehouse, instrument, day, column)
                if found is not None:
                    assert found.agrees, (instrument, day, found)


@pytest.mark.parametrize(
    ("column", "job_ids"),
    [
        ("jobs_total", [1, 2, 3, 4, 5]),
        ("jobs_failed", [1, 4]),
        ("jobs_skipped", [5]),
        ("started_by_users", [2]),
        ("exe_time_count", [2, 3]),
        ("p95_exe_time", [3, 2]),
        ("jobs_batch", []),
        ("pass_rate", [1, 2, 3, 4]),
    ],
)
def test_the_jobs_behind(autostats: Autostats, wish_home: Path, column: str, job_ids: list[int]) -> None:
    result = autostats("explain", "wish", "2020-02-11", column, "--home", wish_home, "--format", "json")
    found = json.loads(result.out)
    assert [row["job_id"] for row in found["rows"]] == job_ids
    assert found["agrees"] is True
    assert found["definition"]


def test_the_job_at_the_rank_is_marked(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("explain", "WISH", "2020-02-12", "p95_exe_time", "--home", wish_home)
    assert "p95_exe_time = 10m 00s (600 s)" in result.out
    (marked,) = (line for line in result.out.splitlines() if "<- it" in line)
    assert "100, 101, 103" in marked


def test_a_job_that_ends_on_another_day(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("explain", "WISH", "2020-02-11", "jobs_passed", "--home", wish_home)
    assert "WISH, Tue 2020-02-11: jobs_passed = 2" in result.out
    assert "00:02:47 +1d" in result.out
    assert "1820461 v1" in result.out


@pytest.mark.parametrize(
    ("column", "runs"), [("runs_failed", [103]), ("resolved_runs", [100]), ("missing_runs", [102])]
)
def test_the_runs_behind(autostats: Autostats, wish_home: Path, column: str, runs: list[int]) -> None:
    result = autostats("explain", "WISH", "2020-02-11", column, "--home", wish_home, "--format", "json")
    assert [row["run_number"] for row in json.loads(result.out)["rows"]] == runs


def test_a_number_that_its_rows_do_not_make(autostats: Autostats, tmp_path: Path) -> None:
    path = write_marts(tmp_path / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30))
    with duckdb.connect(str(path)) as connection:
        connection.execute("update autostats.autostats.fct_instrument_daily set jobs_failed = 3")
    result = autostats("explain", "WISH", "2020-02-11", "jobs_failed", "--home", tmp_path)
    assert result.code == 1
    assert "The record says 3, but the rows behind it give 2." in result.err
    assert "`autostats run --from 2020-02-11 --to 2020-02-11`" in result.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("WISH", "2020-02-11", "jobs_faild"), "Did you mean jobs_failed?"),
        (("WISH", "2020-02-11", "cycle"), "There are: jobs_total,"),
        (("WIHS", "2020-02-11", "jobs_failed"), "Did you mean WISH?"),
        (("WISH", "2020-02-31", "jobs_failed"), "There is no such date."),
        (("WISH", "2999-01-01", "jobs_failed"), "is in the future"),
        (("WISH", "2019-01-01", "jobs_failed"), "goes from 2020-02-11 to 2020-02-12"),
        (("LOQ", "2020-02-11", "jobs_failed"), "have no jobs"),
        (("WISH", "2020-02-11"), "COLUMN"),
    ],
)
def test_bad_input(autostats: Autostats, wish_home: Path, arguments: tuple[str, ...], says: str) -> None:
    result = autostats("explain", *arguments, "--home", wish_home)
    assert (result.code, result.out) == (2, "")
    assert says in result.err


def test_columns_in_any_case(autostats: Autostats, wish_home: Path) -> None:
    assert autostats("explain", "WISH", "2020-02-11", "JOBS_Total", "--home", wish_home).code == 0
