"""`autostats stats`: the list, the rows of one in each format, and publishing by hand."""

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import validate
from prometheus_client.parser import text_string_to_metric_families
from support.documentation import ROOT
from support.in_process import Autostats
from support.installed import run_command

SCHEMAS = ROOT / "runner" / "autostats" / "schemas"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def home(busy_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = shutil.copytree(busy_home, tmp_path_factory.mktemp("stats") / "home")
    ran = run_command(("stats", "publish", "--home", own), own.with_name("nobody"))
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    return own


def shown(autostats: Autostats, home: Path, *arguments: str) -> Any:
    ran = autostats("stats", "show", *arguments, "--home", home, "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    validate(found, json.loads((SCHEMAS / "stats-show-1.json").read_text()))
    return found


def test_the_list(autostats: Autostats, home: Path) -> None:
    ran = autostats("stats", "list", "--home", home, "--format", "json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    validate(found, json.loads((SCHEMAS / "stats-list-1.json").read_text()))
    idents = [row["ident"] for row in found["statistics"]]
    assert idents == sorted(idents)
    shipped = {
        *("jobs-1m", "jobs-1h", "jobs-1d", "execution-time-1h", "execution-time-1d", "resolved-1d"),
        *(f"volume-by-{what}-1d" for what in ("instrument", "experiment", "starter", "software", "host")),
        *("missing-1d", "freshness-1d", "availability-1d", "files-1d"),
        *("announcements-1s", "announcements-5s", "announcements-1m"),
    }
    assert set(idents) == shipped
    assert {row["state"] for row in found["statistics"]} == {"ok"}
    table = autostats("stats", "list", "--home", home)
    assert "jobs-1d" in table.out
    assert "`autostats stats show STATISTIC` prints one." in table.out


def test_rows_are_those_of_the_model(autostats: Autostats, home: Path) -> None:
    found = shown(autostats, home, "jobs-1d", "instrument=wish", "--order", "asc")
    with duckdb.connect(str(home / "autostats.duckdb"), read_only=True) as connection:
        expected = connection.execute(
            "select cast(day as varchar), jobs_total, jobs_failed"
            " from autostats.autostats.fct_instrument_daily"
            " where instrument = 'WISH' order by day"
        ).fetchall()
    assert [(row["day"], row["jobs_total"], row["jobs_failed"]) for row in found["rows"]] == expected
    assert (found["total"], found["returned"], found["ident"]) == (len(expected), len(expected), "jobs-1d")
    newest = shown(autostats, home, "jobs-1d", "instrument=WISH", "--limit", "2")
    assert [row["day"] for row in newest["rows"]] == [row[0] for row in expected[:-3:-1]]
    some = shown(autostats, home, "jobs-1d", "--from", "2020-02-03", "--to", "2020-02-04")
    assert {row["day"] for row in some["rows"]} == {"2020-02-03", "2020-02-04"}
    both = shown(autostats, home, "jobs-1d", "instrument=WISH", "instrument=GEM", "--last", "1d")
    assert {row["instrument"] for row in both["rows"]} == {"WISH", "GEM"}


@pytest.mark.parametrize("ident", ["jobs-1d", "jobs-1h"])
def test_a_period_beyond_the_statistics_is_said(autostats: Autostats, home: Path, ident: str) -> None:
    ran = autostats("stats", "show", ident, "--from", "2020-01-01", "--to", "2020-03-01", "--home", home)
    assert ran.code == 0
    assert ran.err == (
        "The statistics begin on 2020-01-24: earlier days of the period are not counted.\n"
        "The statistics end on 2020-02-12: later days of the period are not counted.\n"
    )
    for period in ((), ("--last", "1d")):
        recorded = shown(autostats, home, ident, *period)["recorded"]
        assert recorded == {"first_day": "2020-01-24", "last_day": "2020-02-12"}
    words = ("stats", "show", ident, "--from", "2020-01-24", "--to", "2020-02-12", "--home")
    assert autostats(*words, home).err == ""
    none = autostats("stats", "show", ident, "--from", "2018-01", "--to", "2018-01", "--home", home)
    assert "No statistics for 2018-01-01 to 2018-01-31 (31 days): they go from 2020-01-24" in none.err


def test_volumes_add_up_whatever_divides_them(autostats: Autostats, home: Path) -> None:
    days = {
        what: {row["day"] for row in shown(autostats, home, f"volume-by-{what}-1d")["rows"]}
        for what in ("instrument", "experiment", "starter", "software", "host")
    }
    totals = {
        what: sum(row["jobs_total"] for row in shown(autostats, home, f"volume-by-{what}-1d")["rows"])
        for what in days
    }
    assert len({frozenset(each) for each in days.values()}) == 1
    assert len(set(totals.values())) == 1
    assert totals["host"] > 100


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".json", ".md", ".html", ".svg", ".png", ".prom"])
def test_each_format_has_its_suffix(autostats: Autostats, home: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"jobs{suffix}"
    ran = autostats("stats", "show", "jobs-1d", "--last", "3d", "--home", home, "--output", file)
    assert (ran.code, ran.out) == (0, ""), ran.err
    content = file.read_bytes()
    if suffix == ".png":
        assert content.startswith(PNG)
        return
    text = content.decode()
    assert "WISH" in text
    match suffix:
        case ".csv":
            rows = list(csv.DictReader(io.StringIO(text)))
            assert {row["day"] for row in rows} == {"2020-02-09", "2020-02-10", "2020-02-11"}
        case ".prom":
            names = {family.name for family in text_string_to_metric_families(text)}
            assert "autostats_jobs_1d_jobs_total" in names
        case ".html":
            assert "<svg" in text
            assert "http" not in text.replace("http://www.w3.org", "")
        case ".txt" | ".md":
            assert "2020-02-11" in text


def test_times_say_of_which_zone_they_are(autostats: Autostats, home: Path, tmp_path: Path) -> None:
    table = autostats("stats", "show", "jobs-1h", "instrument=WISH", "--limit", "1", "--home", home)
    assert "Times are of Europe/London." in table.out
    assert "The newest 1 of " in table.out
    page = tmp_path / "jobs.html"
    assert autostats("stats", "show", "jobs-1h", "--last", "1d", "--home", home, "-o", page).code == 0
    assert "Times are of Europe/London; those of the chart are UTC." in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("job-1d",), "Did you mean jobs-1d?"),
        (("jobs-1d", "instrument=WIHS"), "Did you mean WISH?"),
        (("jobs-1d", "instrument=nobody at all"), "jobs-1d has no instrument 'nobody at all'."),
        (("jobs-1d", "page=2"), "'page=2' is no filter of jobs-1d."),
        (("jobs-1d", "WISH"), "Write DIMENSION=VALUE; its dimensions are: instrument."),
        (("jobs-1d", "--order", "up"), "--order up is no order."),
        (("jobs-1d", "--from", "yesteryear"), "yesteryear"),
        (("jobs-1d", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_what_makes_no_sense(autostats: Autostats, home: Path, arguments: tuple[str, ...], said: str) -> None:
    ran = autostats("stats", "show", *arguments, "--home", home)
    assert ran.code == 2
    assert said in ran.err


def test_nothing_is_published_yet(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    for command in (("list",), ("show", "jobs-1d")):
        ran = autostats("stats", *command, "--home", tmp_path)
        assert (ran.code, "`autostats run` publishes one." in ran.err) == (2, True)
    ran = autostats("stats", "publish", "--home", tmp_path)
    assert (ran.code, "There is no statistics database" in ran.err) == (2, True)


def test_reasons_of_failed_plugins_are_below_the_list(
    autostats: Autostats, home: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(home, tmp_path / "home")
    with duckdb.connect(str(own / "autostats.duckdb")) as connection:
        connection.execute(
            "insert into autostats.autostats.dim_statistics values"
            " ('x-1d', 'x', 'fct_jobs', 'mine', 'X', 'day', 'day', '', 'no_such_column', 'line')"
        )
    ran = autostats("stats", "publish", "--home", own)
    assert (ran.code, "Statistic x-1d: fct_jobs has no column no_such_column" in ran.err) == (3, True)
    ran = autostats("stats", "list", "--home", own)
    assert "mine failed: Statistic x-1d: fct_jobs has no column no_such_column." in " ".join(ran.out.split())
