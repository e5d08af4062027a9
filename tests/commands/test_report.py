from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from autostats.queries import settings
from autostats.verification.job import Job, SourceJob
from autostats.verification.recount import nearest_rank
from support.homes import BUSY_SETTINGS, busy_deleted
from support.in_process import NowIs
from support.installed import Autostats
from support.marts import job, wish_jobs, write_marts
from support.reports import Recounted, expected_row, report_json

BOTH_DAYS = ("--from", "2020-02-11", "--to", "2020-02-12")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (
            "2020-02-11",
            {
                "jobs_total": 5,
                "jobs_passed": 2,
                "jobs_failed": 2,
                "jobs_skipped": 1,
                "started_by_auto": 4,
                "started_by_users": 1,
                "avg_exe_time": 242.5,
                "median_exe_time": 227,
                "p95_exe_time": 258,
                "runs_total": 4,
                "runs_passed": 2,
                "runs_failed": 1,
                "runs_other": 1,
                "resolved_runs": 1,
                "missing_runs": 1,
            },
        ),
        (
            "2020-02-12",
            {
                "jobs_total": 4,
                "jobs_passed": 3,
                "jobs_pending": 1,
                "jobs_batch": 1,
                "started_by_devs": 2,
                "started_by_users": 1,
                "started_by_unknown": 1,
                "avg_exe_time": pytest.approx(299.667, abs=0.001),
                "median_exe_time": 239,
                "p95_exe_time": 600,
                "runs_total": 3,
                "runs_passed": 2,
                "runs_failed": 0,
                "runs_other": 1,
                "resolved_runs": 1,
                "missing_runs": 0,
            },
        ),
    ],
)
def test_a_day_as_days_and_as_a_period(
    autostats: Autostats, wish_home: Path, day: str, expected: dict[str, Any]
) -> None:
    found = report_json(autostats, wish_home, "--from", day, "--to", day, "--by", "day")
    (of_day,) = found["days"]
    (of_period,) = found["summary"]
    assert {name: of_day[name] for name in expected} == expected
    shared = expected.keys() & of_period.keys()
    assert {name: of_period[name] for name in shared} == {name: expected[name] for name in shared}
    assert {**of_period, "instrument": None} == {**found["total"], "instrument": None}


def test_two_days_are_recounted_and_not_added_up(autostats: Autostats, wish_home: Path) -> None:
    """Runs 103 and 104 have jobs on both days; 103 failed on the first and passed on the second."""
    total = report_json(autostats, wish_home, *BOTH_DAYS)["total"]
    assert {name: total[name] for name in ("jobs_total", "jobs_passed", "jobs_failed", "pass_rate")} == {
        "jobs_total": 9,
        "jobs_passed": 5,
        "jobs_failed": 2,
        "pass_rate": 5 / 7,
    }
    assert [total[f"runs_{which}"] for which in ("total", "passed", "failed", "other")] == [5, 4, 0, 1]
    assert (total["resolved_runs"], total["missing_runs"]) == (2, 1)
    assert [total[f"{which}_exe_time"] for which in ("avg", "median", "p95")] == [
        pytest.approx((258 + 227 + 239 + 60 + 600) / 5),
        239,
        600,
    ]
    assert total["jobs_per_day"] == [5, 4]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2020-01-24", "2020-02-12"), ("2020-01-31", "2020-02-01"), ("2020-02-05", "2020-02-05")],
)
def test_periods_equal_a_recount(
    autostats: Autostats, busy_home: Path, busy_made: Sequence[SourceJob], first: str, last: str
) -> None:
    gone = busy_deleted(busy_made)
    jobs = [Job(made, BUSY_SETTINGS) for made in busy_made if made.job_id not in gone]
    days = (date.fromisoformat(first), date.fromisoformat(last))
    found = report_json(autostats, busy_home, "--from", first, "--to", last)
    assert [row["instrument"] for row in found["summary"]] == ["GEM", "Pearl", "WISH"]
    for row in found["summary"]:
        own = [job for job in jobs if job.instrument == row["instrument"]]
        expected = expected_row(Recounted.of(own, BUSY_SETTINGS), *days)
        assert {name: row[name] for name in expected} == expected
    expected = expected_row(Recounted.of(jobs, BUSY_SETTINGS), *days)
    assert {name: found["total"][name] for name in expected} == expected


