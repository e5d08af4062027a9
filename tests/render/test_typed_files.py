"""Workbooks and Parquet files have typed cells, and nothing in them runs."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from support.homes import STRANGE_NAMES
from support.installed import Autostats

DAY = ("--from", "2020-02-11", "--to", "2020-02-11")


def sheets(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(file)
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_a_workbook_has_a_sheet_for_each_section(
    autostats: Autostats, wish_home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "week.xlsx"
    ran = autostats("report", *DAY, "--by", "day", "--unresolved", "--output", file, "--home", wish_home)
    assert (ran.code, ran.out) == (0, "")
    found = sheets(file)
    assert {"summary", "days", "unresolved"} <= found.keys()
    header, *rows = found["days"]
    row = dict(zip(header, rows[0], strict=True))
    assert row["instrument"] == "WISH"
    assert row["day"] == datetime(2020, 2, 11)
    assert isinstance(row["jobs_total"], int)
    assert openpyxl.load_workbook(file)["days"].freeze_panes == "A2"


def test_names_do_not_run(autostats: Autostats, strange_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "strange.xlsx"
    assert autostats("report", *DAY, "--output", file, "--home", strange_home).code == 0
    [sheet] = [each for each in openpyxl.load_workbook(file) if each.title == "summary"]
    types = {cell.value: cell.data_type for cell in sheet["A"]}
    assert types["=1+1"] == "s"
    assert len(types) == len(STRANGE_NAMES) + 2


def test_parquet_is_typed(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "days.parquet"
    ran = autostats("report", *DAY, "--by", "day", "--output", file, "--home", wish_home)
    assert (ran.code, ran.out) == (0, "")
    found = duckdb.sql(f"select instrument, day, jobs_total, pass_rate from '{file}'")
    assert [str(each) for each in found.types] == ["VARCHAR", "DATE", "BIGINT", "DOUBLE"]
    assert found.fetchall()[0][:2] == ("WISH", date(2020, 2, 11))
    times = tmp_path / "missing.parquet"
    assert autostats("missing", "--format", "parquet", "--output", times, "--home", wish_home).code == 0
    kinds = dict(duckdb.sql(f"select column_name, column_type from (describe from '{times}')").fetchall())
    assert kinds["noticed_at"] == "TIMESTAMP WITH TIME ZONE"


def test_parquet_holds_one_table(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    ran = autostats(
        *("report", *DAY, "--by", "day", "--missing", "--output", tmp_path / "a.parquet"),
        *("--home", wish_home),
    )
    assert ran.code == 2
    assert "Parquet holds one table, and you asked for 2: days, missing." in ran.err
    assert not (tmp_path / "a.parquet").exists()


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
def test_a_terminal_is_refused(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    ran = autostats("missing", "--format", form, "--home", wish_home)
    assert ran.code == 2
    assert "is not for a terminal" in ran.err
