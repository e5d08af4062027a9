"""The chart of availability: each day's states, in pictures and in characters, never by colour alone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from autostats.charts import DARK, LIGHT, Chart, ChartName, as_svg, describe, read_chart
from autostats.charts.palette import COLOURS
from autostats.charts.terminal import Screen, as_text
from autostats.dbt_setup.setup import Setup
from autostats.home import Home
from autostats.period import Period
from autostats.queries.buckets import By
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.warehouse import connect
from support.homes import polled

ALL = Period(date(2020, 2, 1), date(2020, 2, 29))
STATES = ("up_seconds", "down_seconds", "unknown_seconds", "unscheduled_seconds")
ASCII = Screen(60, unicode=False, colour=False)
FULL = 86400


def read(home: Path, period: Period = ALL, names: list[str] | None = None, most: int = 120) -> Chart:
    with connect(Setup(Home(home))) as warehouse:
        scope = Scope(warehouse, read_settings(warehouse), period, names)
        return read_chart(scope, ChartName.AVAILABILITY, most)


def made(days: dict[str, list[tuple[int, int, int]]]) -> Chart:
    """Return a chart with the seconds of up, down and unknown on each day of some instruments."""
    first = date(2020, 2, 10)
    rows = [
        {
            "instrument": name,
            "label": str(first + timedelta(days=place)),
            "first_day": first + timedelta(days=place),
            "last_day": first + timedelta(days=place),
            **dict(zip(STATES, (*seconds, FULL - sum(seconds)), strict=True)),
        }
        for name, own in days.items()
        for place, seconds in enumerate(own)
    ]
    return Chart(ChartName.AVAILABILITY, "Title", "Scope", "Description.", By.DAY, rows)


def marks(chart: Chart, colour: str) -> list[str]:
    """Return the rectangles of a colour in the picture, without those of the legend."""
    drawn = re.findall(
        rf'<path [^>]*?d="([^"]*)"[^>]*?fill="{COLOURS[colour][0]}"[^>]*>', as_svg(chart, LIGHT)
    )
    return [path for path in drawn if path.startswith("M") and path.count("h") == 2]


@pytest.mark.parametrize(("most", "by"), [(120, By.DAY), (1, By.WEEK)])
def test_a_bar_has_the_seconds_of_its_days(busy_home: Path, most: int, by: By) -> None:
    chart = read(busy_home, most=most)
    daily = polled("GEM", "WISH")["fct_availability_daily"]
    assert chart.by is by
    found: dict[tuple[str, str], dict[str, Any]] = {
        (row["instrument"], row["label"]): {state: row[state] for state in STATES} for row in chart.rows
    }
    expected: dict[tuple[str, str], dict[str, Any]] = {}
    for row in daily:
        label = str(row["day"]) if by is By.DAY else "2020-W07"
        sums = expected.setdefault((row["instrument"], label), dict.fromkeys(STATES, 0))
        for state in STATES:
            sums[state] += row[state]
    assert found == expected
    assert (chart.rows[0]["first_day"], chart.rows[-1]["last_day"]) == (date(2020, 2, 11), date(2020, 2, 12))


def test_words_say_what_is_seen(busy_home: Path) -> None:
    chart = read(busy_home)
    assert chart.description == (
        "2 instruments: up for 73.1% of the known time, down for 14h 00m, unknown for 8h 00m."
        " Least available: GEM 73.1%, WISH 73.1%."
    )
    alone = read(busy_home, Period(date(2020, 2, 12), date(2020, 2, 12)), ["WISH"])
    assert alone.description == "1 instrument: up for 80.0% of the known time, down for 3h 00m."
    assert alone.scope == "WISH, Wed 2020-02-12, Europe/London"


def test_without_polls_it_is_a_sentence(busy_home: Path, wish_home: Path) -> None:
    assert read(wish_home).description == "The statistics have no polls of these instruments yet."
    early = read(busy_home, Period(date(2020, 1, 1), date(2020, 1, 31)))
    assert early.rows == ()
    assert "they go from 2020-02-11 to 2020-02-12." in early.description


def test_hours_without_any_poll_that_counts() -> None:
    chart = made({"WISH": [(0, 0, FULL // 2)]})
    assert describe.states(chart.rows) == "Of 1 instrument, no state is known within operating hours."
    assert not marks(chart, "blue")
    assert as_text(chart, ASCII).splitlines()[3] == "WISH ////...."


def test_characters() -> None:
    chart = made(
        {
            "GEM": [(FULL, 0, 0), (FULL // 2, FULL // 4, FULL // 4), (0, 0, FULL)],
            "WISH": [(FULL // 2, 0, 0), (FULL // 2 - 1, 1, 0), (0, 0, 0)],
        }
    )
    lines = as_text(chart, ASCII).splitlines()
    assert lines[3:6] == [
        "GEM  -------- ----##// ////////  85.7%",
        "WISH ----.... ---#.... ........  99.9%",
        "      10 Feb   11 Feb   12 Feb",
    ]
    assert lines[7] == "- up   # down   / unknown   . not scheduled"


@pytest.mark.parametrize("width", [30, 40, 80, 200])
@pytest.mark.parametrize("days", [1, 7, 30, 60, 120])
def test_a_second_of_down_is_seen_on_any_screen(days: int, width: int) -> None:
    own = [(FULL, 0, 0)] * days
    own[days // 2] = (FULL - 1, 1, 0)
    chart = made({"GEM": own, "WISH": [(FULL, 0, 0)] * days})
    gem, wish = as_text(chart, Screen(width, unicode=False, colour=False)).splitlines()[3:5]
    assert (gem.count("#"), wish.count("#")) == (1, 0)
    assert max(map(len, as_text(chart, Screen(width, unicode=True, colour=False)).splitlines())) <= width
    assert len(marks(chart, "orange")) == 1


def test_an_instrument_begins_with_its_first_poll() -> None:
    whole = made({"GEM": [(FULL, 0, 0)] * 4, "WISH": [(FULL, 0, 0)] * 4})
    chart = Chart(**{**vars(whole), "rows": whole.rows[:4] + whole.rows[6:]})
    gem, wish = as_text(chart, ASCII).splitlines()[3:5]
    assert gem == "GEM  -------- -------- -------- --------   100%"
    assert wish == "WISH                   -------- --------   100%"
    assert len(marks(chart, "blue")) == 6


def test_unknown_is_hatched_and_nothing_else_is() -> None:
    def stripes(chart: Chart) -> int:
        edge = COLOURS["slate"][1]
        lines = re.findall(rf'<path [^>]*?d="([^"]*)"[^>]*?stroke="{edge}"[^>]*>', as_svg(chart, DARK))
        return sum(len(re.findall(r"M[^MLh]*L[^MLh]*(?=M|$)", path)) for path in lines if "h" not in path)

    assert stripes(made({"GEM": [(0, 0, FULL), (FULL, 0, 0)]})) > 20
    assert stripes(made({"GEM": [(FULL // 2, FULL // 4, 0), (FULL, 0, 0)]})) == 0


@pytest.mark.parametrize("days", [7, pytest.param(120, marks=pytest.mark.slow)])
def test_every_one_of_many_instruments_has_its_name_and_its_share(days: int) -> None:
    names = [f"INST{place:02}" for place in range(40)]
    chart = made(
        {name: [(FULL - 3600 * place, 3600 * place, 0)] * days for place, name in enumerate(names[:20])}
    )
    more = made({name: [(0, 0, FULL)] * days for name in names[20:]})
    svg = as_svg(Chart(**{**vars(chart), "rows": [*chart.rows, *more.rows]}), LIGHT)
    texts = [text.text for text in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert [text for text in texts if text in names] == names
    assert sum(text is not None and text.endswith("%") for text in texts) == 20
    assert len(svg) < 500_000