def test_a_run_resolved_on_two_days_is_one_run_of_a_period(autostats: Autostats, tmp_path: Path) -> None:
    jobs = [
        job(place, 100, status, moment, moment, moment)
        for place, (day, hour, status) in enumerate(
            [(11, 9, "e"), (11, 10, "c"), (12, 9, "e"), (12, 10, "c")]
        )
        if (moment := datetime(2020, 2, day, hour))
    ]
    write_marts(tmp_path / "autostats.duckdb", jobs, datetime(2020, 2, 13, 5))
    found = report_json(autostats, tmp_path, *BOTH_DAYS, "--by", "day", "--resolved")
    assert [row["resolved_day"] for row in found["resolved"]] == ["2020-02-11", "2020-02-12"]
    assert [row["resolved_runs"] for row in found["days"]] == [1, 1]
    assert [row["resolved_runs"] for row in (*found["summary"], found["total"])] == [1, 1]


@pytest.mark.parametrize("by", ["week", "month", "quarter", "cycle"])
def test_parts_of_a_period_equal_reports_of_their_own(autostats: Autostats, busy_home: Path, by: str) -> None:
    found = report_json(autostats, busy_home, "--from", "2020-01-24", "--to", "2020-02-12", "--by", by)
    parts = found[f"{by}s"]
    assert parts
    for label in {row[by] for row in parts}:
        rows = [row for row in parts if row[by] == label]
        alone = report_json(
            autostats, busy_home, "--from", rows[0]["first_day"], "--to", rows[0]["last_day"]
        )["summary"]
        shared = rows[0].keys() & alone[0].keys()
        assert [{name: row[name] for name in shared} for row in rows] == [
            {name: row[name] for name in shared} for row in alone
        ]


def test_weeks_months_and_cycles_are_cut_to_the_period(autostats: Autostats, busy_home: Path) -> None:
    def spans(by: str) -> list[tuple[str, str, str]]:
        found = report_json(
            autostats, busy_home, "gem", "--from", "2020-01-28", "--to", "2020-02-12", "--by", by
        )
        return [(row[by], row["first_day"], row["last_day"]) for row in found[f"{by}s"]]

    assert spans("week") == [
        ("2020-W05", "2020-01-28", "2020-02-02"),
        ("2020-W06", "2020-02-03", "2020-02-09"),
        ("2020-W07", "2020-02-10", "2020-02-12"),
    ]
    assert spans("month") == [
        ("2020-01", "2020-01-28", "2020-01-31"),
        ("2020-02", "2020-02-01", "2020-02-12"),
    ]
    assert spans("cycle") == [("2019/04", "2020-02-11", "2020-02-12")]


def test_without_a_period_the_last_seven_complete_days(autostats: Autostats, busy_home: Path) -> None:
    found = report_json(autostats, busy_home)
    assert found["period"] == {"first_day": "2020-02-05", "last_day": "2020-02-11", "days": 7}
    assert found["total"]["jobs_per_day"] == [
        sum(days) for days in zip(*(row["jobs_per_day"] for row in found["summary"]), strict=True)
    ]


def test_a_cycle(autostats: Autostats, wish_home: Path) -> None:
    found = report_json(autostats, wish_home, "--cycle", "2019/04")
    assert found["period"]["first_day"] == "2020-02-11"
    assert found["total"]["jobs_total"] == 9
    unknown = autostats("report", "--home", wish_home, "--cycle", "2019/99")
    assert unknown.code == 2
    assert "2019/04" in unknown.err
    assert autostats("report", "--home", wish_home, "--cycle", "2019/04", "--last", "7d").code == 2


