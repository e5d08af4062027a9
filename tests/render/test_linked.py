"""Instruments, runs and jobs lead to their pages, where people read them and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from autostats.links import Links
from autostats.render.hyperlinks import shows_hyperlinks, without_hyperlinks
from autostats.render.linked import linker
from autostats.render.section import Column, Kind, Row, Section
from support.installed import Autostats
from support.page import read_page

HOST = "https://reduction.example"
TEMPLATES = {
    "AUTOSTATS_INSTRUMENT_URL": f"{HOST}/i/{{instrument}}",
    "AUTOSTATS_RUN_URL": f"{HOST}/r/{{instrument}}/{{run}}",
    "AUTOSTATS_JOB_URL": f"{HOST}/j/{{job}}?rb={{rb}}",
}
LINKS = Links({"instrument": "https://a.example/{instrument}", "run": "https://a.example/{instrument}/{run}"})


@pytest.fixture(autouse=True)
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, template in TEMPLATES.items():
        monkeypatch.setenv(name, template)


def address(section: Section, name: str, row: Row) -> str | None:
    return linker(LINKS, section)(section.column(name), row)


def test_a_cell_leads_to_what_it_names() -> None:
    columns = [
        Column("who", Kind.INSTRUMENT),
        Column("first", Kind.RUN),
        Column("last", Kind.RUN),
        Column("runs", Kind.TEXT, names=Kind.RUN),
        Column("jobs", Kind.COUNT),
    ]
    section = Section("one", "One", columns, [], [("who",)])
    row = {"who": "GEM", "first": 1, "last": 2, "runs": "7", "jobs": 9}
    assert address(section, "who", row) == "https://a.example/GEM"
    assert [address(section, name, row) for name in ("first", "last", "runs")] == [
        f"https://a.example/GEM/{run}" for run in (1, 2, 7)
    ]
    assert address(section, "jobs", row) is None
    assert address(section, "runs", {**row, "runs": "7, 8"}) is None
    assert address(section, "first", {**row, "first": None}) is None
    for name in ("who", "first"):
        assert address(section, name, {**row, "who": "unknown"}) is None, "jobs without an instrument"


def test_what_all_rows_are_about_is_known() -> None:
    section = Section("one", "One", [Column("run", Kind.RUN)], [], [("run",)], about={"instrument": "GEM"})
    assert address(section, "run", {"run": 3}) == "https://a.example/GEM/3"


def test_markdown_links_instruments_runs_and_jobs(autostats: Autostats, busy_home: Path) -> None:
    report = (
        "report",
        "--home",
        busy_home,
        "--from",
        "2020-02-01",
        "--unresolved",
        "--missing",
        "--resolved",
    )
    said = autostats(*report, "--format", "md")
    assert said.code == 0, said.err
    assert f"| [GEM]({HOST}/i/GEM) |" in said.out
    assert f"]({HOST}/r/GEM/" in said.out
    assert "/j/" not in said.out, "these lists have no RB number"
    run = autostats("missing", "--home", busy_home, "GEM", "--format", "md")
    assert f"]({HOST}/r/GEM/" in run.out


def test_explained_jobs_lead_to_their_pages(autostats: Autostats, busy_home: Path) -> None:
    explain = ("explain", "--home", busy_home, "GEM", "2020-02-10", "jobs_total", "--format", "md")
    said = autostats(*explain)
    assert said.code == 0, said.err
    assert f"]({HOST}/j/" in said.out
    assert f"]({HOST}/r/GEM/" in said.out, "of the instrument that was asked about"


def test_a_page_links_safely(autostats: Autostats, strange_home: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said = autostats("report", "--home", strange_home, "--output", page)
    assert said.code == 0, said.err
    links = [each for each in read_page(page.read_text("utf-8")).all("a") if "rel" in each.attributes]
    assert any(each.attributes["href"] == f"{HOST}/i/%3Cimg%20src%3Dx%3E" for each in links)
    for each in links:
        assert each.attributes["rel"] == "noopener noreferrer"
        assert (each.attributes["href"] or "").startswith(f"{HOST}/")


@pytest.mark.parametrize("wanted", ["table", "plain", "csv", "json", "prometheus"])
def test_other_formats_have_none(autostats: Autostats, busy_home: Path, wanted: str) -> None:
    said = autostats("report", "--home", busy_home, "--format", wanted)
    assert said.code == 0, said.err
    assert "reduction.example" not in said.out


@pytest.mark.parametrize(
    "arguments", [("report",), ("missing",), ("explain", "GEM", "2020-02-10", "jobs_total")]
)
def test_a_wrong_template_is_an_error_that_names_the_variable(
    autostats: Autostats, busy_home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("AUTOSTATS_RUN_URL", "https://a.example/{instrumnet}/{run}")
    said = autostats(*arguments, "--home", busy_home)
    assert said.code == 2
    assert "AUTOSTATS_RUN_URL has an unknown placeholder, {instrumnet}." in said.err
    assert "Did you mean {instrument}?" in said.err


def test_the_file_says_so_with_the_line(autostats: Autostats, tmp_path: Path) -> None:
    (tmp_path / "autostats.toml").write_text('title = "x"\njob_url = "ftp://a.example/{job}"\n')
    said = autostats("settings", "--home", tmp_path)
    assert said.code == 2
    assert "line 2: job_url does not begin with http:// or https://." in said.err


@pytest.mark.parametrize(
    ("environment", "shows"),
    [
        ({"TERM": "xterm-256color"}, False),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, True),
        ({"TERM": "xterm-256color", "VTE_VERSION": "5000"}, False),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "tmux-256color", "VTE_VERSION": "7600"}, False),
        ({"TERM": "dumb", "FORCE_HYPERLINK": "1"}, True),
        ({"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
        ({}, False),
    ],
)
def test_only_terminals_that_are_known_to_show_links(environment: dict[str, str], shows: bool) -> None:
    assert shows_hyperlinks(environment) is shows


def test_links_can_be_taken_out_of_text() -> None:
    assert without_hyperlinks("a \x1b]8;id=1;https://a.example\x1b\\GEM\x1b]8;;\x1b\\ b") == "a GEM b"
