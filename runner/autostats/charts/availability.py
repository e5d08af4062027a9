"""Up, down and unknown as a strip of bars for each instrument, in Vega-Altair."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import altair as alt

from autostats.charts.chart import Chart
from autostats.charts.describe import AVAILABILITY_WORDS
from autostats.charts.named_strips import names_axis, strip_width
from autostats.charts.palette import Look
from autostats.charts.scales import bar_rows
from autostats.charts.ticks import ticks
from autostats.queries.availability import STATES, share_up
from autostats.queries.rows import Row
from autostats.render.cells import share

_PIXELS_PER_STRIP = 44
# A bar has rows of two pixels, so that no part is too small to be seen.
_ROWS, _PIXELS_PER_ROW = 15, 2
_PIXELS_PER_TICK = 62
_PIXELS_PER_SEPARATED_BAR = 6
# The gap between bars: a share of their width, and the most pixels.
_GAP_TO_BAR, _WIDEST_GAP = 0.14, 6
_PIXELS_PER_STRIPE = 5
# Fill and edge of each state; unknown is hatched.
_COLOURS = {
    "up_seconds": ("blue", "blue"),
    "down_seconds": ("orange", "orange"),
    "unknown_seconds": ("paper", "slate"),
    "unscheduled_seconds": ("heat-0", "axis"),
}
_HATCHED = "unknown_seconds"
_SQUARE = "M-1,-1H1V1H-1Z"
_HATCHED_SQUARE = f"{_SQUARE}M-1,0L0,-1M-1,1L1,-1M0,1L1,0"


@dataclass(frozen=True)
class _Piece:
    """A part of a bar, or of equal bars that touch: from bucket `first` to `after`, and within a strip."""

    state: str
    first: float
    after: float
    top: float
    bottom: float


def _parts(row: Row, strip: int) -> Iterator[tuple[str, float, float]]:
    """Yield the state, top and bottom of each part of a bar, counted in strips from above."""
    seconds = [row[state] for state in STATES]
    ground = strip + 0.5 + _ROWS * _PIXELS_PER_ROW / _PIXELS_PER_STRIP / 2
    for state, rows in zip(STATES, bar_rows(seconds, sum(seconds) / _ROWS or 1), strict=True):
        top = ground - rows * _PIXELS_PER_ROW / _PIXELS_PER_STRIP
        if rows:
            yield state, top, ground
        ground = top


def _pieces(rows: Sequence[Row], places: Sequence[str], strip: int, gap: float) -> list[_Piece]:
    """Return the parts of an instrument's bars; without a `gap`, equal neighbours are one."""
    place_of = {label: place for place, label in enumerate(places)}
    found: list[_Piece] = []
    ends: dict[tuple[str, float, float], int] = {}
    for row in rows:
        place = place_of[row["label"]]
        here = {}
        for part in _parts(row, strip):
            before = ends.get(part)
            if gap or before is None:
                here[part] = len(found)
                found.append(_Piece(part[0], place + gap / 2, place + 1 - gap / 2, *part[1:]))
            else:
                here[part] = before
                found[before] = _Piece(part[0], found[before].first, place + 1, *part[1:])
        ends = here
    return found