def test_instruments_in_any_case(autostats: Autostats, busy_home: Path) -> None:
    found = report_json(autostats, busy_home, "gem", "PEARL", "Gem")
    assert [row["instrument"] for row in found["summary"]] == ["GEM", "Pearl"]


def test_unknown_instruments_are_told_the_known_ones(autostats: Autostats, busy_home: Path) -> None:
    result = autostats("report", "--home", busy_home, "WIHS\x1b")
    assert (result.code, result.out) == (2, "")
    assert "Did you mean WISH?" in result.err
    assert "Known instruments: GEM, Pearl, WISH." in result.err
    assert "\x1b" not in result.err


def test_two_instruments_that_differ_in_case(autostats: Autostats, tmp_path: Path) -> None:
    write_marts(
        tmp_path / "autostats.duckdb", wish_jobs(), datetime(2020, 2, 12, 23, 30), idle_instruments=["Wish"]
    )
    assert autostats("report", "WISH", "--home", tmp_path).code == 0
    ambiguous = autostats("report", "wish", "--home", tmp_path)
    assert ambiguous.code == 2
    assert "WISH or Wish" in ambiguous.err


@pytest.mark.parametrize("format_", ["table", "csv", "json", "md"])
def test_no_rows_in_the_period(autostats: Autostats, wish_home: Path, format_: str) -> None:
    result = autostats(
        "report", "--home", wish_home, "--from", "2019-01-01", "--to", "2019-01-07", "--all", "--format",
        "json" if format_ == "csv" else format_,
    )  # fmt: skip
    assert result.code == 0
    assert "No statistics for 2019-01-01 to 2019-01-07" in result.err
    assert "2020-02-11 to 2020-02-12" in result.err
    if format_ == "json":
        found = json.loads(result.out)
        assert [found[name] for name in ("summary", "days", "resolved", "unresolved", "missing")] == [[]] * 5
        assert "total" not in found


def test_no_rows_as_csv_is_the_header(autostats: Autostats, wish_home: Path) -> None:
    result = autostats(
        "report", "--home", wish_home, "--from", "2019-01-01", "--to", "2019-01-07", "--format", "csv"
    )
    assert result.code == 0
    assert result.out.count("\n") == 1
    assert result.out.startswith("instrument,jobs_total,")


