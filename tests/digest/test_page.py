"""The mail's HTML in a real browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import pytest
from autostats.catalogue import Catalogue
from autostats.digest.beside import COLUMNS, Beside
from autostats.digest.bodies import as_page
from autostats.digest.message import compose
from autostats.digest.news import News
from autostats.links import Links
from autostats.queries.settings import Settings
from autostats.render.section import Section
from autostats.schemas.declared import declared_columns
from autostats.sections.summary import SUMMARY
from support.browser import chromium, opened
from support.dbt_project import ROOT
from support.homes import STRANGE_NAMES

pytestmark = pytest.mark.slow

SETTINGS = Settings(1, "0", "Europe/London", datetime(2020, 2, 12, 5, 15))


def runs(instrument: str, many: int, **more: Any) -> list[dict[str, Any]]:
    return [{"instrument": instrument, "run_number": 70000 + 2 * place, **more} for place in range(many)]


def day_of(names: Sequence[str]) -> Section:
    """Return the last day of 200 instruments, those with news among them."""
    counted = {"jobs_total": 1345, "jobs_passed": 1000, "jobs_failed": 345, "pass_rate": 0.97}
    row = {**counted, "runs_total": 1111, "missing_runs": 123, "median_exe_time": 1785.0}
    rows = [{"instrument": name, **row} for name in names]
    rows += [{"instrument": f"I{place}", **row, "jobs_failed": 1} for place in range(200 - len(names))]
    columns = Catalogue(declared_columns(ROOT)).columns("fct_instrument_daily", *SUMMARY)
    return Section("day", "Tue 2020-02-11", columns, rows, [COLUMNS], total={"instrument": None, **row})


def hole(instrument: str) -> dict[str, Any]:
    return {"instrument": instrument, "first_run_number": 1, "last_run_number": 12, "runs": 12, "day": None}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    names = sorted(["WISH", "GEM", *STRANGE_NAMES])
    news = News(
        since=datetime(2020, 2, 11, 5, 15),
        failing=[row for name in names for row in runs(name, 212, attempts=3)],
        resolved=runs("GEM", 5, is_still_passing=False),
        missing=[hole(name) for name in names],
        found=[hole("WISH")],
        is_late=True,
        is_back=False,
    )
    path = tmp_path_factory.mktemp("page") / "digest.html"
    links = Links({"instrument": "https://a.example/{instrument}", "run": "https://a.example/{run}"})
    beside = Beside(day_of(names), links, "https://a.example")
    path.write_text(as_page(compose(news, SETTINGS, beside=beside)), encoding="utf-8")
    return path


def test_it_fits_and_asks_for_nothing(page: Path) -> None:
    with chromium() as browser:
        for width in (320, 360, 800, 1600):
            with opened(browser, page, width, javascript=False) as seen:
                shown = seen.page
                assert shown.locator("h3").count() == 10
                assert seen.requests == []
                assert seen.complaints == []
            with opened(browser, page, width) as seen:
                overflow = seen.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert overflow <= 0, width
                assert seen.page.locator("b, img, script").count() == 0
                texts = seen.page.locator("h3").all_inner_texts()
                assert "<img src=x>" in texts
                lines = seen.page.locator("li").all_inner_texts()
                assert any("212 newly failing\n70000, 3 attempts" in line for line in lines)
                assert seen.page.locator("tr").count() == 42, "the heading, the worst, and the total"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read(page: Path, scheme: Literal["light", "dark"]) -> None:
    """Each colour of a text stands out against what is behind it by WCAG's 4.5."""
    contrast = """
        () => [...document.querySelectorAll('body *')].filter(e => e.innerText).map(e => {
            const rgb = text => text.match(/[0-9.]+/g).map(Number);
            const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
                .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
            let behind = e;
            while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0)
                behind = behind.parentElement;
            const back = behind ? rgb(getComputedStyle(behind).backgroundColor) : [255, 255, 255];
            const opacity = Number(getComputedStyle(e).opacity);
            const text = rgb(getComputedStyle(e).color).slice(0, 3)
                .map((v, i) => v * opacity + back[i] * (1 - opacity));
            const [a, b] = [light(text), light(back)].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
        })
    """
    with chromium() as browser, opened(browser, page, scheme=scheme) as seen:
        assert min(seen.page.evaluate(contrast)) >= 4.5
