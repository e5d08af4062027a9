"""The page in a real browser, and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from support.browser import chromium, opened
from support.homes import STRANGE_NAMES
from support.installed import Autostats

pytestmark = pytest.mark.slow

WIDTHS = (360, 800, 1600)
SCHEMES = ("light", "dark")

# Text that is seen, its colour and the first opaque ground behind it, as sRGB from 0 to 255.
_TEXTS = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest(".unseen, title, desc")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const inSvg = element.closest("svg") !== null;
    let ground = [255, 255, 255, 255];
    for (let place = element; place; place = place.parentElement) {
      const colour = rgb(getComputedStyle(place).backgroundColor);
      if (colour[3] === 255) { ground = colour; break; }
    }
    found.push({
      text: walker.currentNode.data.trim().slice(0, 40),
      where: inSvg ? "svg" : element.tagName,
      // A number in the calendar stands on its cell, not on the page.
      onMark: element.closest("#chart-failures .role-mark") !== null,
      size: parseFloat(style.fontSize),
      ink: rgb(inSvg ? style.fill : style.color),
      ground,
    });
  }
  return found;
}
"""


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


def overflow(page: Page, *, regions_scroll: bool = True) -> Any:
    """Return by how many pixels the document is wider than the window, and the elements that stick out.

    What is in a region that scrolls may stick out.
    """
    return page.evaluate(
        """(within) => [document.documentElement.scrollWidth - innerWidth,
          [...document.querySelectorAll("body *")]
            .filter((element) => !element.closest(".skip, .unseen"))
            .filter((element) => !within || !element.closest(".scroll *"))
            .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
            .map((element) => element.outerHTML.slice(0, 80))]""",
        regions_scroll,
    )


def luminance(colour: list[int]) -> float:
    parts = [part / 255 for part in colour[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[int], other: list[int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


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
        # Each strip of the eight has its name and its share beside it.
        texts = seen.page.locator("#chart-availability svg text").all_text_contents()
        assert texts.count("63.6%") == len(STRANGE_NAMES)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_stand_out(browser: Browser, busy_page: Path, scheme: Any) -> None:
    with opened(browser, busy_page, 1600, scheme=scheme) as seen:
        texts = seen.page.evaluate(_TEXTS)
    assert len(texts) > 300
    weak = {
        (text["text"], text["where"], round(contrast(text["ink"], text["ground"]), 2))
        for text in texts
        if not text["onMark"] and contrast(text["ink"], text["ground"]) < 4.5
    }
    assert not weak
    assert min(text["size"] for text in texts if text["where"] != "svg") >= 12


def test_it_needs_no_javascript(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page, javascript=False) as seen:
        seen.page.locator("#chart-jobs summary").click()
        assert seen.page.locator("#chart-jobs table").is_visible()
        assert seen.page.locator("figure svg").count() == 7
        seen.page.get_by_role("link", name="Freshness").click()
        assert seen.page.locator("#freshness-title").is_visible()


def test_the_keyboard_reaches_all_of_it(browser: Browser, busy_page: Path) -> None:
    with opened(browser, busy_page, 360) as seen:
        page = seen.page
        reached = []
        for _ in range(80):
            page.keyboard.press("Tab")
            place = page.evaluate(
                """() => { const at = document.activeElement;
                  return [at.tagName, at.className, at.getAttribute("aria-labelledby"),
                    getComputedStyle(at).outlineStyle, at.getBoundingClientRect().top >= 0] }"""
            )
            if place[0] == "BODY":
                break
            reached.append(place)
        assert reached[0][:2] == ["A", "skip"]
        assert all(outline != "none" and in_view for _, _, _, outline, in_view in reached)
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
