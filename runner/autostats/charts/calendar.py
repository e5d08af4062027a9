"""The calendar of failures, in Vega-Altair."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import altair as alt

from autostats.charts.chart import Chart
from autostats.charts.heat import heat_classes, heat_place
from autostats.charts.palette import Look
from autostats.charts.ticks import ticks
from autostats.period import WEEKDAYS
from autostats.queries.buckets import By

_MARGIN = 60
_PIXELS_PER_TICK = 56
_LARGEST_CELL = 30.0
_SMALLEST_CELL_WITH_NUMBER = 22
_SMALLEST_HEIGHT = 16
# Where a few classes stand on the ramp of five; on its last two, text is light instead of dark.
_RAMP = {0: (0,), 1: (0, 2), 2: (0, 2, 3), 3: (0, 1, 3, 4), 4: (0, 1, 2, 3, 4)}
_DEEP = 3


def _weeks(chart: Chart, most: int) -> tuple[list[str], dict[str, str]]:
    """Return the Mondays of the chart's weeks, and the labels of some."""
    first, last = (chart.rows[place]["first_day"] for place in (0, -1))
    monday = first - timedelta(days=first.weekday())
    weeks = [monday + timedelta(days=days) for days in range(0, (last - monday).days + 1, 7)]
    rows = [{"label": week.isoformat(), "first_day": week, "last_day": week} for week in weeks]
    return [row["label"] for row in rows], dict(ticks(rows, By.DAY, most))


def _cells(chart: Chart, words: Sequence[str], classes: Sequence[tuple[int, int]]) -> list[dict[str, Any]]:
    """Return a cell for each day, in its week's column, or for each week, in its year's row."""
    cells = []
    for row in chart.rows:
        day, place = row["first_day"], heat_place(row["jobs_failed"], classes)
        year, week, weekday = day.isocalendar()
        monday = day - timedelta(days=day.weekday())
        column, line = (
            (monday.isoformat(), WEEKDAYS[weekday - 1]) if chart.by is By.DAY else (str(week), str(year))
        )
        cells.append(
            {
                "column": column,
                "line": line,
                "failed": row["jobs_failed"],
                "class": words[place],
                "deep": _RAMP[len(classes)][place] >= _DEEP,
            }
        )
    return cells


def failures(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw failed jobs: days with a column for each week, or weeks with a row for each year.

    A day without failures has a cell; a day without a record has none.
    """
    classes = heat_classes(max(row["jobs_failed"] for row in chart.rows))
    words = ["0", *(f"{low:,}" if low == high else f"{low:,} to {high:,}" for low, high in classes)]
    cells = _cells(chart, words, classes)
    width = look.width - _MARGIN
    if chart.by is By.DAY:
        columns, labels = _weeks(chart, max(1, width // _PIXELS_PER_TICK))
        lines = list(WEEKDAYS)
    else:
        columns = [str(week) for week in range(1, 54)]
        labels = {
            week: f"week {week}" if week == "1" else week for week in ("1", "10", "20", "30", "40", "50")
        }
        lines = sorted({cell["line"] for cell in cells})
    step = min(_LARGEST_CELL, width / len(columns))
    height = max(step, _SMALLEST_HEIGHT) * len(lines)
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X(
            "column:N",
            scale=alt.Scale(
                domain=columns, range=[0, step * len(columns)], paddingInner=0.12, paddingOuter=0
            ),
            axis=alt.Axis(
                values=list(labels),
                labelExpr=f"{json.dumps(labels)}[datum.value]",
                domain=False,
                ticks=False,
                orient="top",
                labelAlign="left",
                labelOffset=-step / 2,
            ),
        ),
        y=alt.Y("line:N", scale=alt.Scale(domain=lines, paddingInner=0.12, paddingOuter=0)),
    )
    scale = alt.Scale(domain=words, range=[look.colours[f"heat-{place}"] for place in _RAMP[len(classes)]])
    legend = alt.Legend(
        symbolType="square", orient="bottom", symbolStrokeColor=look.colours["axis"], symbolStrokeWidth=0.5
    )
    layers: list[alt.Chart] = [
        base.mark_rect(cornerRadius=2, stroke=look.colours["axis"], strokeWidth=0.5).encode(
            color=alt.Color("class:N", scale=scale, legend=legend)
        )
    ]
    if step >= _SMALLEST_CELL_WITH_NUMBER:
        colour = alt.condition("datum.deep", alt.value(look.colours["paper"]), alt.value(look.colours["ink"]))
        layers.append(base.mark_text(fontSize=11).encode(text=alt.Text("failed:Q", format="d"), color=colour))
    return alt.LayerChart(layer=layers).properties(width=width, height=height)
