"""The chart of any statistic."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from autostats.charts.statistic import StatisticChart, as_png, as_svg, caption
from autostats.render.section import Column, Kind

DAYS = [date(2020, 2, 1) + timedelta(days=number) for number in range(5)]


def _chart(kind: str, measure: Kind, instruments: int, value: float | None = 2) -> StatisticChart:
    return StatisticChart(
        title='Jobs <b>by "day"</b>',
        caption="Statistics of 2020-02-12 23:30 UTC.",
        kind=kind,
        time_column="day",
        dimensions=["instrument"] if instruments else [],
        measures=[Column("one", measure, "One"), Column("two", measure, "Two"), Column("name", Kind.TEXT)],
        rows=[
            {"day": day, "instrument": f"I{number:02}", "one": value, "two": value, "name": "x"}
            for day in DAYS
            for number in range(max(1, instruments))
        ],
    )


def _texts(svg: str) -> list[str]:
    root = ElementTree.fromstring(svg)
    return ["".join(element.itertext()) for element in root.iter() if element.tag.endswith("}text")]


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
@pytest.mark.parametrize("measure", [Kind.COUNT, Kind.SHARE, Kind.SECONDS, Kind.TEXT])
@pytest.mark.parametrize(("instruments", "value"), [(0, 2), (1, 0), (3, None)])
def test_there_is_a_picture_of_anything(
    kind: str, measure: Kind, instruments: int, value: float | None
) -> None:
    svg = as_svg(_chart(kind, measure, instruments, value))
    assert 'Jobs <b>by "day"</b>' in _texts(svg)


@pytest.mark.parametrize(
    ("kind", "measure", "said"),
    [
        ("bar", Kind.COUNT, "4 others"),
        ("line", Kind.COUNT, "4 others"),
        ("area", Kind.SECONDS, "4 others"),
        # Medians cannot be added up.
        ("line", Kind.SECONDS, "4 more are left out."),
        ("bar", Kind.SHARE, "4 more are left out."),
    ],
)
def test_the_rest_is_added_up_where_that_makes_sense(kind: str, measure: Kind, said: str) -> None:
    texts = _texts(as_svg(_chart(kind, measure, 9)))
    assert any(said in text for text in texts), texts
    assert sum(text in {f"I{number:02}" for number in range(9)} for text in texts) == 5


def test_it_is_described_in_words_and_drawn_as_png() -> None:
    chart = _chart("bar", Kind.COUNT, 2)
    assert ">One from 2020-02-01 to 2020-02-05, of I00, I01. Statistics of" in as_svg(chart)
    assert as_png(chart).startswith(b"\x89PNG")


def test_bars_are_as_wide_as_their_time() -> None:
    chart = _chart("bar", Kind.COUNT, 0)
    noon = datetime(2020, 2, 11, 12)
    seconds = [{**chart.rows[0], "day": noon + timedelta(seconds=each)} for each in (0, 1, 600)]
    bars = as_svg(replace(chart, rows=seconds)).partition("mark-rect role-mark")[2]
    widths = [float(width) for width in re.findall(r"M[\d.]+,[\d.]+h([\d.]+)v", bars)]
    assert max(widths[:3]) <= 2


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
def test_an_empty_chart_has_words(kind: str) -> None:
    chart = _chart(kind, Kind.COUNT, 1, None)
    for empty in (chart, replace(chart, rows=[])):
        assert any("nothing to draw" in text for text in _texts(as_svg(empty)))
        assert "nothing to draw" in caption(empty)
