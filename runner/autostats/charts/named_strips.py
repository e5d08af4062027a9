"""A strip for each instrument, one above the other, in Vega-Altair: how wide they are, and their names."""

import json
from collections.abc import Sequence
from typing import Any

import altair as alt

from autostats.charts.palette import Look
from autostats.text import printable

_STRIP_TO_WIDTH = 0.62
_NAME_TO_WIDTH = 0.2


def strip_width(look: Look) -> int:
    """Return the width of a strip in pixels: names and figures are beside it."""
    return round(look.width * _STRIP_TO_WIDTH)


def names_axis(instruments: Sequence[str], look: Look, at: float = 0, **more: Any) -> alt.Axis:
    """Return the axis with a name for each strip, at the values `at`, 1 + `at` and so on.

    Names are data: marks identify their strips by position.
    """
    names = {str(place + at): printable(name) for place, name in enumerate(instruments)}
    return alt.Axis(
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelLimit=look.width * _NAME_TO_WIDTH,
        labelColor=look.colours["ink"],
        **more,
    )
