"""Bars and lines along time, in Vega-Altair."""

import json
from collections.abc import Mapping
from typing import Any

import altair as alt

from autostats.charts.chart import Chart
from autostats.charts.describe import OUTCOME_WORDS, STARTER_WORDS
from autostats.charts.palette import Look
from autostats.charts.scales import duration_unit, pass_rate_floor
from autostats.charts.shades import CYCLE, WEEKEND
from autostats.charts.ticks import ticks

# Beside the plot: the labels of the vertical axis, with room in case the reader's font is wider.
_MARGIN = 72
_HEIGHT_TO_WIDTH = 0.36
_PIXELS_PER_TICK = 62
_PIXELS_PER_SEPARATED_BAR = 6
# Fewer are drawn narrower than they could be.
_FEW_BARS = 7
# The most points that can each have a dot.
_MOST_DOTS = 31
_OUTCOME_COLOURS = {
    "jobs_passed": "blue",
    "jobs_failed": "orange",
    "jobs_skipped": "grey",
    "jobs_pending": "green",
    "jobs_other": "purple",
}
_STARTER_COLOURS = {
    "started_by_auto": "blue",
    "started_by_devs": "green",
    "started_by_users": "purple",
    "started_by_unknown": "slate",
}
_SHADE_COLOURS = {CYCLE: "blue", WEEKEND: "axis"}
_SHADE_OPACITY = 0.2
_SOLID, _DASHED = [1, 0], [5, 3]


def _size(look: Look) -> dict[str, int]:
    return {"width": look.width - _MARGIN, "height": round(look.width * _HEIGHT_TO_WIDTH)}


def _gap(chart: Chart) -> float:
    """Return which share of the distance of two bars is between them."""
    return 0.2 if len(chart.rows) >= _FEW_BARS else 0.6


def _time(chart: Chart, look: Look) -> alt.X:
    """Return the axis of the chart's days, weeks or months."""
    labels = ticks(chart.rows, chart.by, (look.width - _MARGIN) // _PIXELS_PER_TICK)
    return alt.X(
        "label:N",
        scale=alt.Scale(
            domain=[row["label"] for row in chart.rows],
            paddingInner=_gap(chart),
            paddingOuter=0.1,
        ),
        axis=alt.Axis(values=list(labels), labelExpr=f"{json.dumps(labels)}[datum.value]"),
    )


def _ground(chart: Chart, look: Look) -> list[alt.Chart]:
    """Return the shades of beam cycles and weekends, which lie behind everything else."""
    if not chart.shades:
        return []
    values = [{"label": label, "shade": word} for word, labels in chart.shades.items() for label in labels]
    scale = alt.Scale(
        domain=list(chart.shades), range=[look.colours[_SHADE_COLOURS[word]] for word in chart.shades]
    )
    legend = alt.Legend(
        symbolType="square", orient="bottom", symbolStrokeColor=look.colours["axis"], symbolStrokeWidth=0.5
    )
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_rect(opacity=_SHADE_OPACITY, width=alt.RelativeBandSize(1 / (1 - _gap(chart))))
        .encode(x=_time(chart, look), fill=alt.Fill("shade:N", scale=scale, legend=legend))
    )
    return [drawn]


def _stack(chart: Chart, look: Look, words: Mapping[str, str], colours: Mapping[str, str]) -> alt.LayerChart:
    """Draw stacked counts in the order of `words`; those that never occur are left out."""
    shown = [column for column in words if any(row[column] for row in chart.rows)]
    values = [
        {"label": row["label"], "part": words[column], "place": place, "jobs": row[column]}
        for row in chart.rows
        for place, column in enumerate(shown)
        if row[column]
    ]
    size = _size(look)
    separated = size["width"] / len(chart.rows) >= _PIXELS_PER_SEPARATED_BAR
    scale = alt.Scale(
        domain=[words[column] for column in shown],
        range=[look.colours[colours[column]] for column in shown],
    )
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(stroke=look.colours["paper"], strokeWidth=0.75 if separated else 0)
        .encode(
            x=_time(chart, look),
            y=alt.Y("jobs:Q", axis=alt.Axis(format=",d", tickMinStep=1)),
            order=alt.Order("place:Q"),
            color=alt.Color("part:N", scale=scale, legend=alt.Legend(symbolType="square")),
        )
    )
    return alt.LayerChart(layer=[*_ground(chart, look), drawn]).properties(**size)


def jobs(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw the jobs by outcome."""
    return _stack(chart, look, OUTCOME_WORDS, _OUTCOME_COLOURS)


def starters(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw the jobs by starter."""
    return _stack(chart, look, STARTER_WORDS, _STARTER_COLOURS)


def _points(chart: Chart, column: str, part: str, unit: float = 1) -> list[dict[str, Any]]:
    """Return the points of a line; those without a neighbour are marked, because only a dot shows them."""
    measured = [False, *(row[column] is not None for row in chart.rows), False]
    return [
        {
            "label": row["label"],
            "part": part,
            "value": None if row[column] is None else row[column] / unit,
            "alone": measured[place] and not measured[place - 1] and not measured[place + 1],
        }
        for place, row in enumerate(chart.rows, start=1)
    ]


def _lines(
    chart: Chart,
    look: Look,
    values: list[dict[str, Any]],
    parts: Mapping[str, tuple[str, list[int]]],
    y: alt.Y,
) -> alt.LayerChart:
    """Draw lines, broken where nothing was measured; `parts` holds the colour and the dashes of each."""
    legend = alt.Legend(symbolType="stroke", symbolSize=400) if len(parts) > 1 else None
    colours = [look.colours[name] for name, _ in parts.values()]
    dashes = [dashes for _, dashes in parts.values()]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=_time(chart, look),
        y=y,
        color=alt.Color("part:N", scale=alt.Scale(domain=list(parts), range=colours), legend=legend),
    )
    line = base.mark_line(strokeWidth=2.25, strokeJoin="round", invalid="break-paths-show-domains").encode(
        strokeDash=alt.StrokeDash("part:N", scale=alt.Scale(domain=list(parts), range=dashes), legend=legend)
    )
    dotted = "datum.value !== null" if len(chart.rows) <= _MOST_DOTS else "datum.alone"
    dots = base.mark_point(filled=True, size=36, opacity=1).transform_filter(dotted)
    return alt.LayerChart(layer=[*_ground(chart, look), line, dots]).properties(**_size(look))


def pass_rate(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw the pass rate, from a suitable floor up to 100 %."""
    lowest = min(row["pass_rate"] for row in chart.rows if row["pass_rate"] is not None)
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[pass_rate_floor(lowest), 1], nice=False),
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    points = _points(chart, "pass_rate", "pass rate")
    return _lines(chart, look, points, {"pass rate": ("blue", _SOLID)}, y)


def exe_time(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw the median and 95th percentile of the execution time."""
    unit, seconds = duration_unit(max(row["p95_exe_time"] or 0 for row in chart.rows))
    points = [
        *_points(chart, "median_exe_time", "median", seconds),
        *_points(chart, "p95_exe_time", "95th percentile", seconds),
    ]
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domainMin=0),
        axis=alt.Axis(format="~r", labelExpr=f"datum.label + ' {unit}'"),
    )
    parts = {"median": ("blue", _SOLID), "95th percentile": ("orange", _DASHED)}
    return _lines(chart, look, points, parts, y)
