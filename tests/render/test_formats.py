"""The same rows in each format, clean for machines, safe whatever the instruments are called."""

from __future__ import annotations

import csv
import io
import json
import stat
from datetime import datetime
from pathlib import Path

import pytest
from autostats.render.as_markdown import as_markdown
from autostats.render.cells import count, share
from autostats.render.section import Column, Document, Kind, Section
from support.homes import STRANGE_NAMES
from support.installed import Autostats

DAY = ("--from", "2020-02-11", "--to", "2020-02-11")


def test_json_and_csv_and_markdown_carry_the_same_rows(autostats: Autostats, busy_home: Path) -> None:
    def printed(format_: str) -> str:
        result = autostats("report", "--home", busy_home, "--format", format_)
        assert result.code == 0
        return result.out

    found = json.loads(printed("json"))
    rows = [*found["summary"], {"instrument": None, **found["total"]}]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in printed("md").partition("## Summary")[2].partition("## Availability")[0].splitlines()
        if line.startswith("| ")
    ]
    for row, in_csv, in_markdown in zip(
        rows, csv.DictReader(io.StringIO(printed("csv"))), cells[2:], strict=True
    ):
        values = {name: value for name, value in row.items() if name != "jobs_per_day"}
        assert list(in_csv) == list(values)
        assert list(in_csv.values()) == ["" if value is None else str(value) for value in values.values()]
        jobs, rate = (in_markdown[cells[0].index(heading)] for heading in ("Jobs", "Pass rate"))
        assert jobs == count(values["jobs_total"])
        assert rate == share(values["pass_rate"])
    assert cells[1] == ["---", *["---:"] * (len(cells[0]) - 1)]
    assert cells[-1][0] == "**Total**"


def test_markdown_reads_like_the_table() -> None:
    columns = [
        Column("name", Kind.INSTRUMENT, "Instru-\nment"),
        Column("jobs", Kind.COUNT, "Jobs"),
        Column("rate", Kind.SHARE, "Pass\nrate"),
        Column("mean", Kind.SECONDS, "Mean"),
        Column("at", Kind.TIME, "At"),
    ]
    row = {"name": "A|B", "jobs": 12345, "rate": 0.5, "mean": 90, "at": datetime(2020, 7, 1, 12)}
    section = Section("any", "Any", columns, [row, dict.fromkeys(row)], [[column.name for column in columns]])
    assert as_markdown(Document("Title", {}, [section], "Europe/London")).splitlines()[4:8] == [
        "| Instrument | Jobs | Pass rate | Mean | At |",
        "| --- | ---: | ---: | ---: | --- |",
        "| A\\|B | 12,345 | 50.0% | 1m 30s | 2020-07-01 13:00:00 |",
        "| - | - | - | - | - |",
    ]


@pytest.mark.parametrize("format_", ["table", "csv", "json", "md"])
@pytest.mark.parametrize("command", [("report", "--by", "day"), ("missing",)], ids=lambda command: command[0])
def test_names_are_data(
    autostats: Autostats, strange_home: Path, command: tuple[str, ...], format_: str
) -> None:
    result = autostats(*command, *DAY, "--home", strange_home, "--format", format_)
    assert result.code == 0, result.err
    assert "\x1b" not in result.out
    shown = result.out.replace("\n", "")
    if format_ in ("table", "md"):
        assert "a\\x1b[31m\\x0ab" in shown.replace("\\\\", "\\").replace("\\[", "[")
    if format_ == "table":
        assert "[bold red]X[/]" in result.out
        assert "n" * 20 in result.out
    if format_ == "md":
        assert "<img" not in result.out
        assert (
            len({line.count("|") - line.count("\\|") for line in result.out.splitlines() if "| " in line})
            <= 5
        )


def test_names_come_back_from_json_as_they_are(autostats: Autostats, strange_home: Path) -> None:
    found = json.loads(autostats("report", *DAY, "--home", strange_home, "--format", "json").out)
    assert sorted(row["instrument"] for row in found["summary"]) == sorted(STRANGE_NAMES)


def test_formulas_are_defused_in_csv(autostats: Autostats, strange_home: Path) -> None:
    out = autostats("report", *DAY, "--home", strange_home, "--format", "csv").out
    names = {row["instrument"] for row in csv.DictReader(io.StringIO(out))}
    assert "'=1+1" in names
    assert {'O\'Neil "q" %s', "über 🚀 beam", "../x|y`z"} < names


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_any_name_can_be_asked_for(autostats: Autostats, strange_home: Path, name: str) -> None:
    for command in (
        ("report", name, *DAY),
        ("missing", name),
        ("explain", name, "2020-02-11", "jobs_failed"),
    ):
        result = autostats(*command, "--home", strange_home)
        assert result.code == 0, result.err
        assert "\x1b" not in result.out + result.err


def test_no_row_is_wider_than_the_screen(
    autostats: Autostats, strange_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.cells import cell_len

    for width in (60, 80, 120, 160):
        monkeypatch.setenv("COLUMNS", str(width))
        out = autostats("report", *DAY, "--all", "--home", strange_home).out
        assert max(cell_len(line) for line in out.splitlines()) <= width


@pytest.mark.parametrize("suffix", ["csv", "json", "md"])
def test_output_to_a_file(autostats: Autostats, wish_home: Path, tmp_path: Path, suffix: str) -> None:
    on_stdout = autostats("report", "--home", wish_home, "--format", suffix).out
    file = tmp_path / f"report.{suffix}"
    file.write_text("old")
    file.chmod(0o640)
    result = autostats("report", "--home", wish_home, "--output", file)
    assert (result.code, result.out) == (0, "")
    assert file.read_text(encoding="utf-8") == on_stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_file_follows_its_link(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert autostats("report", "--home", wish_home, "-o", tmp_path / "link.txt").code == 0
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text().startswith("Data reduction")


def test_a_failing_report_leaves_the_old_file(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.csv"
    file.write_text("old")
    assert autostats("report", "--home", wish_home, "--all", "-o", file).code == 2
    assert file.read_text() == "old"


def test_a_file_table_has_no_colour(
    autostats: Autostats, wish_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    autostats("report", "--home", wish_home, "-o", tmp_path / "report.txt")
    assert "\x1b" not in (tmp_path / "report.txt").read_text()
