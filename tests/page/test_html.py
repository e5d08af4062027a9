"""The page: the same numbers as in the other formats, whole, and safe whatever the instruments are called."""

from __future__ import annotations

import json
import re
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from autostats.catalogue import Catalogue
from autostats.installation import install_line
from autostats.page import as_html
from autostats.page.as_html import bars, change
from autostats.page.headline import Figure, headline
from autostats.render.cells import Look
from autostats.render.section import Column, Kind
from autostats.schemas.declared import declared_columns
from autostats.text import printable
from autostats.verification.job import SourceJob
from support.dbt_project import ROOT
from support.homes import BUSY_DAYS, BUSY_FROM, STRANGE_NAMES
from support.installed import Autostats
from support.logos import svg
from support.marts import job, write_marts
from support.page import Element, read_page, table

MINUS = "\N{MINUS SIGN}"
LOOK = Look(UTC, unicode=True)
DAY = ("--from", "2020-02-11", "--to", "2020-02-11")
SECTIONS = [
    "headline",
    "instruments",
    "charts",
    "resolved",
    "pending",
    "missing",
    "problems",
    "freshness",
    "reading",
]


def page_of(autostats: Autostats, home: Path, *options: str) -> tuple[str, Element]:
    result = autostats("report", "--home", home, "--format", "html", *options)
    assert result.code == 0, result.err
    return result.out, read_page(result.out)


def facts_of(autostats: Autostats, home: Path, *options: str) -> dict[str, Any]:
    result = autostats("report", "--home", home, "--format", "json", *options)
    assert result.code == 0, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def shown(kind: Kind, value: Any) -> str:
    return LOOK.text(Column("any", kind), value)


@pytest.fixture
def busy_options() -> tuple[str, ...]:
    return ("--from", "2020-02-03", "--to", "2020-02-09")


