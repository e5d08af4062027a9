"""The lists of pending jobs and of data problems."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.installed import Autostats
from support.marts import job, write_marts

NOON = datetime(2020, 2, 11, 12)


@pytest.fixture(scope="module")
def hanging_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """WISH has a queued job and one being processed, GEM an older one, and MARI a job without an end."""
    home = tmp_path_factory.mktemp("hanging")
    old = datetime(2020, 1, 20, 12)
    jobs = [
        job(1, 1, "q", NOON, None, None),
        job(2, 2, "p", NOON.replace(hour=10), NOON.replace(hour=11), None),
        job(3, 3, "c", NOON, NOON, NOON),
        job(4, 1, "q", old, None, None, instrument="GEM"),
        job(5, 1, "e", NOON, NOON, None, instrument="MARI"),
    ]
    write_marts(home / "autostats.duckdb", jobs, datetime(2020, 2, 12, 12))
    return home


def listed(autostats: Autostats, home: Path, name: str, *options: str) -> list[dict[str, Any]]:
    ran = autostats(
        *("report", *options, f"--{name}", "--from", "2020-02-10", "--to", "2020-02-12"),
        *("--format", "json", "--home", home),
    )
    assert ran.code == 0, ran.err
    rows: list[dict[str, Any]] = json.loads(ran.out)[name]
    return rows


def test_pending_jobs_with_their_age(autostats: Autostats, hanging_home: Path) -> None:
    rows = listed(autostats, hanging_home, "pending")
    assert [(row["job_id"], row["status"], row["age_hours"]) for row in rows] == [
        (2, "processing", 26),
        (1, "queued", 24),
    ]
    assert listed(autostats, hanging_home, "pending", "MARI") == []


def test_problems_with_what_was_done(autostats: Autostats, hanging_home: Path) -> None:
    [row] = listed(autostats, hanging_home, "problems")
    assert (row["instrument"], row["job_id"], row["problem"]) == ("MARI", 5, "no_end")
    assert row["detail"]


def test_headings_count(autostats: Autostats, hanging_home: Path) -> None:
    days = ("--from", "2020-02-10", "--to", "2020-02-12")
    text = autostats("report", "--pending", "--problems", *days, "--home", hanging_home).out
    assert "Pending jobs (2), created in this period" in text
    assert "1 more were created before 2020-02-10." in text
    assert "Data problems (1)" in text
    page = autostats("report", *days, "--format", "html", "--home", hanging_home).out
    assert "Pending jobs (2)" in page
    csv = autostats("report", "--pending", *days, "--format", "csv", "--home", hanging_home).out
    assert csv.startswith("instrument,job_id,run_number,")
