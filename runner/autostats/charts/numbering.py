"""Run numbers as strips, in Vega-Altair."""

import altair as alt

from autostats.charts.chart import Chart
from autostats.charts.named_strips import names_axis, strip_width
from autostats.charts.palette import Look
from autostats.charts.strips import STATE_WORDS, STATES, strips

_COLOURS = {"seen": "blue", "arrived": "green", "ignored": "grey", "open": "orange"}
# Problems stand out by their height, too.
_HEIGHTS = {"seen": 8, "arrived": 13, "ignored": 4, "open": 20}
_PIXELS_PER_COLUMN = 2
# Columns that stand for omitted numbers.
_GAP = 3
_PIXELS_PER_STRIP = 46


def missing(chart: Chart, look: Look) -> alt.LayerChart:
    """Draw a strip for each instrument: numbers seen, late and missing, from its first to its last."""
    width = strip_width(look)
    columns = width // _PIXELS_PER_COLUMN
    drawn = strips(chart.rows, columns, _GAP)
    stretches = [
        {"strip": str(place), "state": STATE_WORDS[state], "first": first, "after": after}
        for place, strip in enumerate(drawn)
        for state, first, after in strip.stretches
    ]
    ends = [
        {
            "strip": str(place),
            "first": str(strip.first),
            "last": str(strip.last) if strip.last != strip.first else "",
            "missing": f"{strip.missing:,} missing" if strip.missing else "",
        }
        for place, strip in enumerate(drawn)
    ]
    y = alt.Y(
        "strip:N",
        scale=alt.Scale(domain=[str(place) for place in range(len(drawn))], paddingInner=0, paddingOuter=0),
        axis=names_axis([strip.instrument for strip in drawn], look),
    )
    x = alt.X("first:Q", scale=alt.Scale(domain=[0, columns], nice=False), axis=None)
    states = [state for state in STATES if any(row["state"] == state for row in chart.rows)]
    scale = alt.Scale(
        domain=[STATE_WORDS[state] for state in states],
        range=[look.colours[_COLOURS[state]] for state in states],
    )
    colour = alt.Color("state:N", scale=scale, legend=alt.Legend(symbolType="square"))
    bars = alt.Chart(alt.InlineData(values=stretches)).encode(x=x, x2="after:Q", y=y, color=colour)
    layers: list[alt.Chart] = [
        bars.transform_filter(alt.datum.state == STATE_WORDS[state]).mark_bar(height=_HEIGHTS[state])
        for state in states
    ]
    texts = alt.Chart(alt.InlineData(values=ends)).encode(y=y)
    muted, loud = look.colours["muted"], look.colours["orange"]
    left, right = alt.XDatum(0), alt.XDatum(columns)
    layers += [
        texts.mark_text(align="left", dy=19, fontSize=11, fill=muted).encode(x=left, text="first:N"),
        texts.mark_text(align="right", dy=19, fontSize=11, fill=muted).encode(x=right, text="last:N"),
        texts.mark_text(align="left", dx=8, fill=loud).encode(x=right, text="missing:N"),
    ]
    return alt.LayerChart(layer=layers).properties(width=width, height=_PIXELS_PER_STRIP * len(drawn))
