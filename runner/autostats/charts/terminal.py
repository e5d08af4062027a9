"""Charts as text, for a terminal, an email or a page."""

import sys
import textwrap
from collections.abc import Sequence

from autostats.charts.chart import Chart, ChartName
from autostats.charts.screen import Screen
from autostats.charts.text_along_time import time_legend, time_lines
from autostats.charts.text_availability import availability_legend, availability_lines
from autostats.charts.text_strips import strip_legend, strip_lines
from autostats.render.output import shows_unicode

_STRIPS = {
    ChartName.MISSING: (strip_lines, strip_legend),
    ChartName.AVAILABILITY: (availability_lines, availability_legend),
}
_SMALL_PARTS = "Parts too small for a line are drawn as one line."
# The lines that a chart has besides its own rows, and the prompt after it.
_AROUND = 13
_FEWEST_ROWS, _MOST_ROWS = 6, 30
_BOLD, _END = "\x1b[1m", "\x1b[0m"


def this_screen() -> Screen:
    """Return what stdout can show: a terminal, a pipe or a file."""
    from rich.console import Console

    console = Console(file=sys.stdout, force_terminal=None if sys.stdout.isatty() else False)
    coloured = console.is_terminal and not console.no_color and console.color_system is not None
    unicode = shows_unicode(sys.stdout.encoding, is_terminal=console.is_terminal)
    rows = (
        min(max(console.height - _AROUND, _FEWEST_ROWS), _MOST_ROWS) if console.is_terminal else Screen.rows
    )
    return Screen(console.width, unicode, coloured, rows)


def as_text(chart: Chart, screen: Screen, captions: Sequence[str] = ()) -> str:
    """Return the chart as lines no wider than the screen, with a description of what it shows below.

    `captions` follow at the end. A chart without rows is its title and the sentence that says why. Raises
    UsageError when the extra `charts` is not installed.
    """
    lines = textwrap.wrap(chart.title, screen.width)
    if screen.colour:
        lines = [f"{_BOLD}{line}{_END}" for line in lines]
    lines += [*textwrap.wrap(chart.scope, screen.width), ""]
    if chart.rows:
        draw, explain = _STRIPS.get(chart.name, (time_lines, time_legend))
        lines += draw(chart, screen)
        legend = explain(chart, screen)
        if len(legend) > 1:
            lines += ["", *textwrap.wrap("   ".join(f"{sign} {word}" for sign, word in legend), screen.width)]
            if chart.name in (ChartName.JOBS, ChartName.STARTERS):
                lines += textwrap.wrap(_SMALL_PARTS, screen.width)
        lines.append("")
    for text in (chart.description, *chart.notes, *captions):
        lines += textwrap.wrap(text, screen.width)
    return "\n".join(lines) + "\n"