def _stripes(piece: _Piece, across: float) -> Iterator[tuple[float, float]]:
    """Yield the ends of the stripes of a hatched piece, in buckets and strips; `across` pixels a bucket."""
    left, right = piece.first * across, piece.after * across
    top, bottom = piece.top * _PIXELS_PER_STRIP, piece.bottom * _PIXELS_PER_STRIP
    first, last = (int(edge // _PIXELS_PER_STRIPE) for edge in (left + top, right + bottom))
    for number in range(first + 1, last + 1):
        diagonal = number * _PIXELS_PER_STRIPE
        for x in (max(left, diagonal - bottom), min(right, diagonal - top)):
            yield x / across, (diagonal - x) / _PIXELS_PER_STRIP


def _hatching(pieces: Sequence[_Piece], across: float) -> list[dict[str, Any]]:
    """Return the points of all stripes, with one without a place after each stripe."""
    points: list[dict[str, Any]] = []
    for piece in pieces:
        if piece.state == _HATCHED:
            for place, (x, y) in enumerate(_stripes(piece, across)):
                points.append({"x": x, "y": y})
                if place % 2:
                    points.append({"x": x, "y": None})
    return [{**point, "order": order} for order, point in enumerate(points)]


def _legend(states: Sequence[str], look: Look) -> alt.Chart:
    """Draw nothing but the legend, in which unknown is hatched too."""
    domain = [AVAILABILITY_WORDS[state] for state in states]
    fills, edges = (
        alt.Scale(domain=domain, range=[look.colours[_COLOURS[state][side]] for state in states])
        for side in (0, 1)
    )
    shapes = [_HATCHED_SQUARE if state == _HATCHED else _SQUARE for state in states]
    legend = alt.Legend(symbolStrokeWidth=1, symbolSize=130)
    drawn: alt.Chart = (
        alt.Chart(alt.InlineData(values=[]))
        .mark_point(opacity=1)
        .encode(
            fill=alt.Fill("state:N", scale=fills, legend=legend),
            stroke=alt.Stroke("state:N", scale=edges, legend=legend),
            shape=alt.Shape("state:N", scale=alt.Scale(domain=domain, range=shapes), legend=legend),
        )
    )
    return drawn


def availability(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw a strip for each instrument, with a bar for each day, week or month.

    From below, a bar shows the parts up, down, unknown (hatched) and not scheduled.
    """
    width = strip_width(look)
    strips = [
        (name, list(rows)) for name, rows in groupby(chart.rows, key=lambda row: str(row["instrument"]))
    ]
    buckets = {row["label"]: row for row in sorted(chart.rows, key=lambda row: row["first_day"])}
    across = width / len(buckets)
    gap = min(_GAP_TO_BAR, _WIDEST_GAP / across) if across >= _PIXELS_PER_SEPARATED_BAR else 0
    pieces = [
        piece for strip, (_, rows) in enumerate(strips) for piece in _pieces(rows, list(buckets), strip, gap)
    ]
    labels = ticks(list(buckets.values()), chart.by, width // _PIXELS_PER_TICK)
    centres = {place + 0.5: labels[label] for place, label in enumerate(buckets) if label in labels}
    x = alt.X(
        "x:Q",
        scale=alt.Scale(domain=[0, len(buckets)], nice=False),
        axis=alt.Axis(
            values=list(centres),
            labelExpr=f"{json.dumps(centres)}[datum.value]",
            domain=False,
            labelOverlap=False,
        ),
    )
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[0, len(strips)], nice=False, reverse=True),
        axis=names_axis(
            [name for name, _ in strips],
            look,
            at=0.5,
            values=[place + 0.5 for place in range(len(strips))],
            # Vega leaves out values of which there are more.
            tickCount=len(strips),
            grid=False,
        ),
    )
    shown = [state for state in STATES if any(piece.state == state for piece in pieces)]
    layers = [_legend(shown, look)]
    for state in shown:
        fill, edge = (look.colours[name] for name in _COLOURS[state])
        values = [
            {"x": piece.first, "x2": piece.after, "y": piece.top, "y2": piece.bottom}
            for piece in pieces
            if piece.state == state
        ]
        bars = alt.Chart(alt.InlineData(values=values)).mark_rect(fill=fill, stroke=edge, strokeWidth=0.5)
        layers.append(bars.encode(x=x, x2="x2:Q", y=y, y2="y2:Q"))
    stripes = alt.Chart(alt.InlineData(values=_hatching(pieces, across))).mark_line(
        stroke=look.colours[_COLOURS[_HATCHED][1]], strokeWidth=1, invalid="break-paths-show-domains"
    )
    layers.append(stripes.encode(x=x, y=y, order="order:Q"))
    figures = [
        {"y": strip + 0.5, "share": "" if up is None else share(up)}
        for strip, (_, rows) in enumerate(strips)
        for up in [share_up(rows)]
    ]
    texts = alt.Chart(alt.InlineData(values=figures)).mark_text(align="left", dx=8)
    layers.append(texts.encode(x=alt.XDatum(len(buckets)), y=y, text="share:N"))
    return alt.LayerChart(layer=layers).properties(width=width, height=_PIXELS_PER_STRIP * len(strips))
