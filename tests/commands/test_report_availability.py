"""What a report and its metrics say of the instruments' availability: the same as `availability report`."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from autostats.warehouse import Warehouse
from support.homes import polled
from support.installed import Autostats
from support.marts import wish_jobs, write_marts

DAYS = ("--from", "2020-02-11", "--to", "2020-02-12")


def in_json(autostats: Autostats, home: Path, *arguments: str) -> Any:
    ran = autostats(*arguments, "--format", "json", "--home", home)
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture
def larmor_home(tmp_path: Path) -> Path:
    """The nine jobs of WISH; polls know it in another spelling, and LARMOR, which has no jobs."""
    home = tmp_path / "larmor"
    write_marts(
        home / "autostats.duckdb",
        wish_jobs(),
        datetime(2020, 2, 12, 23, 30),
        availability=polled("LARMOR", "Wish"),
    )
    return home


@pytest.mark.parametrize("names", [(), ("WISH",), ("wish", "gem")])
def test_a_report_has_the_numbers_of_the_availability_report(
    autostats: Autostats, busy_home: Path, names: tuple[str, ...]
) -> None:
    alone = in_json(autostats, busy_home, "availability", "report", *names, *DAYS)
    whole = in_json(autostats, busy_home, "report", *names, *DAYS, "--all")
    assert alone["availability"]
    assert (whole["availability"], whole["outages"]) == (alone["availability"], alone["outages"])
    brief = in_json(autostats, busy_home, "report", *names, *DAYS)
    assert brief["availability"] == alone["availability"]
    assert "outages" not in brief


@pytest.mark.parametrize("asked", [("Pearl", *DAYS), ("--from", "2020-02-03", "--to", "2020-02-10")])
def test_where_nothing_was_polled_a_report_says_nothing(
    autostats: Autostats, busy_home: Path, asked: tuple[str, ...]
) -> None:
    assert not {"availability", "outages"} & in_json(autostats, busy_home, "report", *asked, "--all").keys()
    assert "vailab" not in autostats("report", *asked, "--home", busy_home).out
    metrics = autostats("report", *asked, "--format", "prometheus", "--home", busy_home).out
    assert "autostats_instrument_" not in metrics


def test_without_polls_one_query_finds_that_out(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queries: list[str] = []
    ask = Warehouse.rows

    def listen(self: Warehouse, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        queries.append(sql)
        return ask(self, sql, parameters)

    monkeypatch.setattr(Warehouse, "rows", listen)
    for wanted in ("table", "json", "prometheus", "html"):
        queries.clear()
        ran = autostats("report", *DAYS, "--format", wanted, "--home", wish_home)
        assert ran.code == 0, ran.err
        about = [sql for sql in queries if "availab" in sql or "outages" in sql]
        assert len(about) == 1, wanted


def test_people_see_the_table_and_where_the_outages_are(autostats: Autostats, busy_home: Path) -> None:
    brief = autostats("report", *DAYS, "--home", busy_home).out
    assert "Availability\n" in brief
    assert "`autostats availability report` lists the outages." in brief
    assert "2020-02-11 17:00:00" not in brief
    whole = autostats("report", *DAYS, "--all", "--home", busy_home).out
    assert "2020-02-11 17:00:00" in whole
    assert "lists the outages" not in whole
    plain = autostats("report", "WISH", *DAYS, "--plain", "--home", busy_home).out
    assert "Availability: 1\nWISH: available 73.1 %" in plain
    markdown = autostats("report", *DAYS, "--format", "md", "--home", busy_home).out
    assert "## Availability\n\n| Instrument | Available |" in markdown
    assert "| WISH | 73.1% |" in markdown


def test_csv_stays_the_one_table_that_is_asked_for(autostats: Autostats, busy_home: Path) -> None:
    for asked, column in (((), "jobs_per_day"), (("--by", "day"), "day"), (("--missing",), "runs")):
        ran = autostats("report", *DAYS, *asked, "--format", "csv", "--home", busy_home)
        assert ran.code == 0, ran.err
        header = next(csv.reader(io.StringIO(ran.out)))
        assert "availability" not in header
        assert (column in header) is bool(asked)


def test_columns_and_order_are_those_of_the_summary(autostats: Autostats, busy_home: Path) -> None:
    asked = ("report", *DAYS, "--columns", "instrument,jobs_total", "--sort", "-instrument")
    found = in_json(autostats, busy_home, *asked)
    assert [row["instrument"] for row in found["summary"]] == ["WISH", "Pearl", "GEM"]
    assert [row["instrument"] for row in found["availability"]] == ["GEM", "WISH"]
    assert "up_seconds" in found["availability"][0]
    refused = autostats("report", *DAYS, "--columns", "availability", "--home", busy_home)
    assert (refused.code, "no column 'availability' here" in refused.err) == (2, True)


def test_an_instrument_may_have_polls_and_no_jobs(autostats: Autostats, larmor_home: Path) -> None:
    every = in_json(autostats, larmor_home, "report", *DAYS)
    assert [row["instrument"] for row in every["availability"]] == ["LARMOR", "Wish"]
    assert [row["instrument"] for row in every["summary"]] == ["WISH"]
    larmor = in_json(autostats, larmor_home, "report", "larmor", *DAYS)
    assert [row["instrument"] for row in larmor["availability"]] == ["LARMOR"]
    assert larmor["summary"] == []
    told = autostats("report", "larmor", *DAYS, "--home", larmor_home).err
    assert "The statistics have no jobs of these instruments yet." in told
    drawn = autostats("plot", "availability", "larmor", *DAYS, "--home", larmor_home)
    assert "LARMOR, 2020-02-11 to 2020-02-12" in drawn.out
    metrics = autostats("report", "larmor", *DAYS, "--format", "prometheus", "--home", larmor_home)
    assert 'autostats_instrument_outages{instrument="LARMOR"} 2' in metrics.out


@pytest.mark.parametrize("name", ["WISH", "wish", "Wish"])
def test_polls_in_another_spelling_never_hide_an_instrument_with_jobs(
    autostats: Autostats, larmor_home: Path, name: str
) -> None:
    found = in_json(autostats, larmor_home, "report", name, *DAYS)
    assert [row["instrument"] for row in found["summary"]] == ["WISH"]
    assert "availability" not in found
