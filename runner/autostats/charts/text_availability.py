"""Up, down and unknown as a strip of characters for each instrument."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from autostats.charts.chart import Chart
from autostats.charts.describe import AVAILABILITY_WORDS
from autostats.charts.scales import bar_rows
from autostats.charts.screen import Part, Screen
from autostats.charts.text_strips import fitted, fitted_name
from autostats.charts.ticks import ticks
from autostats.queries.availability import STATES, share_up
from autostats.queries.rows import Row
from autostats.render.cells import share
from autostats.text import printable

_LONGEST_SHARE = len("97.7%")
_BROADEST_BAR = 9
_COLUMNS_PER_TICK = 9
_SIGNS: Mapping[str, Part] = {
    "up_seconds": Part(AVAILABILITY_WORDS["up_seconds"], "─", "-"),
    "down_seconds": Part(AVAILABILITY_WORDS["down_seconds"], "█", "#"),
    "unknown_seconds": Part(AVAILABILITY_WORDS["unknown_seconds"], "\u2571", "/"),
    "unscheduled_seconds": Part(AVAILABILITY_WORDS["unscheduled_seconds"], "·", "."),
}
# What a single column shows: the first of these that there is.
_MOST_IMPORTANT = ("down_seconds", "unknown_seconds", "up_seconds", "unscheduled_seconds")


def _bar(rows: Sequence[Row], width: int, screen: Screen) -> str:
    """Return the bar of one or more days together: its parts, or in a single column the most important."""
    seconds = {state: sum(row[state] for row in rows) for state in STATES}
    if not any(seconds.values()):
        return " " * width
    if width == 1:
        return next(_SIGNS[state].on(screen) for state in _MOST_IMPORTANT if seconds[state])
    columns = bar_rows(list(seconds.values()), sum(seconds.values()) / width)
    return "".join(_SIGNS[state].on(screen) * count for state, count in zip(seconds, columns, strict=True))


def _labels(buckets: Sequence[Row], chart: Chart, room: int) -> str:
    """Return the line of labels below strips of `room` columns."""
    named = ticks(buckets, chart.by, max(1, room // _COLUMNS_PER_TICK))
    line = ""
    for place, bucket in enumerate(buckets):
        text = named.get(bucket["label"], "")
        start = max(0, int((place + 0.5) * room / len(buckets)) - len(text) // 2)
        if text and (not line or start > len(line)) and start + len(text) <= room:
            line = line.ljust(start) + text
    return line


def availability_lines(chart: Chart, screen: Screen) -> list[str]:
    """Return a line for each instrument (name, strip, share of up), and the labels of the days below."""
    strips = [
        (name, list(rows)) for name, rows in groupby(chart.rows, key=lambda row: str(row["instrument"]))
    ]
    broad, room = fitted([printable(name) for name, _ in strips], _LONGEST_SHARE + 2, screen)
    buckets = sorted({row["label"]: row for row in chart.rows}.values(), key=lambda row: row["first_day"])
    step = max(1, min(_BROADEST_BAR, room // len(buckets)))
    width = step - 1 if step > 2 else step
    # Where there are more days than columns, a column shows several.
    columns = min(len(buckets), room)
    column_of = {bucket["label"]: place * columns // len(buckets) for place, bucket in enumerate(buckets)}
    lines = []
    for name, rows in strips:
        own: list[list[Row]] = [[] for _ in range(columns)]
        for row in rows:
            own[column_of[row["label"]]].append(row)
        bars = "".join(_bar(each, width, screen).ljust(step) for each in own)
        up = share_up(rows)
        shown = fitted_name(printable(name), broad, screen)
        lines.append(f"{shown} {bars} {'' if up is None else share(up):>5}".rstrip())
    return [*lines, f"{' ' * broad} {_labels(buckets, chart, columns * step)}".rstrip()]


def availability_legend(chart: Chart, screen: Screen) -> list[tuple[str, str]]:
    """Return the signs that occur, and what each stands for."""
    return [
        (part.on(screen), part.word)
        for state, part in _SIGNS.items()
        if any(row[state] for row in chart.rows)
    ]