def test_an_instrument_that_never_had_a_job(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("report", "LOQ", "--home", wish_home, *BOTH_DAYS)
    assert result.code == 0
    assert "have no jobs" in result.err


def test_a_period_beyond_the_last_build(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("report", "--home", wish_home, "--from", "2020-02-11", "--to", "2020-02-20")
    assert result.code == 0
    assert "The statistics end on 2020-02-12" in result.err
    assert autostats("report", "--home", wish_home, "--to", "2020-02-20", "--quiet").err == ""


@pytest.mark.parametrize(
    ("age", "is_told"),
    [
        (timedelta(seconds=1), False),
        (timedelta(hours=26), False),
        (timedelta(hours=26, seconds=1), True),
    ],
)
@pytest.mark.parametrize("as_of", [datetime(2028, 2, 29), datetime(2029, 12, 31, 23, 59, 59)], ids=str)
def test_an_old_build_is_told(
    autostats: Autostats, now_is: NowIs, tmp_path: Path, as_of: datetime, age: timedelta, is_told: bool
) -> None:
    now_is(as_of + age)
    write_marts(tmp_path / "autostats.duckdb", [], as_of)
    for wanted in ("table", "csv"):
        result = autostats("report", "--home", tmp_path, "--format", wanted)
        said = " ".join((result.out if wanted == "table" else result.err).split())
        assert ("has `autostats run` stopped?" in said) == is_told


@pytest.mark.parametrize(
    "arguments",
    [
        ("--from", "2020-02-12", "--to", "2020-02-11"),
        ("--from", "soon"),
        ("--to", "2020-02-14"),
        ("--last", "fortnight"),
        ("--last", "7d", "--from", "2020-02-11"),
        ("--format", "yaml"),
        ("--by", "fortnight"),
        ("--output", "/nowhere/at/all.csv"),
        ("--nonsense",),
    ],
    ids=" ".join,
)
def test_bad_input(autostats: Autostats, now_is: NowIs, wish_home: Path, arguments: tuple[str, ...]) -> None:
    now_is(datetime(2020, 2, 13, 23, 59, 59))
    result = autostats("report", "--home", wish_home, *arguments)
    assert (result.code, result.out) == (2, "")
    assert "\nerror: " in f"\n{result.err}"
    assert "Traceback" not in result.err


def test_all_sections(autostats: Autostats, wish_home: Path) -> None:
    found = report_json(autostats, wish_home, *BOTH_DAYS, "--all")
    assert [row["run_number"] for row in found["resolved"]] == [100, 103]
    assert found["resolved"][1] == {
        "instrument": "WISH",
        "run_number": 103,
        "resolved_day": "2020-02-12",
        "first_failed_at": "2020-02-11T13:01:00Z",
        "resolved_at": "2020-02-12T09:31:00Z",
        "attempts": 2,
        "hours_to_resolve": 20.5,
        "resolved_by": "devs",
        "is_still_passing": True,
    }
    assert found["unresolved"] == []
    assert [(row["first_run_number"], row["last_run_number"], row["runs"]) for row in found["missing"]] == [
        (102, 102, 1)
    ]
    assert found["settings"]["as_of"] == "2020-02-12T23:30:00Z"


def test_statistics_of_the_future_hold_no_whole_day_after_yesterday(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "utc_now", lambda: datetime(2020, 2, 10, 12))
    period = report_json(autostats, wish_home)["period"]
    assert (period["first_day"], period["last_day"]) == ("2020-02-03", "2020-02-09")


@pytest.mark.parametrize(
    ("day", "listed", "older"), [("2020-06-11", 0, 0), ("2020-06-12", 1, 0), ("2020-06-13", 0, 1)]
)
def test_a_failure_at_midnight_is_one_of_the_day_that_begins(
    autostats: Autostats, tmp_path: Path, day: str, listed: int, older: int
) -> None:
    midnight_in_london = datetime(2020, 6, 11, 23)
    failed = job(1, 100, "e", midnight_in_london, midnight_in_london, midnight_in_london)
    write_marts(tmp_path / "autostats.duckdb", [failed], datetime(2020, 6, 14, 5))
    command = ("report", "--home", tmp_path, "--from", day, "--to", day, "--unresolved")
    assert len(json.loads(autostats(*command, "--format", "json").out)["unresolved"]) == listed
    assert autostats(*command).out.count("1 more that last failed before") == older


def test_unresolved_runs_of_the_period_and_before(autostats: Autostats, tmp_path: Path) -> None:
    write_marts(tmp_path / "autostats.duckdb", wish_jobs()[:5], datetime(2020, 2, 12, 23, 30))
    found = report_json(autostats, tmp_path, "--last", "1d", "--unresolved")
    assert [(row["run_number"], row["attempts"]) for row in found["unresolved"]] == [(103, 1)]
    later = autostats(
        "report", "--home", tmp_path, "--from", "2020-02-12", "--to", "2020-02-12", "--unresolved"
    )
    assert "None in this period." in later.out
    assert "1 more that last failed before 2020-02-12." in later.out


def test_a_local_day_in_summer_begins_at_23_utc(autostats: Autostats, tmp_path: Path) -> None:
    """Failed at 23:30 UTC on 30 June, which is 1 July in London."""
    failed = datetime(2020, 6, 30, 23, 30)
    write_marts(
        tmp_path / "autostats.duckdb", [job(1, 1, "e", failed, failed, failed)], datetime(2020, 7, 2, 12)
    )
    found = report_json(autostats, tmp_path, "--last", "1d", "--unresolved", "--by", "day")
    assert found["period"]["first_day"] == "2020-07-01"
    assert [row["run_number"] for row in found["unresolved"]] == [1]
    assert "2020-07-01 00:30:00" in autostats("report", "--home", tmp_path, "--unresolved").out


def test_csv_holds_the_section_that_is_asked_for(autostats: Autostats, wish_home: Path) -> None:
    def table(*arguments: str) -> list[dict[str, str]]:
        result = autostats("report", "--home", wish_home, *BOTH_DAYS, "--format", "csv", *arguments)
        assert result.code == 0, result.err
        return list(csv.DictReader(io.StringIO(result.out)))

    summary = table()
    assert [row["instrument"] for row in summary] == ["WISH", ""]
    assert (summary[1]["avg_exe_time"], summary[1]["jobs_total"]) == ("276.8", "9")
    assert [row["day"] for row in table("--by", "day")] == ["2020-02-11", "2020-02-12"]
    assert [row["resolved_at"] for row in table("--resolved")] == [
        "2020-02-11T11:04:28Z",
        "2020-02-12T09:31:00Z",
    ]
    two = autostats("report", "--home", wish_home, "--format", "csv", "--resolved", "--missing")
    assert (two.code, two.out) == (2, "")
    assert "resolved, missing" in two.err


def test_nothing_is_written_into_the_statistics(autostats: Autostats, wish_home: Path) -> None:
    file = wish_home / "autostats.duckdb"
    before = file.read_bytes()
    autostats("report", "--home", wish_home, "--all")
    assert file.read_bytes() == before
    assert [path.name for path in wish_home.iterdir()] == ["autostats.duckdb"]


@pytest.mark.slow
def test_percentiles_of_duckdb_are_the_nearest_rank() -> None:
    with duckdb.connect() as connection:
        for count in [*range(1, 130), 1000, 9999]:
            found = connection.execute(
                "select percentile_disc(0.5) within group (order by n),"
                " percentile_disc(0.95) within group (order by n) from range(1, ?) as numbers(n)",
                [count + 1],
            ).fetchone()
            numbers = list(range(1, count + 1))
            assert found == (nearest_rank(numbers, 50), nearest_rank(numbers, 95))


def test_a_day_that_was_not_over(autostats: Autostats, wish_home: Path) -> None:
    told = "2020-02-12 was not over when the statistics were built."
    assert told in autostats("report", "--home", wish_home, *BOTH_DAYS).out
    assert told not in autostats("report", "--home", wish_home, "--to", "2020-02-11").out


def test_unknown_is_shown_where_something_is_unknown(autostats: Autostats, tmp_path: Path) -> None:
    lost = [job(20, 7, "c", datetime(2020, 2, 11, 9), None, None, instrument=None)]
    write_marts(tmp_path / "autostats.duckdb", [*wish_jobs(), *lost], datetime(2020, 2, 12, 23, 30))

    def names(*arguments: str) -> list[str]:
        return [row["instrument"] for row in report_json(autostats, tmp_path, *arguments)["summary"]]

    day = ("--from", "2020-02-12", "--to", "2020-02-12")
    assert names(*BOTH_DAYS) == ["unknown", "WISH"]
    assert names(*day) == ["WISH"]
    assert names("unknown", *day) == ["unknown"]


def test_a_very_long_period_is_cut_to_the_record(autostats: Autostats, wish_home: Path) -> None:
    found = report_json(autostats, wish_home, "--from", "0001-01-01", "--to", "2020-02-12", "--by", "week")
    assert [row["week"] for row in found["weeks"]] == ["2020-W07"]
    assert found["total"]["jobs_per_day"] == [5, 4]
