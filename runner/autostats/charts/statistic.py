"""The chart of any statistic: its measures along time, as the catalogue says."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autostats.charts.draw import config, named_svg, rounded
from autostats.charts.extra import missing_extra
from autostats.charts.palette import LIGHT, Look
from autostats.charts.scales import duration_unit
from autostats.name_order import name_key
from autostats.render.section import Column, Kind
from autostats.text import printable

if TYPE_CHECKING:
    import altair

_COLOURS = ("blue", "orange", "green", "purple", "grey", "slate")
_COUNTS = (Kind.COUNT, Kind.BAD_COUNT)
_TIMES = (Kind.SECONDS, Kind.MINUTES, Kind.HOURS)
_VEGA_LITE = "6.1"
_MARGIN, _HEIGHT = 72, 280
_WIDEST_BAR = 40
_TICKS = 8
_NOTHING = "There is nothing to draw: no row has a number."


@dataclass(frozen=True)
class StatisticChart:
    """What is drawn: rows with a time, perhaps dimensions, and measures; `kind` is line, bar or area."""

    title: str
    caption: str
    kind: str
    time_column: str
    dimensions: Sequence[str]
    measures: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class _Drawn:
    """The points by series, and the words for what they are."""

    what: str
    share: bool
    series: Sequence[str]
    points: Sequence[Mapping[str, Any]]
    left_out: int


def as_svg(chart: StatisticChart, look: Look = LIGHT) -> str:
    """Return the chart as SVG. Raises UsageError when the extra `charts` is not installed."""
    drawn = _drawn(chart)
    specification = _specification(chart, drawn, look)
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra() from error
    svg: str = vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE, allowed_base_urls=[])
    key = hashlib.sha256(svg.encode()).hexdigest()[:8]
    return named_svg(rounded(svg), f"statistic-{key}", printable(chart.title), _words(chart, drawn), look)


def as_png(chart: StatisticChart, look: Look = LIGHT, scale: float = 2) -> bytes:
    """Return the chart as PNG. Raises UsageError when the extra `charts` is not installed."""
    specification = _specification(chart, _drawn(chart), look)
    try:
        import vl_convert
    except ImportError as error:
        raise missing_extra() from error
    png: bytes = vl_convert.vegalite_to_png(
        specification, vl_version=_VEGA_LITE, scale=scale, allowed_base_urls=[]
    )
    return png


def caption(chart: StatisticChart) -> str:
    """Return what the chart shows, and what it leaves out."""
    drawn = _drawn(chart)
    return printable(f"{drawn.what}.{_note(drawn)}") if drawn.points else _NOTHING


def _note(drawn: _Drawn) -> str:
    return f" The {len(drawn.series)} largest; {drawn.left_out} more are left out." if drawn.left_out else ""


def _words(chart: StatisticChart, drawn: _Drawn) -> str:
    if not drawn.points:
        return _NOTHING
    times = sorted({str(row[chart.time_column]) for row in chart.rows})
    names = ", ".join(drawn.series)
    return printable(f"{drawn.what} from {times[0]} to {times[-1]}, of {names}. {chart.caption}")


def _heading(column: Column) -> str:
    return (column.heading or column.name).replace("-\n", "").replace("\n", " ")


def _drawn(chart: StatisticChart) -> _Drawn:
    """Return the first measure of each value of the first dimension, or without one, the measures alike."""
    measures = [
        column
        for column in chart.measures
        if not (column.kind.is_text or column.kind in (Kind.FLAG, Kind.SERIES))
    ]
    if not measures:
        return _Drawn("Nothing", False, (), (), 0)
    first = measures[0]
    is_share = first.kind in (Kind.SHARE, Kind.PERCENT)
    # A chart that stacks times says that they can be added up; medians are lines.
    adds_up = first.kind in _COUNTS or (first.kind in _TIMES and chart.kind in ("bar", "area"))
    found: dict[tuple[str, Any], float] = {}
    if chart.dimensions:
        dimension, what = chart.dimensions[0], _heading(first)
        for row in chart.rows:
            key = str(row[dimension]) if row[dimension] is not None else "none", row[chart.time_column]
            value = row[first.name]
            if value is None:
                continue
            # What cannot be added up is shown for the first of several rows.
            found[key] = found.get(key, 0) + value if adds_up else found.get(key, value)
    else:
        alike = [column for column in measures if column.kind is first.kind][: len(_COLOURS)]
        what = ", ".join(map(_heading, alike))
        for row in chart.rows:
            for column in alike:
                if row[column.name] is not None:
                    found[_heading(column), row[chart.time_column]] = row[column.name]
    unit, factor = duration_unit(max(found.values(), default=0)) if first.kind is Kind.SECONDS else ("", 1)
    sizes: dict[str, float] = {}
    for (series, _), value in found.items():
        sizes[series] = sizes.get(series, 0) + abs(value)
    largest = sorted(sizes, key=lambda name: (-sizes[name], name))
    shown = largest if len(largest) <= len(_COLOURS) else largest[: len(_COLOURS) - 1]
    others = f"{len(largest) - len(shown)} others"
    adds_up = adds_up and bool(chart.dimensions)
    points: dict[tuple[str, Any], float] = {}
    for (series, time), value in found.items():
        if time is None or (series not in shown and not adds_up):
            continue
        key = printable(series) if series in shown else others, time
        points[key] = points.get(key, 0) + value / factor
    names = sorted(map(printable, shown), key=name_key)
    if len(shown) < len(largest) and adds_up:
        names.append(others)
    return _Drawn(
        f"{what} ({unit})" if unit else what,
        is_share,
        names,
        [{"time": _text(time), "series": series, "value": value} for (series, time), value in points.items()],
        0 if adds_up else len(largest) - len(shown),
    )


def _text(time: Any) -> str:
    if isinstance(time, datetime):
        return f"{time.isoformat()}Z"
    return f"{time.isoformat()}T00:00:00Z" if isinstance(time, date) else str(time)


def _buckets(chart: StatisticChart) -> int:
    """Return how many buckets there are from the first time to the last, those without a row included."""
    times = sorted({row[chart.time_column] for row in chart.rows})
    if len(times) < 2:
        return 1
    shortest = min(after - before for before, after in pairwise(times))
    return int((times[-1] - times[0]) / shortest) + 1


def _specification(chart: StatisticChart, drawn: _Drawn, look: Look) -> dict[str, Any]:
    try:
        import altair as alt
    except ImportError as error:
        raise missing_extra() from error
    is_time = bool(chart.rows) and all(isinstance(row[chart.time_column], date) for row in chart.rows)
    width = look.width - _MARGIN
    times = len({point["time"] for point in drawn.points}) or 1
    bar = min(_WIDEST_BAR, max(1.0, 0.8 * width / (_buckets(chart) if is_time else times)))
    is_bar = chart.kind == "bar" and not drawn.share
    x = alt.X("time:N", sort=None)
    if is_time:
        scale = alt.Scale(type="utc", padding=bar / 2 + 2 if is_bar else 4)
        # By itself, it would write 01:00 for one o'clock in the afternoon.
        has_clock = isinstance(chart.rows[0][chart.time_column], datetime)
        labels = {"format": "%m-%d %H:%M"} if has_clock else {}
        x = alt.X("time:T", scale=scale, axis={"tickCount": _TICKS, "labelOverlap": True, **labels})
    y = alt.Y("value:Q", axis=alt.Axis(format=".0%" if drawn.share else "~s"))
    colours = [look.colours[name] for name in _COLOURS[: len(drawn.series)]]
    palette = alt.Scale(domain=list(drawn.series), range=colours)
    legend = alt.Legend(symbolType="square") if len(drawn.series) > 1 else None
    base: altair.Chart = alt.Chart(alt.InlineData(values=list(drawn.points)))
    match chart.kind:
        case "bar" if is_bar:
            marked = base.mark_bar(size=bar)
        case "area" if not drawn.share:
            marked = base.mark_area(opacity=0.8)
        case _:
            marked = base.mark_line(strokeWidth=2, point=times <= _WIDEST_BAR)
    if drawn.points:
        encoded = marked.encode(x=x, y=y, color=alt.Color("series:N", scale=palette, legend=legend))
        said = printable(f"{drawn.what}. {chart.caption}{_note(drawn)}")
    else:
        words = alt.Chart(alt.InlineData(values=[{}])).mark_text(fontSize=14, fill=look.colours["muted"])
        encoded, said = words.encode(text=alt.TextValue(_NOTHING)), printable(chart.caption)
    specification: dict[str, Any] = encoded.properties(
        width=width,
        height=_HEIGHT,
        background=look.colours["paper"] if look.framed else "transparent",
        padding=16 if look.framed else 4,
        **({"title": alt.Title(printable(chart.title), subtitle=said)} if look.framed else {}),
    ).to_dict()
    specification["config"] = config(look)
    return specification
