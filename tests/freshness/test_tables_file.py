"""The file of monitored tables: what a line says, and which lines are refused."""

from pathlib import Path

import pytest
from autostats.errors import UsageError
from autostats.freshness.tables_file import read_tables

HEADER = "dbobject,database,table,column,timezone,interval,active"
GOOD = "ops,public,orders,updated_at,Europe/London,15,true"


def written(tmp_path: Path, *lines: str, header: str = HEADER, start: str = "", end: str = "\n") -> Path:
    path = tmp_path / "monitored_tables.csv"
    path.write_bytes((start + end.join([header, *lines]) + end).encode())
    return path


def test_a_line_is_a_table(tmp_path: Path) -> None:
    (table,) = read_tables(written(tmp_path, "Ops-DB 1,sales,orders,updated_at,Europe/London,15,true"))
    assert (table.name, table.key) == ("sales.orders", ("Ops-DB 1", "sales.orders", "updated_at"))
    assert table.variable == "AUTOSTATS_DB_OPS_DB_1"
    assert str(table.zone) == "Europe/London"
    assert (table.interval_seconds, table.warn_seconds, table.error_seconds) == (900, 1800, 3600)


def test_thresholds_of_its_own(tmp_path: Path) -> None:
    header = f"{HEADER},warn_after,error_after"
    tables = read_tables(
        written(tmp_path, f"{GOOD},20,", GOOD.replace("orders", "o2") + ",,90", header=header)
    )
    assert [(table.warn_seconds, table.error_seconds) for table in tables] == [(1200, 3600), (1800, 5400)]


@pytest.mark.parametrize(
    ("minutes", "seconds"), [("1", 60), ("60", 3600), ("61", 3660), ("100000", 6_000_000), ("0.5", 30)]
)
def test_intervals_of_any_size(tmp_path: Path, minutes: str, seconds: int) -> None:
    (table,) = read_tables(written(tmp_path, GOOD.replace(",15,", f",{minutes},")))
    assert table.interval_seconds == seconds


def test_what_spreadsheets_write(tmp_path: Path) -> None:
    lines = ('ops,"My ""Schema""","a,b", At ,UTC,15,TRUE', "", "ops,public,t,at,UTC,x,no", GOOD)
    tables = read_tables(written(tmp_path, *lines, start="\ufeff", end="\r\n"))
    assert [(table.name, table.column) for table in tables] == [
        ('My "Schema".a,b', "At"),
        ("public.orders", "updated_at"),
    ]


def test_the_database_may_be_that_of_the_url(tmp_path: Path) -> None:
    (table,) = read_tables(written(tmp_path, GOOD.replace("public", "")))
    assert table.name == "orders"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (GOOD.replace(",15,", ",0,"), "has '0' in the column interval"),
        (GOOD.replace(",15,", ",-5,"), "has '-5' in the column interval"),
        (GOOD.replace(",15,", ",nan,"), "has 'nan' in the column interval"),
        (GOOD.replace(",15,", ",1e300,"), "has '1e300' in the column interval"),
        (GOOD.replace(",15,", ",soon,"), "has 'soon' in the column interval"),
        (GOOD.replace("true", "perhaps"), "has 'perhaps' in the column active"),
        (GOOD.replace("Europe/London", "London"), "has the time zone 'London'"),
        (GOOD.replace("Europe/London", ""), "has the time zone ''"),
        (GOOD.replace("ops", ""), "has no dbobject"),
        (GOOD.replace("orders", ""), "has no table"),
        (GOOD.replace("updated_at", " "), "has no column"),
        (GOOD.replace("orders", "o" * 500), "has a name of more than 500 characters"),
        ("ops,public", "has only 2 cells"),
        ("ops,public,first,at,UTC,5,true", "repeats public.first, column at"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = written(tmp_path, "ops,public,first,at,UTC,5,yes", "", line)
    with pytest.raises(UsageError, match=r"monitored_tables\.csv, line 4") as error:
        read_tables(path)
    assert complaint in str(error.value)
    assert error.value.remedy


def test_a_warning_comes_before_the_error(tmp_path: Path) -> None:
    header = f"{HEADER},warn_after"
    with pytest.raises(UsageError, match="line 2, warns after 90 minutes, but a lag of 60 is stale already"):
        read_tables(written(tmp_path, f"{GOOD},90", header=header))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no "):
        read_tables(tmp_path / "nowhere.csv")
    with pytest.raises(UsageError, match="has no column dbobject"):
        read_tables(written(tmp_path, header="name,table"))
