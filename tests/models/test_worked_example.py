"""The worked example of docs/definitions.md: its jobs and its numbers are those of the fixture."""

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from support.dbt_project import ROOT, select

PAGE = ROOT / "docs" / "definitions.md"
KEYS = {"instrument_day_key", "instrument", "day"}


def tables() -> list[list[list[str]]]:
    """Return the rows of each table in the section, as cells without their markup."""
    section = PAGE.read_text(encoding="utf-8").partition("## A worked example\n")[2].partition("\n## ")[0]
    return [
        [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
        for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    ]


def shown(value: Any) -> str:
    """Return a value as the page writes it."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1f}".removesuffix(".0")
        case datetime():
            return f"{value:%d %b %H:%M:%S}"
        case _:
            return str(value)


def test_the_jobs(wish_home: Path) -> None:
    rows = select(
        wish_home,
        """
        select
            job_id, coalesce(run_numbers, cast(run_number as varchar)) as runs, status, starter,
            created_at, started_at, finished_at
        from fct_jobs
        order by job_id
        """,
    )
    assert tables()[0] == [[shown(value) for value in row.values()] for row in rows]


def test_the_numbers_of_each_day(wish_home: Path) -> None:
    first, second = select(wish_home, "from fct_instrument_daily order by day")
    assert (first["day"], second["day"]) == (date(2020, 2, 11), date(2020, 2, 12))
    assert {name: (one, other) for name, one, other, _ in tables()[1]} == {
        name: (shown(first[name]), shown(second[name])) for name in first if name not in KEYS
    }


def test_both_days_together(wish_home: Path) -> None:
    query = "select avg(exe_time) as mean, quantile_disc(exe_time, 0.5) as median from fct_jobs"
    assert select(wish_home, query) == [{"mean": pytest.approx(276.8), "median": 239}]
