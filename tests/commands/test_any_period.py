"""Distinct runs and percentiles are exact for any range, whatever it is broken down by."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from autostats.verification.job import Job
from autostats.verification.settings import Settings
from support.installed import Autostats
from support.marts import busy_jobs, write_marts
from support.reports import Recounted, expected_row, report_json

FIRST, DAYS = date(2019, 11, 25), 110
SETTINGS = Settings(as_of=datetime(2020, 3, 20))
# What parts add up to; distinct runs and percentiles do not.
ADD_UP = ("jobs_total", "jobs_passed", "jobs_failed", "jobs_batch", "exe_time_count", "missing_runs")


@pytest.fixture(scope="module")
def made() -> list[Job]:
    return [
        Job(source, SETTINGS) for source in busy_jobs(["WISH", "GEM"], FIRST, DAYS, seed=11, most_per_day=12)
    ]


@pytest.fixture(scope="module")
def long_home(tmp_path_factory: pytest.TempPathFactory, made: Sequence[Job]) -> Path:
    """Jobs of two quarters, two cycles and two years."""
    home = tmp_path_factory.mktemp("long")
    write_marts(home / "autostats.duckdb", [job.source for job in made], SETTINGS.as_of)
    return home


@pytest.fixture(scope="module")
def recounted(made: Sequence[Job]) -> dict[str | None, Recounted]:
    """Those of each instrument, and (None) of all together."""
    parts = {name: [job for job in made if job.instrument == name] for name in ("WISH", "GEM")}
    return {name: Recounted.of(own, SETTINGS) for name, own in {**parts, None: made}.items()}


@pytest.mark.parametrize("seed", range(12))
def test_any_range_equals_a_recount(
    autostats: Autostats, long_home: Path, recounted: dict[str | None, Recounted], seed: int
) -> None:
    chance = random.Random(seed)
    by = ("day", "week", "month", "quarter", "cycle", "hour")[seed % 6]
    first = FIRST + timedelta(days=chance.randrange(-3, DAYS))
    length = chance.randrange(31 if by == "hour" else DAYS)
    last = min(first + timedelta(days=length), date(2020, 3, 19))
    found = report_json(autostats, long_home, "--from", str(first), "--to", str(last), "--by", by)
    for row in [*found["summary"], *([] if by == "hour" else found[f"{by}s"])]:
        begins = row.get("first_day") or row.get("day") or str(first)
        ends = row.get("last_day") or row.get("day") or str(last)
        expected = expected_row(
            recounted[row["instrument"]], date.fromisoformat(begins), date.fromisoformat(ends)
        )
        got = {name: row[name] for name in expected}
        assert got == {**expected, "avg_exe_time": pytest.approx(expected["avg_exe_time"])}, (by, begins)
    of_all = expected_row(recounted[None], first, last)
    if "total" in found:
        assert {name: found["total"][name] for name in of_all} == {
            **of_all,
            "avg_exe_time": pytest.approx(of_all["avg_exe_time"]),
        }
    if by != "cycle":
        for row in found["summary"]:
            parts = [part for part in found[f"{by}s"] if part["instrument"] == row["instrument"]]
            assert {name: sum(part[name] for part in parts) for name in ADD_UP} == {
                name: row[name] for name in ADD_UP
            }


def test_weeks_over_new_year_are_those_of_the_iso_year(autostats: Autostats, long_home: Path) -> None:
    found = report_json(
        autostats, long_home, "gem", "--from", "2019-12-28", "--to", "2020-01-06", "--by", "week"
    )
    assert [(row["week"], row["first_day"], row["last_day"]) for row in found["weeks"]] == [
        ("2019-W52", "2019-12-28", "2019-12-29"),
        ("2020-W01", "2019-12-30", "2020-01-05"),
        ("2020-W02", "2020-01-06", "2020-01-06"),
    ]


def test_quarters_are_three_months(autostats: Autostats, long_home: Path) -> None:
    period = ("--from", "2019-11-25", "--to", "2020-03-13")
    quarters = report_json(autostats, long_home, "gem", *period, "--by", "quarter")["quarters"]
    assert [(row["quarter"], row["first_day"], row["last_day"]) for row in quarters] == [
        ("2019-Q4", "2019-11-25", "2019-12-31"),
        ("2020-Q1", "2020-01-01", "2020-03-13"),
    ]
    months = report_json(autostats, long_home, "gem", *period, "--by", "month")["months"]
    for row, own in zip(quarters, (months[:2], months[2:]), strict=True):
        assert {name: sum(month[name] for month in own) for name in ADD_UP} == {
            name: row[name] for name in ADD_UP
        }
    # A run that was reduced in both quarters is one run of each.
    assert sum(month["runs_total"] for month in months) > sum(row["runs_total"] for row in quarters)
