"""The columns and the order that a reader asks for, in each format."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from autostats.render.arrange import arranged
from autostats.render.section import Column, Kind, Section
from support.installed import Autostats


def section(*values: tuple[str | None, int | None]) -> Section:
    return Section(
        name="summary",
        title="Summary",
        columns=(Column("instrument"), Column("jobs", Kind.COUNT, "Jobs")),
        rows=[{"instrument": name, "jobs": jobs} for name, jobs in values],
        layouts=[("instrument", "jobs")],
        total={"instrument": None, "jobs": sum(jobs or 0 for _, jobs in values)},
    )


def order(made: Section, sort: str) -> list[tuple[str, int]]:
    (sorted_,) = arranged([made], None, sort, lambda _: True)
    assert sorted_.total == made.total
    return [(row["instrument"], row["jobs"]) for row in sorted_.rows]


def test_sorted_falling_or_rising_with_nothing_last() -> None:
    made = section(("b", 2), ("a", None), ("C", 2), ("d", 10))
    assert order(made, "jobs") == [("b", 2), ("C", 2), ("d", 10), ("a", None)]
    assert order(made, "-jobs") == [("d", 10), ("b", 2), ("C", 2), ("a", None)]
    assert order(made, "-jobs, -Instrument") == [("d", 10), ("C", 2), ("b", 2), ("a", None)]
    assert order(made, "instrument") == [("a", None), ("b", 2), ("C", 2), ("d", 10)]


def test_table(autostats: Autostats, busy_home: Path) -> None:
    out = autostats(
        "report",
        "--columns",
        "jobs_batch,instrument,jobs_per_day",
        "--sort",
        "-jobs_batch",
        "--home",
        busy_home,
    ).out
    lines = out[out.index("Batch") :].splitlines()
    assert lines[0].split() == ["Batch", "Instrument", "Jobs", "per", "day"]
    rows = [line.split() for line in lines[2:5]]
    assert [int(row[0]) for row in rows] == sorted((int(row[0]) for row in rows), reverse=True)
    assert lines[6].split()[1] == "Total"


@pytest.mark.parametrize("format_", ["csv", "md", "json", "plain", "table"])
@pytest.mark.parametrize("columns", ["runs_total,instrument", "jobs_failed", "p95_exe_time,jobs_failed"])
def test_each_format(autostats: Autostats, busy_home: Path, format_: str, columns: str) -> None:
    result = autostats(
        "report", "--columns", columns, "--sort=-jobs_failed", "--format", format_, "--home", busy_home
    )
    assert result.code == 0, result.err
    every = json.loads(autostats("report", "--format", "json", "--home", busy_home).out)
    rows = sorted(every["summary"], key=lambda row: -row["jobs_failed"])
    names = columns.split(",")
    match format_:
        case "json":
            found = json.loads(result.out)
            assert found["summary"] == [{name: row[name] for name in names} for row in rows]
            assert list(found["summary"][0]) == names
            assert found["total"] == {name: every["total"][name] for name in names if name != "instrument"}
        case "csv":
            lines = list(csv.reader(io.StringIO(result.out)))
            assert lines[0] == names
            assert lines[1:-1] == [[str(row[name]) for name in names] for row in rows]
        case "md":
            headings = {
                "runs_total": "Runs",
                "instrument": "Instrument",
                "jobs_failed": "Failed",
                "p95_exe_time": "p95",
            }
            assert f"| {' | '.join(headings[name] for name in names)} |" in result.out
            assert ("**Total**" in result.out) == ("instrument" in names)


def test_a_breakdown_is_arranged_too_and_lists_are_not(autostats: Autostats, busy_home: Path) -> None:
    found = json.loads(
        autostats(
            *("report", "--all", "--columns", "day,jobs_failed", "--sort", "-day,jobs_failed"),
            *("--format", "json", "--home", busy_home),
        ).out
    )
    days = [(row["day"], row["jobs_failed"]) for row in found["days"]]
    assert days == sorted(days, key=lambda row: (-int(row[0].replace("-", "")), row[1]))
    assert set(found["summary"][0]) == {"jobs_failed"}
    assert "run_number" in found["resolved"][0]


def test_the_one_table_of_csv(autostats: Autostats, busy_home: Path) -> None:
    out = autostats(
        *("report", "--resolved", "--columns", "run_number,attempts", "--sort", "-attempts,run_number"),
        *("--format", "csv", "--home", busy_home),
    ).out
    header, *rows = list(csv.reader(io.StringIO(out)))
    assert header == ["run_number", "attempts"]
    assert rows == sorted(rows, key=lambda row: (-int(row[1]), int(row[0])))


def test_missing(autostats: Autostats, busy_home: Path) -> None:
    out = autostats(
        *(
            "missing",
            "--columns",
            "runs,instrument",
            "--sort",
            "-runs",
            "--format",
            "csv",
            "--home",
            busy_home,
        )
    ).out
    header, *rows = list(csv.reader(io.StringIO(out)))
    assert header == ["runs", "instrument"]
    assert [int(row[0]) for row in rows] == sorted((int(row[0]) for row in rows), reverse=True)


def test_a_narrow_screen_leaves_the_last_ones_out(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    columns = "instrument,jobs_total,jobs_skipped,exe_time_count,runs_other,jobs_batch"
    out = autostats("report", "--columns", columns, "--home", busy_home).out
    assert "Batch" in out.partition("Left out at 30 columns:")[2]
    assert max(map(len, out.splitlines())) <= 30


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--columns", "jobs_fialed"), "Did you mean jobs_failed?"),
        (("--columns", "day"), "no column 'day' here"),
        (("--columns", ","), "names no column"),
        (("--sort", "-jobs_fialed"), "Did you mean jobs_failed?"),
        (("--sort", "jobs_per_day"), "no column 'jobs_per_day' here"),
        (("--columns", "jobs_per_day", "--format", "csv"), "no column 'jobs_per_day' here"),
        (("--columns", "jobs_rest", "--format", "json"), "no column 'jobs_rest' here"),
        (("--columns", "[bold]x[/]\x1b[31m"), "no column"),
    ],
)
def test_unknown_columns(
    autostats: Autostats, busy_home: Path, options: tuple[str, ...], message: str
) -> None:
    result = autostats("report", *options, "--home", busy_home)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert "\x1b" not in result.err
