"""`--compare`: two periods side by side."""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.homes import BUSY_DAYS, BUSY_FROM
from support.installed import Autostats
from support.marts import job, write_marts

COMPARED = (
    "jobs_total",
    "jobs_failed",
    "pass_rate",
    "median_exe_time",
    "p95_exe_time",
    "runs_total",
    "resolved_runs",
    "missing_runs",
)


def found(autostats: Autostats, home: Path, *arguments: str) -> dict[str, Any]:
    result = autostats("report", "--home", home, *arguments, "--format", "json")
    assert result.code == 0, result.err
    return dict(json.loads(result.out))


def of(period: dict[str, str]) -> tuple[str, ...]:
    return ("--from", period["first_day"], "--to", period["last_day"])


@pytest.fixture(scope="session")
def cycles_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A job each day of two cycles of WISH, failed at the begin of each; GEM came in 2020. As of 20 March."""
    home = tmp_path_factory.mktemp("cycles")
    jobs = []
    for first, last in ((date(2019, 2, 5), date(2019, 3, 29)), (date(2020, 2, 11), date(2020, 3, 20))):
        for offset in range((last - first).days + 1):
            noon = datetime(first.year, first.month, first.day, 12) + timedelta(days=offset)
            number = len(jobs) + 1
            jobs.append(job(number, number, "e" if offset == 0 else "c", noon, noon, noon))
    noon = datetime(2020, 2, 12, 12)
    jobs.append(job(len(jobs) + 1, 7, "c", noon, noon, noon, instrument="GEM"))
    write_marts(home / "autostats.duckdb", jobs, datetime(2020, 3, 20, 18))
    return home


@pytest.mark.parametrize("seed", range(4))
def test_each_side_is_the_report_of_its_own_days(autostats: Autostats, busy_home: Path, seed: int) -> None:
    chance = random.Random(seed)
    first = BUSY_FROM + timedelta(days=chance.randrange(1, BUSY_DAYS - 1))
    last = first + timedelta(days=chance.randrange((date(2020, 2, 11) - first).days + 1))
    both = found(autostats, busy_home, "--from", str(first), "--to", str(last), "--compare", "previous")
    now = found(autostats, busy_home, *of(both["compared"]["now"]))
    then = found(autostats, busy_home, *of(both["compared"]["then"]))
    assert both["compared"]["now"] == both["period"] == now["period"]
    assert both["compared"]["then"]["days"] == both["period"]["days"]
    assert date.fromisoformat(both["compared"]["then"]["last_day"]) == first - timedelta(days=1)
    before = {row["instrument"]: row for row in then["summary"]}
    pairs = [(row, before.get(row["instrument"])) for row in now["summary"]]
    rows = both["comparison"]
    assert [row["instrument"] for row in rows] == [row["instrument"] for row in now["summary"]]
    for row, (of_now, of_then) in zip(
        [*rows, both["comparison_total"]], [*pairs, (now["total"], then.get("total"))], strict=True
    ):
        for name in COMPARED:
            value, past = of_now[name], of_then[name] if of_then else None
            assert (row[name], row[f"{name}_then"]) == (value, past)
            change = None if value is None or past is None else value - past
            assert row[f"{name}_change"] == (change if change is None else pytest.approx(change))


def test_the_same_dates_of_last_year(autostats: Autostats, cycles_home: Path) -> None:
    both = found(autostats, cycles_home, "--from", "2020-02", "--to", "2020-02", "--compare", "year")
    assert both["compared"]["then"] == {"first_day": "2019-02-01", "last_day": "2019-02-28", "days": 28}
    gem, wish = both["comparison"]
    assert (gem["jobs_total"], gem["jobs_total_then"], gem["jobs_total_change"]) == (1, None, None)
    assert (wish["jobs_total"], wish["jobs_total_then"], wish["jobs_total_change"]) == (19, 24, -5)
    table = autostats(
        "report", "--home", cycles_home, "--from", "2020-02", "--to", "2020-02", "--compare", "year"
    ).out
    assert "29 days are compared with 28." in table
    assert "The statistics begin on 2019-02-05: they hold 24 of the 28 days then." in table


def test_a_cycle_that_is_over_and_the_one_before(autostats: Autostats, cycles_home: Path) -> None:
    both = found(autostats, cycles_home, "--cycle", "2019/03", "--compare", "previous")
    assert both["compared"] == {
        "now": {"first_day": "2019-11-12", "last_day": "2019-12-20", "days": 39},
        "then": {"first_day": "2019-02-05", "last_day": "2019-03-29", "days": 53},
    }
    (wish,) = both["comparison"]
    assert (wish["jobs_total"], wish["jobs_total_then"], wish["jobs_total_change"]) == (0, 53, -53)
    assert (wish["pass_rate"], wish["pass_rate_then"], wish["pass_rate_change"]) == (None, 52 / 53, None)
    table = autostats("report", "--home", cycles_home, "--cycle", "2019/03", "--compare", "previous").out
    assert "Compared with cycle 2018/04, 2019-02-05 to 2019-03-29 (53 days)" in table
    assert "39 days are compared with 53." in table


def test_a_cycle_that_goes_on_is_compared_as_far_as_it_has_come(
    autostats: Autostats, cycles_home: Path
) -> None:
    arguments = ("--cycle", "2019/04", "--compare", "year")
    both = found(autostats, cycles_home, *arguments)
    assert both["compared"] == {
        "now": {"first_day": "2020-02-11", "last_day": "2020-03-19", "days": 38},
        "then": {"first_day": "2019-02-05", "last_day": "2019-03-14", "days": 38},
    }
    gem, wish = both["comparison"]
    assert (wish["jobs_total"], wish["jobs_total_then"]) == (38, 38)
    assert (gem["jobs_total"], gem["jobs_total_then"]) == (1, None)
    words = " ".join(autostats("report", "--home", cycles_home, *arguments).out.split())
    assert "Of cycle 2019/04 38 of 46 days are over: they are compared with the first 38 of 2018/04." in words


def test_a_day_that_is_not_over_is_left_out(autostats: Autostats, cycles_home: Path) -> None:
    days = ("--from", "2020-03-14", "--to", "2020-03-20")
    both = found(autostats, cycles_home, *days, "--compare", "previous")
    assert both["compared"]["now"]["last_day"] == "2020-03-19"
    assert both["compared"]["then"] == {"first_day": "2020-03-08", "last_day": "2020-03-13", "days": 6}
    words = " ".join(autostats("report", "--home", cycles_home, *days, "--compare", "previous").out.split())
    assert "Only the days that were over are compared: 2020-03-14 to 2020-03-19 (6 days)." in words


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_table_fits_and_shows_signs(
    autostats: Autostats, cycles_home: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    result = autostats("report", "--home", cycles_home, "--cycle", "2019/03", "--compare", "previous")
    assert max(map(len, result.out.splitlines())) <= width
    (row,) = (line.split() for line in result.out.splitlines() if line.startswith("WISH") and "-53" in line)
    # One job failed then, and none now.
    assert row[1:7] == ["0", "-53", "0", "-1", "-", "-"]


def test_no_statistics_of_then(autostats: Autostats, busy_home: Path) -> None:
    days = ("--from", "2020-01-24", "--to", "2020-01-26")
    result = autostats("report", "--home", busy_home, *days, "--compare", "previous")
    assert result.code == 0
    assert "There are no statistics for that time: they begin on 2020-01-24." in result.out
    both = found(autostats, busy_home, *days, "--compare", "previous")
    assert {row["runs_total_then"] for row in both["comparison"]} == {None}
    assert both["comparison_total"]["runs_total_change"] is None
    ended = autostats("report", "--home", busy_home, "--from", "2019-01-01", "--to", "2019-01-02",
                      "--compare", "previous")  # fmt: skip
    assert ended.code == 0
    assert "No statistics for this period." in ended.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--cycle", "2018/04", "--compare", "previous"), "is the first known one"),
        (("--cycle", "2018/04", "--compare", "year"), "no cycle 2017/04 to compare 2018/04 with"),
        (("--cycle", "2019/99", "--compare", "year"), "no beam cycle"),
        (("--compare", "WISH"), "not one of"),
        (("--from", "0001-01-01", "--to", "0001-01-02", "--compare", "year"), "no period to compare"),
        (("--compare", "year", "--format", "prometheus"), "Prometheus"),
    ],
)
def test_what_cannot_be_compared(
    autostats: Autostats, cycles_home: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = autostats("report", "--home", cycles_home, *arguments)
    assert (result.code, result.out) == (2, "")
    assert says in " ".join(result.err.split())


def test_csv_and_markdown_hold_the_comparison(autostats: Autostats, cycles_home: Path) -> None:
    arguments = ("report", "--home", cycles_home, "--cycle", "2019/04", "--compare", "year", "--format")
    rows = list(csv.DictReader(io.StringIO(autostats(*arguments, "csv").out)))
    assert [row["instrument"] for row in rows] == ["GEM", "WISH", ""]
    assert [row["jobs_total_then"] for row in rows] == ["", "38", "38"]
    assert [row["jobs_total_change"] for row in rows] == ["", "0", "1"]
    assert "| Instrument | Jobs | Jobs then | +/- | Failed |" in autostats(*arguments, "md").out
    plain = autostats("report", "--home", cycles_home, "--cycle", "2019/04", "--compare", "year", "--plain")
    assert "39 jobs, change plus 1" in plain.out
