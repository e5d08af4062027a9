"""Bars and lines along time as text, drawn by plotext."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from autostats.charts.chart import Chart, ChartName
from autostats.charts.describe import OUTCOME_WORDS, STARTER_WORDS
from autostats.charts.scales import bar_rows, duration_unit, pass_rate_floor, round_numbers
from autostats.charts.screen import Part, Screen, drawn, marker, new_figure
from autostats.charts.ticks import ticks
from autostats.queries.rows import Row
from autostats.render.cells import count

_BROADEST_BAR = 9
_COLUMNS_PER_TICK = 9
_STACKS: Mapping[ChartName, Mapping[str, Part]] = {
    ChartName.JOBS: {
        "jobs_passed": Part(OUTCOME_WORDS["jobs_passed"], "█", "#", "blue+"),
        "jobs_failed": Part(OUTCOME_WORDS["jobs_failed"], "▒", "x", "red+"),
        "jobs_skipped": Part(OUTCOME_WORDS["jobs_skipped"], "░", "-"),
        "jobs_pending": Part(OUTCOME_WORDS["jobs_pending"], "○", "o", "green"),
        "jobs_other": Part(OUTCOME_WORDS["jobs_other"], "?", "?", "magenta"),
    },
    ChartName.STARTERS: {
        "started_by_auto": Part(STARTER_WORDS["started_by_auto"], "█", "#", "blue+"),
        "started_by_devs": Part(STARTER_WORDS["started_by_devs"], "▒", "d", "green"),
        "started_by_users": Part(STARTER_WORDS["started_by_users"], "░", "u", "magenta"),
        "started_by_unknown": Part(STARTER_WORDS["started_by_unknown"], "?", "?"),
    },
    ChartName.FAILURES: {"jobs_failed": Part("failed", "█", "x", "red+")},
}
# Both draw several dots in a character, one bold and the other fine.
_BOLD, _FINE = "hd", "braille"
_SAMPLES = {_BOLD: "▄▀▄", _FINE: "⠔⠒⠢"}
_LINES: Mapping[ChartName, Mapping[str, Part]] = {
    ChartName.PASS_RATE: {"pass_rate": Part("pass rate", _FINE, "*", "blue+")},
    ChartName.EXE_TIME: {
        "median_exe_time": Part("median", _BOLD, "*", "blue+"),
        "p95_exe_time": Part("95th percentile", _FINE, "+", "red+"),
    },
}


def _set_time(
    figure: Any, chart: Chart, places: Sequence[float], limits: tuple[float, float], columns: int
) -> None:
    """Set the limits of the horizontal axis, and its labels at the `places` of the rows."""
    labels = ticks(chart.rows, chart.by, max(1, columns // _COLUMNS_PER_TICK))
    labelled = {
        place: labels[row["label"]]
        for place, row in zip(places, chart.rows, strict=True)
        if row["label"] in labels
    }
    ruler = figure.ruler("x")
    ruler.ticks(list(labelled), labels=list(labelled.values()))
    ruler.lim(*limits)
    ruler.alignment(lim="edge")


def _bars(chart: Chart, screen: Screen) -> Any:
    """Draw bars of whole characters, so that all are equally wide and no part hides another."""
    parts = _STACKS[chart.name]
    heights = [[row[column] or 0 for column in parts] for row in chart.rows]
    per_row = max(1, *map(sum, heights)) / screen.rows
    numbers = round_numbers(per_row * screen.rows, 1)
    labels = [count(number) for number in numbers]
    step = max(1, min(_BROADEST_BAR, screen.points // len(chart.rows)))
    broad = step - 1 if step > 2 else step
    figure = new_figure(len(chart.rows) * step + max(map(len, labels)) + 1, screen.rows)
    stacks = [bar_rows(bar, per_row) for bar in heights]
    for place, part in enumerate(parts.values()):
        for bar, stack in enumerate(stacks):
            if stack[place]:
                # Slightly inside the first and last characters, because their edges belong to two.
                low, high = sum(stack[:place]) + 0.4, sum(stack[: place + 1]) - 0.4
                sides = (bar * step + 0.4, bar * step + broad - 0.4)
                figure.draw(figure.rectangle(sides, (low, high), marker=marker(part, screen)))
    ruler = figure.ruler("y")
    ruler.ticks([number / per_row for number in numbers], labels=labels)
    ruler.lim(0, screen.rows)
    ruler.alignment(lim="edge")
    centres = [bar * step + broad / 2 for bar in range(len(stacks))]
    _set_time(figure, chart, centres, (0, len(stacks) * step), len(stacks) * step)
    return figure


def _stretches(rows: Sequence[Row], column: str) -> Iterator[list[tuple[int, float]]]:
    """Yield the points of each unbroken part of a line."""
    places = ((place, row[column]) for place, row in enumerate(rows))
    for measured, points in groupby(places, key=lambda point: point[1] is not None):
        if measured:
            yield list(points)


def _lines(chart: Chart, screen: Screen, unit: float, floor: float, numbers: Mapping[float, str]) -> Any:
    """Draw lines, broken at gaps, in `unit` and from `floor` up; `numbers` are the labels of the axis."""
    figure = new_figure(screen.width, screen.rows)
    top = max(numbers)
    for column, part in _LINES[chart.name].items():
        for points in _stretches(chart.rows, column):
            places, values = [place for place, _ in points], [value / unit for _, value in points]
            line = figure.signal(places, values, marker=marker(part, screen))
            figure.draw(line.lines(len(points) > 1))
            top = max(top, *values)
    figure.ruler("y").ticks(list(numbers), labels=list(numbers.values()))
    figure.ruler("y").lim(floor, top)
    last = len(chart.rows) - 1
    _set_time(figure, chart, range(last + 1), (-0.5, last + 0.5), screen.points)
    return figure


def _pass_rate(chart: Chart, screen: Screen) -> Any:
    floor = pass_rate_floor(min(row["pass_rate"] for row in chart.rows if row["pass_rate"] is not None))
    shares = [floor + (1 - floor) * quarter / 4 for quarter in range(5)]
    return _lines(chart, screen, 1, floor, {share: f"{share * 100:g}%" for share in shares})


def _exe_time(chart: Chart, screen: Screen) -> Any:
    longest = max(row["p95_exe_time"] or 0 for row in chart.rows)
    unit, seconds = duration_unit(longest)
    numbers = round_numbers(longest / seconds, 0.01)
    return _lines(chart, screen, seconds, 0, {number: f"{number:g} {unit}" for number in numbers})


def time_lines(chart: Chart, screen: Screen) -> list[str]:
    """Return the lines of a chart along time.

    Raises UsageError when plotext is not installed.
    """
    pictures = {ChartName.PASS_RATE: _pass_rate, ChartName.EXE_TIME: _exe_time}
    return drawn(pictures.get(chart.name, _bars)(chart, screen), screen)


def time_legend(chart: Chart, screen: Screen) -> list[tuple[str, str]]:
    """Return the signs that occur, and what each stands for."""
    if chart.name in _LINES:
        signs = [(part.on(screen), part.word) for part in _LINES[chart.name].values()]
        return [(_SAMPLES.get(sign, sign), word) for sign, word in signs]
    return [
        (part.on(screen), part.word)
        for column, part in _STACKS[chart.name].items()
        if any(row[column] for row in chart.rows)
    ]