@pytest.fixture(autouse=True)
def _no_drawing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven pictures take half a second: only those tests have them that look at them."""
    if "pictures" not in request.fixturenames:
        empty = '<svg role="img" aria-label="nothing"></svg>'
        monkeypatch.setattr("autostats.page.gather.as_svg", lambda chart, look: empty)


@pytest.fixture
def pictures() -> None:
    """The real ones."""


def test_the_tables_have_the_numbers_of_json(
    autostats: Autostats, busy_home: Path, busy_options: tuple[str, ...]
) -> None:
    _, page = page_of(autostats, busy_home, *busy_options)
    found = facts_of(autostats, busy_home, *busy_options, "--all")
    columns = {
        "Jobs": ("jobs_total", Kind.COUNT),
        "Passed": ("jobs_passed", Kind.COUNT),
        "Failed": ("jobs_failed", Kind.COUNT),
        "Skipped": ("jobs_skipped", Kind.COUNT),
        "Pending": ("jobs_pending", Kind.COUNT),
        "Other": ("jobs_other", Kind.COUNT),
        "Pass rate": ("pass_rate", Kind.SHARE),
        "Mean": ("avg_exe_time", Kind.SECONDS),
        "Median": ("median_exe_time", Kind.SECONDS),
        "p95": ("p95_exe_time", Kind.SECONDS),
        "Runs": ("runs_total", Kind.COUNT),
        "Runs failed": ("runs_failed", Kind.COUNT),
        "Resolved": ("resolved_runs", Kind.COUNT),
        "Missing": ("missing_runs", Kind.COUNT),
    }
    headings, *rows = table(page, "summary")
    assert headings == ["Instrument", "Jobs per day", *columns]
    expected = [*found["summary"], {"instrument": "Total", **found["total"]}]
    assert rows == [
        [row["instrument"], "", *(shown(kind, row[name]) for name, kind in columns.values())]
        for row in expected
    ]
    for name in ("resolved", "unresolved", "missing"):
        key = "first_run_number" if name == "missing" else "run_number"
        assert found[name], "the fixture has some of each"
        assert sorted(row[:2] for row in table(page, name)[1:]) == sorted(
            [row["instrument"], str(row[key])] for row in found[name]
        )


def test_the_headline_is_compared_with_the_period_before(
    autostats: Autostats, busy_home: Path, busy_options: tuple[str, ...]
) -> None:
    _, page = page_of(autostats, busy_home, *busy_options)
    now = facts_of(autostats, busy_home, *busy_options)["total"]
    before = facts_of(autostats, busy_home, "--from", "2020-01-27", "--to", "2020-02-02")["total"]
    figures = {
        figure.all("dt")[0].text: [value.text for value in figure.all("dd")]
        for figure in page.by_id("headline").all("div")
    }
    for heading, name, kind in (
        ("Jobs", "jobs_total", Kind.COUNT),
        ("Pass rate", "pass_rate", Kind.SHARE),
        ("Failed jobs", "jobs_failed", Kind.COUNT),
        ("Median execution time", "median_exe_time", Kind.SECONDS),
        ("95 % of executions within", "p95_exe_time", Kind.SECONDS),
        ("Runs", "runs_total", Kind.COUNT),
        ("Resolved runs", "resolved_runs", Kind.COUNT),
        ("Missing runs", "missing_runs", Kind.COUNT),
    ):
        value, difference, then = figures.pop(heading)
        assert value == shown(kind, now[name])
        assert then == f"before: {shown(kind, before[name])}"
        risen = now[name] > before[name]
        assert difference.startswith("+" if risen else MINUS) or difference == "unchanged"
    assert not figures
    assert "Before is 2020-01-27 to 2020-02-02 (7 days)." in page.by_id("headline").text


@pytest.mark.parametrize(
    ("kind", "difference", "words", "expected"),
    [
        (Kind.COUNT, 1204, ("more", "fewer"), "+1204, more"),
        (Kind.COUNT, -12, ("worse", "better"), f"{MINUS}12, better"),
        (Kind.SHARE, 0.004, ("better", "worse"), "+0.4 points, better"),
        (Kind.SHARE, -0.00001, ("better", "worse"), "unchanged"),
        (Kind.SECONDS, -75, ("longer", "shorter"), f"{MINUS}1m 15s, shorter"),
        (Kind.COUNT, 0, ("more", "fewer"), "unchanged"),
        (Kind.COUNT, None, ("more", "fewer"), "not comparable"),
    ],
)
def test_differences_are_in_words(
    kind: Kind, difference: float | None, words: tuple[str, str], expected: str
) -> None:
    assert change(Figure(Column("any", kind), 1, 1, difference, words)) == expected


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        (1, 0, "more better worse longer longer more more worse"),
        (0, 1, "fewer worse better shorter shorter fewer fewer better"),
    ],
)
def test_what_has_risen_or_fallen_is_called_what_it_is(now: int, then: int, words: str) -> None:
    catalogue = Catalogue(declared_columns(ROOT))
    names = [figure.column.name for figure in headline(catalogue, None, None, None)]
    assert names == [
        *("jobs_total", "pass_rate", "jobs_failed", "median_exe_time", "p95_exe_time"),
        *("runs_total", "resolved_runs", "missing_runs"),
    ]
    today, before = dict.fromkeys(names, now), dict.fromkeys(names, then)
    figures = headline(catalogue, today, today, before)
    assert [change(figure).rpartition(", ")[2] for figure in figures] == words.split()


def test_without_a_period_before_there_is_no_difference(autostats: Autostats, busy_home: Path) -> None:
    first = str(BUSY_FROM)
    _, page = page_of(autostats, busy_home, "--from", first, "--to", str(BUSY_FROM + timedelta(days=6)))
    figures = page.by_id("headline").all("div")
    assert len(figures) == 8
    for figure in figures:
        _, difference, before = (value.text for value in figure.all("dd"))
        assert (difference, before) == ("not comparable", "before: no statistics")
    assert f"There are no statistics for that time: they begin on {first}." in page.by_id("headline").text


@pytest.mark.parametrize(("day", "jobs", "is_known"), [("13", "4", True), ("14", "no statistics", False)])
def test_a_comparison_with_the_last_recorded_day(
    autostats: Autostats, wish_home: Path, day: str, jobs: str, is_known: bool
) -> None:
    _, page = page_of(autostats, wish_home, "--from", f"2020-02-{day}", "--to", f"2020-02-{day}")
    assert page.by_id("headline").all("dd")[2].text == f"before: {jobs}"
    assert ("There are no statistics for that time." not in page.by_id("headline").text) is is_known


def test_sections_come_in_their_order(autostats: Autostats, wish_home: Path) -> None:
    _, page = page_of(autostats, wish_home, "--by", "week")
    wanted = [*SECTIONS[:2], "weeks", *SECTIONS[2:]]
    assert [section.attributes["id"] for section in page.all("section")] == wanted
    links = [link.attributes["href"] for link in page.all("nav")[0].all("a")]
    assert links == [f"#{name}" for name in wanted]
    assert [row[0] for row in table(page, "weeks")[1:]] == ["2020-W07"] * len(table(page, "weeks")[1:])


@pytest.mark.usefixtures("pictures")
def test_the_document_is_well_formed(autostats: Autostats, busy_home: Path) -> None:
    _, page = page_of(autostats, busy_home, "--last", "14d", "--by", "day", "--compare", "previous")
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.all():
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((element.attributes.get(name) or "").split()) <= set(ids)
        if element.tag == "a":
            assert (element.attributes["href"] or "").removeprefix("#") in ids
        if element.tag in ("section", "figure") or element.attributes.get("role") in ("region", "img"):
            assert element.attributes.get("aria-labelledby") or element.attributes.get("aria-label")
        if element.attributes.get("role") == "region":
            assert element.attributes["tabindex"] == "0"
    (document,) = page.all("html")
    assert document.attributes["lang"] == "en"
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "nav", "footer")] == [1] * 5
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3")]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for shape in page.all("table"):
        assert len(shape.all("caption")) == 1
        assert all(heading.attributes["scope"] in ("col", "row") for heading in shape.all("th"))
        assert len({len(row) for row in shape.rows}) == 1


@pytest.mark.usefixtures("pictures")
def test_each_chart_has_words_and_numbers(autostats: Autostats, busy_home: Path) -> None:
    _, page = page_of(autostats, busy_home, "--last", "14d")
    figures = page.all("figure")
    names = ["jobs", "pass-rate", "exe-time", "starters", "failures", "missing", "availability"]
    assert [figure.attributes["id"] for figure in figures] == [f"chart-{name}" for name in names]
    for figure in figures:
        assert figure.all("svg")[0].attributes["role"] == "img"
        assert len(figure.all("figcaption")[0].text) > 20
        assert len(figure.all("details")[0].all("table")[0].rows) >= 3
    days = table(page, "jobs-numbers")
    assert days[0] == ["Days", "Passed", "Failed", "Skipped", "Pending", "Other"]
    assert len(days) == 15


@pytest.mark.usefixtures("pictures")
def test_nothing_is_asked_for_outside_the_file(autostats: Autostats, wish_home: Path) -> None:
    text, page = page_of(autostats, wish_home)
    assert not page.all("link", "img", "iframe", "image", "object")
    assert [script.attributes for script in page.all("script")] == [{}]
    assert not re.search(r"@import|src=|url\((?!#)", text)
    assert set(re.findall(r"https?://[^\"' ]*", text)) <= {"http://www.w3.org/2000/svg"}
    assert str(wish_home) not in text


@pytest.mark.usefixtures("pictures")
def test_names_are_data(autostats: Autostats, strange_home: Path) -> None:
    text, page = page_of(autostats, strange_home, *DAY, "--by", "day")
    names = {" ".join(printable(name).split()) for name in STRANGE_NAMES}
    assert {row[0] for row in table(page, "summary")[1:]} == {*names, "Total"}
    for name in ("unresolved", "missing", "freshness", "failure_days"):
        assert {row[0] for row in table(page, name)[1:]} == names
    assert not page.all("img")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)


@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_any_name_can_be_the_title(autostats: Autostats, strange_home: Path, name: str) -> None:
    _, page = page_of(autostats, strange_home, name, *DAY)
    assert page.all("h1")[0].text == " ".join(printable(name).split())


def test_a_period_without_statistics(autostats: Autostats, wish_home: Path) -> None:
    _, page = page_of(autostats, wish_home, "--from", "2019-01-01", "--to", "2019-01-07")
    assert "No statistics for 2019-01-01 to 2019-01-07 (7 days)" in page.all("header")[0].text
    assert "No statistics for this period." in page.by_id("instruments").text
    values = [value.text for value in page.by_id("headline").all("dd")]
    assert set(values) == {"-", "not comparable", "before: no statistics"}
    assert not page.by_id("charts").all("svg")


def test_a_period_of_one_day(autostats: Autostats, wish_home: Path) -> None:
    _, page = page_of(autostats, wish_home, *DAY)
    assert table(page, "summary")[0][:2] == ["Instrument", "Jobs"]
    assert table(page, "summary")[1][:4] == ["WISH", "5", "2", "2"]
    assert page.all("header")[0].all("p")[1].text == "Tue 2020-02-11"


def test_long_lists_name_the_command_for_the_rest(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_html, "_MOST_ROWS", 3)
    options = ("GEM", "WISH", "--from", "2020-01-24", "--to", "2020-02-09")
    _, page = page_of(autostats, busy_home, *options, "--by", "day")
    found = facts_of(autostats, busy_home, *options, "--all")
    rows = table(page, "resolved")[1:]
    newest = sorted(found["resolved"], key=lambda row: str(row["resolved_at"]), reverse=True)[:3]
    assert [row[1] for row in rows] == [str(row["run_number"]) for row in newest]
    command = "autostats report GEM WISH --from 2020-01-24 --to 2020-02-09"
    assert f"{len(found['resolved']) - 3} more rows: {command} --resolved lists them all." in page.text
    assert f"{len(found['days']) - 3} more rows: {command} --by day lists them all." in page.text


def test_availability_is_there_where_there_are_polls(autostats: Autostats, busy_home: Path) -> None:
    days = ("--from", "2020-02-11", "--to", "2020-02-12")
    text, page = page_of(autostats, busy_home, *days)
    wanted = ["attention", *SECTIONS[:3], "availability", *SECTIONS[3:-1], "tables", "reading"]
    assert [section.attributes["id"] for section in page.all("section")] == wanted
    assert [link.attributes["href"] for link in page.all("nav")[0].all("a")] == [
        f"#{name}" for name in wanted
    ]
    headings, *rows = table(page, "availability")
    assert headings[:6] == ["Instrument", "Available", "Up", "Down", "Unknown", "Outages"]
    assert [row[:6] for row in rows] == [
        [name, "73.1%", "19h 00m", "7h 00m", "4h 00m", "2"] for name in ("GEM", "WISH")
    ]
    # The newest first.
    assert [row[1:4] for row in table(page, "outages")[1:]] == [
        *[["2020-02-12 20:00:00", "-", "3h 00m"]] * 2,
        *[["2020-02-11 17:00:00", "2020-02-11 21:00:00", "4h 00m"]] * 2,
    ]
    numbers = table(page, "availability-numbers")
    assert numbers[0] == ["Instrument", "Days", "Up", "Down", "Unknown", "Not scheduled"]
    assert numbers[1] == ["GEM", "2020-02-11", "7h 00m", "4h 00m", "4h 00m", "9h 00m"]
    assert "Mean time" in text
    before = ("--from", "2020-02-03", "--to", "2020-02-10")
    for absent, sections in ((("Pearl", *days), ["attention", *SECTIONS]), (("WISH", *before), SECTIONS)):
        _, page = page_of(autostats, busy_home, *absent)
        assert [section.attributes["id"] for section in page.all("section")] == sections
        assert "vailab" not in page.text


def test_the_archive_is_there_where_somebody_looks(autostats: Autostats, archived_home: Path) -> None:
    _, page = page_of(autostats, archived_home)
    wanted = ["attention", SECTIONS[0], "archive", *SECTIONS[1:]]
    assert [section.attributes["id"] for section in page.all("section")] == wanted
    links = [link.attributes["href"] for link in page.all("nav")[0].all("a")]
    assert links == [f"#{name}" for name in wanted]
    lead = "1 run has a file and no job: WISH 1. Behind the archive: GEM."
    assert lead in [each.text for each in page.all("header")[0].all("p")]
    headings, *rows = table(page, "archive")
    assert headings[:5] == ["Instrument", "Files without a job", "Behind", "Last run", "Last in archive"]
    assert [row[:5] for row in rows] == [
        ["WISH", "1", "no", "105", "106"],
        ["GEM", "0", "yes", "5", "8"],
        ["MARI", "0", "no", "7", "7"],
    ]
    assert "proves nothing: MARI." in page.by_id("archive").text
    _, page = page_of(autostats, archived_home, "MARI")
    assert "no job" not in page.all("header")[0].text
    _, page = page_of(autostats, archived_home, "LET")
    assert [section.attributes["id"] for section in page.all("section")] == SECTIONS


def test_long_lists_of_availability_name_what_has_the_rest(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(as_html, "_MOST_ROWS", 1)
    options = ("--from", "2020-02-11", "--to", "2020-02-12")
    _, page = page_of(autostats, busy_home, *options)
    command = f"autostats availability report {' '.join(options)}"
    assert f"1 more rows: {command} lists them all." in page.text
    assert f"3 more rows: {command} lists them all." in page.text
    assert "3 more rows: a page of fewer instruments or days has them all." in page.text
    assert autostats(*command.split()[1:], "--home", busy_home).code == 0


def test_problems_are_counted_with_examples(
    autostats: Autostats, busy_home: Path, busy_made: list[SourceJob]
) -> None:
    last = BUSY_FROM + timedelta(days=BUSY_DAYS)
    _, page = page_of(autostats, busy_home, "--from", str(BUSY_FROM), "--to", "2020-02-12")
    odd = [made for made in busy_made if made.status == "?" and made.job_id % 50]
    assert odd
    assert all(made.created.date() < last for made in odd)
    (row,) = [row for row in table(page, "problem_kinds") if row[0] == "unknown_status"]
    assert row[2] == str(len(odd))
    newest = sorted(odd, key=lambda made: made.job_id, reverse=True)[:3]
    assert row[5] == ", ".join(f"{made.job_id} ({made.instrument})" for made in newest)


def test_the_days_with_most_failed_jobs(autostats: Autostats, tmp_path: Path) -> None:
    failures = {
        "WISH": {1: 9, 3: 1, 4: 3, 5: 0, 6: 1, 7: 2, 8: 1, 9: 1, 10: 9},
        "GEM": {3: 1, 5: 0, 6: 1, 7: 2, 8: 1},
    }
    made: list[SourceJob] = []
    for instrument, counts in failures.items():
        for day, failed in counts.items():
            noon = datetime(2020, 2, day, 12)
            for status in ("c", *"e" * failed):
                number = len(made) + 1
                made.append(job(number, number, status, noon, noon, noon, instrument=instrument))
    write_marts(tmp_path / "autostats.duckdb", made, datetime(2020, 2, 11, 6))
    _, page = page_of(autostats, tmp_path, "--from", "2020-02-03", "--to", "2020-02-09")
    assert [row[:4] for row in table(page, "failure_days")[1:]] == [
        ["WISH", "2020-02-04", "3", "4"],
        ["GEM", "2020-02-07", "2", "3"],
        ["WISH", "2020-02-07", "2", "3"],
        ["WISH", "2020-02-09", "1", "2"],
        ["GEM", "2020-02-08", "1", "2"],
        ["WISH", "2020-02-08", "1", "2"],
        ["GEM", "2020-02-06", "1", "2"],
        ["WISH", "2020-02-06", "1", "2"],
    ]
    _, page = page_of(autostats, tmp_path, "--from", "2020-02-04", "--to", "2020-02-05")
    assert [row[:2] for row in table(page, "failure_days")[1:]] == [["WISH", "2020-02-04"]]


@pytest.mark.parametrize(
    ("as_of", "silent", "remark"), [(18, "3", ""), (19, "4", "silent for unusually long")]
)
def test_a_silence_as_long_as_one_before_is_usual(
    autostats: Autostats, tmp_path: Path, as_of: int, silent: str, remark: str
) -> None:
    noons = [datetime(2018, 2, day, 12) for day in (*range(1, 11), 14)]
    made = [job(place, place, "c", noon, noon, noon) for place, noon in enumerate(noons, start=1)]
    write_marts(tmp_path / "autostats.duckdb", made, datetime(2018, 2, as_of, 6))
    _, page = page_of(autostats, tmp_path)
    assert table(page, "freshness")[1][3:] == [silent, "3", remark]


def test_an_unusual_silence_is_named(autostats: Autostats, tmp_path: Path) -> None:
    """WISH is silent from 29 February on, five beam days; LOQ always was so every other week."""

    def jobs(instrument: str, first_id: int, days: list[date]) -> list[SourceJob]:
        noons = [datetime(day.year, day.month, day.day, 12) for day in days]
        return [
            job(first_id + place, first_id + place, "c", noon, noon, noon, instrument=instrument)
            for place, noon in enumerate(noons)
        ]

    february = [date(2020, 2, 11) + timedelta(days=offset) for offset in range(18)]
    march = [date(2020, 3, day) for day in (1, 2, 3, 4)]
    made = [
        *jobs("WISH", 100, february),
        *jobs("GEM", 200, [*february, *march]),
        *jobs("LOQ", 300, [date(2020, 2, 11), date(2020, 2, 20), date(2020, 2, 28)]),
        *jobs("HRPD", 400, february),
        *jobs("MAPS", 500, february),
    ]
    write_marts(
        tmp_path / "autostats.duckdb", made, datetime(2020, 3, 5, 6), paused=["HRPD"], inactive=["MAPS"]
    )
    _, page = page_of(autostats, tmp_path)
    rows = {row[0]: row[1:] for row in table(page, "freshness")[1:]}
    # 26 February was a maintenance day, on which nobody expects a job.
    assert rows["WISH"] == ["2020-02-28 12:00:00", "5d 18h", "5", "0", "silent for unusually long"]
    assert rows["LOQ"] == ["2020-02-28 12:00:00", "5d 18h", "5", "8", ""]
    assert rows["GEM"][2:] == ["0", "1", ""]
    # Nobody expects any of these two.
    assert rows["HRPD"] == ["2020-02-28 12:00:00", "5d 18h", "5", "0", "paused"]
    assert rows["MAPS"] == ["2020-02-28 12:00:00", "5d 18h", "5", "0", "not active"]
    assert "No instrument has been silent" not in page.text


def test_without_cycles_every_day_is_expected_to_have_jobs(autostats: Autostats, tmp_path: Path) -> None:
    noons = [datetime(2018, 2, 1, 12) + timedelta(days=offset) for offset in range(18)]
    made = [job(place, place, "c", noon, noon, noon) for place, noon in enumerate(noons, start=1)]
    write_marts(tmp_path / "autostats.duckdb", made, datetime(2018, 2, 22, 6), idle_instruments=["LOQ"])
    _, page = page_of(autostats, tmp_path)
    assert table(page, "freshness")[1:] == [
        ["LOQ", "-", "-", "-", "-", ""],
        ["WISH", "2018-02-18 12:00:00", "3d 18h", "3", "0", "silent for unusually long"],
    ]


def test_the_total_is_named_where_there_is_text(autostats: Autostats, busy_home: Path) -> None:
    _, page = page_of(
        autostats,
        busy_home,
        "--last",
        "14d",
        "--columns",
        "jobs_failed,instrument,jobs_per_day",
        "--sort=-jobs_failed",
    )
    headings, *rows = table(page, "summary")
    assert headings == ["Failed", "Jobs per day", "Instrument"]
    failed = [int(row[0]) for row in rows]
    assert failed[:-1] == sorted(failed[:-1], reverse=True)
    assert failed[-1] == sum(failed[:-1])
    assert rows[-1][2] == "Total"


def test_a_file_by_its_suffix(autostats: Autostats, wish_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "week.html"
    result = autostats("report", "--home", wish_home, "-o", file)
    assert (result.code, result.out) == (0, "")
    assert file.read_text(encoding="utf-8") == page_of(autostats, wish_home)[0]
    assert [path.name for path in tmp_path.iterdir()] == ["week.html"]


def test_a_failure_leaves_the_old_file(
    autostats: Autostats, wish_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "week.html"
    file.write_text("old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    result = autostats("report", "--home", wish_home, "-o", file)
    assert result.code == 2
    assert "No space left on device" in result.err
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["week.html"]


@pytest.mark.parametrize("package", ["altair", "vl_convert"])
def test_a_missing_extra_is_named_before_anything_is_read(
    autostats: Autostats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    from importlib.util import find_spec

    monkeypatch.setattr(
        "autostats.charts.extra.find_spec", lambda name: None if name == package else find_spec(name)
    )
    result = autostats("report", "--home", tmp_path / "nowhere", "-o", tmp_path / "week.html")
    assert (result.code, result.out) == (2, "")
    assert install_line("charts") in result.err
    assert not list(tmp_path.iterdir())


def test_a_terminal_gets_no_page(
    autostats: Autostats, wish_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    result = autostats("report", "--home", wish_home, "--format", "html")
    assert (result.code, result.out) == (2, "")
    assert "--output week.html" in result.err


@pytest.mark.parametrize("quiet", [False, True])
def test_whoever_waits_at_a_screen_is_told(
    autostats: Autostats, wish_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: bool
) -> None:
    monkeypatch.setattr("autostats.page.gather.PATIENCE_SECONDS", 0)
    ask = ("report", "--home", wish_home, "-o", tmp_path / "week.html", *(("--quiet",) if quiet else ()))
    assert "Drawing" not in autostats(*ask).err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert ("Drawing the charts" in autostats(*ask).err) is not quiet


def test_only_the_report_is_a_page(autostats: Autostats, wish_home: Path) -> None:
    result = autostats("missing", "--home", wish_home, "--format", "html")
    assert (result.code, result.out) == (2, "")
    assert "autostats report" in result.err


def test_bars_stand_on_the_ground() -> None:
    assert bars([0, 10]) == "M0.0 24v-1.0h6.4v1.0zM8.0 24v-24.0h6.4v24.0z"
    assert bars([]) == ""
    assert len(re.findall("M", bars(list(range(1000))))) == 60


def test_it_begins_with_the_facility(
    autostats: Autostats, wish_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logo.svg").write_bytes(svg("<circle r='9'/>"))
    monkeypatch.setenv("AUTOSTATS_FACILITY_NAME", "R&D <Source>")
    monkeypatch.setenv("AUTOSTATS_LOGO", str(tmp_path / "logo.svg"))
    text, page = page_of(autostats, wish_home, *DAY)
    (header,) = page.all("header")
    (logo,) = header.all("img")
    assert (logo.attributes["alt"], header.all("p")[0].text) == ("R&D <Source>", "R&D <Source>")
    assert (logo.attributes["src"] or "").startswith("data:image/svg+xml;base64,")
    assert page.all("title")[0].text.startswith("R&D <Source>: Data reduction: ")
    assert "http" not in text.replace("http://www.w3.org", "")
    monkeypatch.delenv("AUTOSTATS_FACILITY_NAME")
    _, page = page_of(autostats, wish_home, *DAY)
    assert page.all("img")[0].attributes["alt"] == ""


def test_a_logo_that_may_do_harm_is_left_out_and_said(
    autostats: Autostats, wish_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "logo.svg").write_bytes(svg("<script>alert(1)</script>"))
    monkeypatch.setenv("AUTOSTATS_LOGO", str(tmp_path / "logo.svg"))
    result = autostats("report", "--home", wish_home, "--format", "html", *DAY)
    assert result.code == 0
    assert read_page(result.out).all("img") == []
    assert f"The logo {tmp_path}/logo.svg contains the element script. " in result.err
    assert autostats("report", "--home", wish_home, *DAY).err == ""
