"""The page in a real browser, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from support.browser import chromium, opened
from support.homes import STRANGE_NAMES
from support.installed import Autostats
from support.logos import svg
from support.page_checks import SCHEMES, overflow, seen_texts, weak_texts

pytestmark = pytest.mark.slow

WIDTHS = (360, 800, 1600)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def busy_page(autostats: Autostats, busy_home: Path, tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    options = ("--from", "2020-01-24", "--to", "2020-02-12", "--by", "week")
    assert autostats("report", "--home", busy_home, *options, "-o", file).code == 0
    return file


@pytest.fixture
def strange_page(autostats: Autostats, strange_home: Path, tmp_path: Path) -> Path:
    file = tmp_path / "page.html"
    options = ("--from", "2020-02-11", "--to", "2020-02-11", "--by", "day")
    assert autostats("report", "--home", strange_home, *options, "-o", file).code == 0
    return file


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_it_asks_for_nothing_and_overflows_nowhere(
    browser: Browser, busy_page: Path, width: int, scheme: Any
) -> None:
    with opened(browser, busy_page, width, scheme=scheme) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        assert overflow(seen.page) == [0, []]
        assert (seen.requests, seen.complaints) == ([], [])


@pytest.mark.parametrize("width", WIDTHS)
def test_strange_names_do_no_harm(browser: Browser, strange_page: Path, width: int) -> None:
    with opened(browser, strange_page, width) as seen:
        assert overflow(seen.page) == [0, []]
        assert (seen.requests, seen.complaints) == ([], [])
        assert seen.page.get_by_text("<img src=x>").count()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [390, 1280])
def test_charts_are_whole_on_a_telephone_and_on_a_desk(
    browser: Browser, strange_page: Path, width: int, scheme: Any
) -> None:
    with opened(browser, strange_page, width, scheme=scheme) as seen:
        cut = seen.page.eval_on_selector_all(
            ".scroll.chart",
            "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.id)",
        )
        assert cut == []
        assert overflow(seen.page) == [0, []]
        seen.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
        scrolling_down = seen.page.eval_on_selector_all(
            "body *:not(.unseen)",
            "all => all.filter((one) => one.scrollTop || (one.scrollTop = 9, one.scrollTop)).length",
        )
        assert scrolling_down == 0, "only the page itself scrolls down"
        names = seen.page.locator("#instruments tbody th").first
        before = names.bounding_box()
        seen.page.locator("#instruments .scroll").evaluate("region => { region.scrollLeft = 200 }")
        assert names.bounding_box() == before, "names stay in sight"
        # Each strip of the eight has its name and its share beside it.
        texts = seen.page.locator("#chart-availability svg text").all_text_contents()
        assert texts.count("63.6%") == len(STRANGE_NAMES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_stand_out(browser: Browser, busy_page: Path, scheme: Any) -> None:
    with opened(browser, busy_page, 1600, scheme=scheme) as seen:
        texts = seen_texts(seen.page)
        assert len(texts) > 300
        assert not weak_texts(seen.page)
    assert min(text["size"] for text in texts if text["where"] != "svg") >= 12


def test_it_needs_no_javascript(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page, javascript=False) as seen:
        seen.page.locator("#chart-jobs summary").click()
        assert seen.page.locator("#chart-jobs table").is_visible()
        assert seen.page.locator("figure svg").count() == 7
        seen.page.get_by_role("link", name="Freshness").click()
        assert seen.page.locator("#freshness-title").is_visible()


def test_tables_are_sorted_by_their_headings(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page) as seen:
        failed = seen.page.locator("#instruments th", has_text=re.compile("^Failed$"))
        failed.get_by_role("button").press("Enter")
        assert failed.get_attribute("aria-sort") == "descending"
        place = failed.evaluate("cell => cell.cellIndex + 1")
        cells = seen.page.locator(f"#instruments tbody:not(.total) tr > :nth-child({place})")
        counts = [int(text) for text in cells.all_inner_texts()]
        assert counts == sorted(counts, reverse=True)
        marks = cells.evaluate_all("all => all.map((one) => getComputedStyle(one, '::before').content)")
        assert [mark.partition(" ")[0].strip('"') for mark in marks] == [
            "none" if count == 0 else "!" if count < 10 else "!!" if count < 100 else "!!!"
            for count in counts
        ]
        assert seen.complaints == []


def test_the_keyboard_reaches_all_of_it(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page, 360) as seen:
        page = seen.page
        reached = []
        for _ in range(400):
            page.keyboard.press("Tab")
            place = page.evaluate(
                """() => { const at = document.activeElement, box = at.getBoundingClientRect();
                  return [at.tagName, at.className, at.getAttribute("aria-labelledby"),
                    getComputedStyle(at).outlineStyle, box.bottom > 0 && box.top < innerHeight] }"""
            )
            if place[0] == "BODY":
                break
            reached.append(place)
        assert reached[0][:2] == ["A", "skip"]
        assert [place for place in reached if place[3] == "none" or not place[4]] == []
        regions = page.eval_on_selector_all(
            "[role=region]",
            """all => all.filter((one) => one.checkVisibility())
              .map((one) => one.getAttribute("aria-labelledby"))""",
        )
        assert [label for _, name, label, *_ in reached if "scroll" in name] == regions
        # What is too wide scrolls by the arrows, in its own region.
        page.locator("#instruments [role=region]").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.querySelector('#instruments [role=region]').scrollLeft > 0")


def test_the_skip_link_leads_past_the_contents(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page) as seen:
        seen.page.keyboard.press("Tab")
        seen.page.keyboard.press("Enter")
        assert seen.page.evaluate("document.activeElement.id") == "main"
        seen.page.keyboard.press("Tab")
        assert seen.page.evaluate("document.activeElement.closest('section').id") == "instruments"


def test_a_screen_reader_hears_names(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page) as seen:
        heard = seen.page.locator("body").aria_snapshot()
    assert '- heading "All instruments" [level=1]' in heard
    assert 'img "Jobs per day, by outcome: All instruments, 2020-01-24 to 2020-02-12' in heard
    assert re.search(r'img "Jobs per day: \d+ to \d+, \d+ on the last day"', heard)
    assert '- table "Summary"' in heard
    assert '- rowheader "WISH"' in heard


def test_it_prints_on_a4(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page, scheme="dark") as seen:
        pdf = seen.page.pdf(prefer_css_page_size=True, print_background=True)
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^]]*)\]", pdf)}
    assert len(sizes) == 1
    assert [round(side / 72 * 25.4) for side in sizes.pop()[2:]] == [210, 297]
    assert 3 <= len(re.findall(rb"/Type /Page\b", pdf)) <= 12


@pytest.mark.parametrize("made", ["busy_page", "strange_page"])
def test_nothing_is_cut_on_paper(browser: Browser, made: str, request: pytest.FixtureRequest) -> None:
    with opened(browser, request.getfixturevalue(made), scheme="dark") as seen:
        # The sheet less its margins, in CSS pixels.
        seen.page.set_viewport_size({"width": round((210 - 26) / 25.4 * 96), "height": 1000})
        seen.page.emulate_media(media="print", color_scheme="dark")
        assert overflow(seen.page, regions_scroll=False) == [0, []]
        folded = seen.page.eval_on_selector_all(
            ".scroll",
            """all => all.filter((one) => one.checkVisibility() && one.scrollHeight > one.clientHeight + 1)
              .map((one) => one.getAttribute("aria-labelledby"))""",
        )
        assert folded == []
        assert seen.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert not seen.page.locator("nav").is_visible()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_facility_fits_and_its_logo_is_drawn(
    browser: Browser,
    autostats: Autostats,
    wish_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scheme: Any,
) -> None:
    (tmp_path / "logo.svg").write_bytes(svg('<rect width="160" height="48"/>'))
    monkeypatch.setenv("AUTOSTATS_FACILITY_NAME", "A source of neutrons with a name that is long " * 3)
    monkeypatch.setenv("AUTOSTATS_LOGO", str(tmp_path / "logo.svg"))
    file = tmp_path / "page.html"
    assert autostats("report", "--home", wish_home, "--to", "2020-02-12", "-o", file).code == 0
    with opened(browser, file, 390, scheme=scheme) as seen:
        assert overflow(seen.page) == [0, []]
        assert (seen.requests, seen.complaints) == ([], [])
        logo = seen.page.locator(".brand img")
        assert logo.evaluate("(image) => image.complete && image.naturalWidth > 0")
        assert logo.bounding_box()["height"] == 48
        ground = logo.evaluate("(image) => getComputedStyle(image).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "dark" else "rgba(0, 0, 0, 0)")
        assert not weak_texts(seen.page)
