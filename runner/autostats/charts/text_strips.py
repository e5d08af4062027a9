"""Run numbers as strips of characters."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len, set_cell_size

from autostats.charts.chart import Chart
from autostats.charts.screen import Part, Screen
from autostats.charts.strips import STATE_WORDS, strips
from autostats.render.cells import count
from autostats.text import printable

_LONGEST_NAME = 16
_SHORTEST_STRIP = 8
_STATES: Mapping[str, Part] = {
    "seen": Part(STATE_WORDS["seen"], "─", "-"),
    "arrived": Part(STATE_WORDS["arrived"], "▒", "+"),
    "ignored": Part(STATE_WORDS["ignored"], "·", "."),
    "open": Part(STATE_WORDS["open"], "█", "#"),
}


def fitted_name(name: str, width: int, screen: Screen) -> str:
    """Return a name in so many columns, with an ellipsis where it is cut."""
    if cell_len(name) <= width:
        return set_cell_size(name, width)
    ellipsis = "…" if screen.unicode else "~"
    return set_cell_size(name, width - 1) + ellipsis


def fitted(names: Sequence[str], others: int, screen: Screen) -> tuple[int, int]:
    """Return the columns for the names and for the strips, beside `others` columns."""
    broad = min(_LONGEST_NAME, max(map(cell_len, names)))
    room = screen.width - broad - others
    if room < _SHORTEST_STRIP:
        return max(1, broad - _SHORTEST_STRIP + room), _SHORTEST_STRIP
    return broad, room


def strip_lines(chart: Chart, screen: Screen) -> list[str]:
    """Return a line for each instrument: name, first number, strip, last number, how many are missing."""
    names = [printable(name) for name in dict.fromkeys(row["instrument"] for row in chart.rows)]
    ends = [len(str(row[end])) for row in chart.rows for end in ("first_run_number", "last_run_number")]
    digits = max(ends)
    told = [f"{count(strip.missing)} missing" if strip.missing else "" for strip in strips(chart.rows, 1)]
    most = max(map(len, told))
    broad, room = fitted(names, 2 * digits + most + 4, screen)
    return [
        " ".join(
            (
                fitted_name(name, broad, screen),
                f"{strip.first:>{digits}}",
                "".join(" " if state is None else _STATES[state].on(screen) for state in strip.columns),
                f"{strip.last:>{digits}}",
                words,
            )
        ).rstrip()
        for name, words, strip in zip(names, told, strips(chart.rows, room), strict=True)
    ]


def strip_legend(chart: Chart, screen: Screen) -> list[tuple[str, str]]:
    """Return the signs that occur, and what each stands for."""
    there = {row["state"] for row in chart.rows}
    return [(part.on(screen), part.word) for state, part in _STATES.items() if state in there]
