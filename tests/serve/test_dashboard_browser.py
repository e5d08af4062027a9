"""The dashboard in a real browser: at each width, by keyboard, without JavaScript and better with it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from support.browser import chromium, visited
from support.page_checks import SCHEMES, overflow, weak_texts
from support.published import jobs_by_day, odd_values, publish
from support.serving import Server, serving

pytestmark = pytest.mark.slow

WIDTHS = (390, 800, 1600)
DAYS = "/?from=2020-02-06&to=2020-02-12"
STRANGE_DAY = "/?from=2020-02-11&to=2020-02-11"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def _published(home: Path, marts: Path, offset: int = 0) -> None:
    build = publish(home, [jobs_by_day(offset=offset), odd_values()])
    shutil.copy(marts / "autostats.duckdb", home / "published" / f"{build}.marts.duckdb")


def _published_first(home: Path, marts: Path) -> None:
    """Publish a build whose statistics are there before it is."""
    build = "20200213T001530123456Z"
    (home / "published").mkdir(parents=True)
    shutil.copy(marts / "autostats.duckdb", home / "published" / f"{build}.marts.duckdb")
    publish(home, [jobs_by_day(), odd_values()], build=build)


@pytest.fixture(scope="module")
def busy(busy_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("busy-served")
    _published_first(home, busy_home)
    with serving(home) as server:
        yield server


@pytest.fixture(scope="module")
def strange(strange_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("strange-served")
    _published_first(home, strange_home)
    with serving(home) as server:
        yield server


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_asks_nobody_else_and_can_be_read(
    browser: Browser, busy: Server, width: int, scheme: Any
) -> None:
    for path in (DAYS, "/api/jobs-1d?format=html", "/?last=nonsense"):
        with visited(browser, busy.url + path, width, scheme=scheme) as seen:
            seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
            assert overflow(seen.page) == [0, []]
            assert not weak_texts(seen.page)
            assert seen.requests == []
            # The answer to nonsense is 400, which the browser mentions.
            assert [text for text in seen.complaints if "400" not in text] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_strange_names_do_no_harm(browser: Browser, strange: Server, width: int) -> None:
    with visited(browser, strange.url + STRANGE_DAY, width) as seen:
        seen.page.locator("#choose-instrument summary").click()
        assert overflow(seen.page) == [0, []]
        assert (seen.requests, seen.complaints) == ([], [])
        seen.page.get_by_role("checkbox", name="<img src=x>").check()
        expect(seen.page.locator("h1")).to_have_text("<img src=x>")
        assert seen.complaints == []


def test_the_name_of_a_row_stays_in_sight(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS, 390) as seen:
        region = seen.page.locator("#instruments [role=region]")
        region.focus()
        for _ in range(8):
            seen.page.keyboard.press("ArrowRight")
        seen.page.wait_for_function("document.querySelector('#instruments [role=region]').scrollLeft > 50")
        name = region.locator("tbody th").first
        box, around = name.bounding_box(), region.bounding_box()
        assert box is not None
        assert around is not None
        assert abs(box["x"] - around["x"]) < 1


def test_the_keyboard_reaches_and_works_all_of_it(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS, 390) as seen:
        page = seen.page
        reached = []
        for _ in range(200):
            page.keyboard.press("Tab")
            place = page.evaluate(
                """() => { const at = document.activeElement;
                  return [at.tagName, at.name || at.className || at.textContent,
                    getComputedStyle(at).outlineStyle !== "none", at.getBoundingClientRect().top >= 0] }"""
            )
            if place[0] == "BODY":
                break
            reached.append(place)
        assert reached[0][:2] == ["A", "skip"]
        names = [name for _, name, *_ in reached]
        assert names.index("last") < names.index("from") < names.index("to") < names.index("cycle")
        assert [place for place in reached if not all(place[2:])] == []
        for region in page.locator("[role=region]:visible").all():
            assert region.get_attribute("class") in names
        # An instrument is chosen without a mouse.
        page.locator("#choose-instrument summary").focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        expect(page.locator("h1")).to_have_text("GEM")
        assert page.evaluate("document.activeElement.value") == "GEM"


def test_it_needs_no_javascript(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS, javascript=False) as seen:
        page = seen.page
        assert page.locator("figure svg").count() == 7
        page.locator("#choose-instrument summary").click()
        page.get_by_role("checkbox", name="WISH").check()
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**instrument=WISH**")
        assert page.locator("h1").inner_text() == "WISH"
        assert page.locator("#choose-instrument summary").inner_text() == "Instruments: WISH"
        page.locator("#choose-instrument summary").click()
        assert page.get_by_role("checkbox", name="WISH").is_checked()
        page.locator("select[name=last]").select_option("4w")
        page.get_by_role("button", name="Show").click()
        assert "last and from both set" in page.get_by_role("alert").inner_text()
        page.get_by_role("link", name="Show the default").click()
        page.get_by_role("link", name="jobs-1d", exact=True).click()
        page.locator("#choose-instrument summary").click()
        page.get_by_role("checkbox", name="MARI").check()
        page.get_by_role("button", name="Show").click()
        assert page.locator("tbody tr").count() == 30
        assert page.locator("figure svg").count() == 1
        page.get_by_role("link", name="All statistics").click()
        assert page.get_by_role("heading", name="What needs attention now").is_visible()


def test_a_change_shows_at_once_and_the_address_keeps_it(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS) as seen:
        page = seen.page
        page.locator("select[name=cycle]").focus()
        page.locator("select[name=cycle]").select_option("2019/04")
        expect(page.get_by_role("status")).to_contain_text("Shown: ")
        assert page.url == f"{busy.url}/?cycle=2019%2F04"
        assert page.get_by_label("From", exact=True).input_value() == ""
        assert page.evaluate("document.activeElement.name") == "cycle"
        # A link within the page does not load it anew.
        page.evaluate("window.kept = true")
        page.get_by_role("link", name="Missing", exact=True).click()
        page.wait_for_timeout(300)
        assert page.evaluate("window.kept")
        page.go_back()
        page.wait_for_timeout(300)
        assert page.evaluate("window.kept")
        shown = page.locator("#top .period").inner_text()
        page.reload()
        assert page.locator("#top .period").inner_text() == shown
        page.go_back()
        page.wait_for_url(busy.url + DAYS)
        expect(page.locator("#top .period")).to_contain_text("2020-02-06")
        assert seen.complaints == []


def _column(page: Page, place: int) -> list[str]:
    return page.locator(f"#instruments tbody:not(.total) tr > :nth-child({place})").all_inner_texts()


def test_tables_are_sorted_by_their_headings(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS) as seen:
        heading = seen.page.locator("#instruments th", has_text=re.compile("^Jobs$"))
        place = heading.evaluate("cell => cell.cellIndex + 1")
        heading.get_by_role("button").press("Enter")
        counts = [int(text) for text in _column(seen.page, place)]
        assert counts == sorted(counts, reverse=True)
        assert heading.get_attribute("aria-sort") == "descending"
        heading.get_by_role("button").click()
        assert [int(text) for text in _column(seen.page, place)] == sorted(counts)
        assert heading.get_attribute("aria-sort") == "ascending"
        name = seen.page.locator("#instruments th", has_text="Instrument")
        name.get_by_role("button").click()
        assert heading.get_attribute("aria-sort") is None
        assert _column(seen.page, 1) == sorted(_column(seen.page, 1), key=str.casefold)
        assert seen.page.locator("#instruments .total").inner_text().startswith("Total")


def test_a_new_build_shows_without_taking_the_focus(
    browser: Browser, busy_home: Path, tmp_path: Path
) -> None:
    _published_first(tmp_path, busy_home)
    with serving(tmp_path) as server, visited(browser, server.url + DAYS, clock=True) as seen:
        page = seen.page
        page.locator("#chart-jobs summary").click()
        heading = page.locator("#instruments th", has_text=re.compile("^Jobs$"))
        heading.get_by_role("button").click()
        before = page.locator("#top").get_attribute("data-tag")
        page.clock.run_for(61_000)
        page.wait_for_timeout(300)
        assert page.locator("#top").get_attribute("data-tag") == before
        assert page.get_by_role("status").inner_text() == ""
        _published(tmp_path, busy_home, offset=1000)
        with server.client() as client:
            for _ in range(50):
                if client.get("/healthz").json()["build"] > "2021":
                    break
                page.wait_for_timeout(100)
        page.clock.run_for(61_000)
        expect(page.get_by_role("status")).to_have_text(
            "New statistics have been published; the page shows them."
        )
        assert page.locator("#top").get_attribute("data-tag") != before
        assert page.locator("#chart-jobs details").evaluate("part => part.open")
        assert heading.get_attribute("aria-sort") == "descending"
        assert page.evaluate("document.activeElement.closest('th').textContent") == "Jobs"
        assert seen.complaints == []


def test_a_screen_reader_hears_landmarks_and_tables(browser: Browser, busy: Server) -> None:
    with visited(browser, busy.url + DAYS) as seen:
        heard = seen.page.locator("body").aria_snapshot()
        levels = seen.page.locator("h1, h2, h3").evaluate_all(
            "all => all.map((one) => Number(one.tagName[1]))"
        )
        unnamed = seen.page.locator("table").evaluate_all("all => all.filter((one) => !one.caption).length")
    for words in (
        "- banner:",
        '- search "Period and instruments":',
        '- navigation "Contents":',
        "- main:",
        "- contentinfo:",
        '- heading "What needs attention now (',
        '- table "Summary"',
        "- status",
    ):
        assert words in heard, words
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert unnamed == 0
