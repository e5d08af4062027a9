"""The rows of a statistic in each format."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from autostats.brand import NO_BRAND, Brand
from autostats.published.csv_lines import csv_lines
from autostats.published.reader import BuildFacts, Statistic
from autostats.render.as_markdown import as_markdown
from autostats.render.as_parquet import as_parquet
from autostats.render.as_prometheus import as_prometheus
from autostats.render.as_xlsx import as_xlsx
from autostats.render.machine import machine_text
from autostats.render.section import Column, Document, Kind, Metric
from autostats.sections.statistics import statistic_section
from autostats.serve.negotiation import Served

if TYPE_CHECKING:
    from autostats.charts.statistic import StatisticChart
    from autostats.page.statistic import Around

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Content:
    """What is shown: rows of a statistic in the order in which they were asked for, and where they stand."""

    facts: BuildFacts
    statistic: Statistic
    columns: Sequence[Column]
    rows: Sequence[Values]
    total: int
    number: int = 1
    pages: int = 1
    # The rows that a chart on a page shows: more than those of the page.
    drawn: Sequence[Values] = ()
    around: "Around | None" = None
    brand: Brand = NO_BRAND


def rendered(wanted: Served, content: Content) -> bytes:
    """Return the rows in a format. Raises UsageError when the extra that it needs is not installed."""
    match wanted:
        case Served.JSON:
            return _as_json(content)
        case Served.CSV:
            return csv_lines([[column.name for column in content.columns], *content.rows])
        case Served.MD:
            return as_markdown(_document(content)).encode()
        case Served.PROMETHEUS:
            return _as_prometheus(content)
        case Served.HTML:
            return _as_page(content)
        case Served.SVG | Served.PNG:
            return _as_picture(wanted, content)
        case Served.XLSX:
            return as_xlsx(_document(content))
        case Served.PARQUET:
            return as_parquet(_document(content))


def json_bytes(content: Any) -> bytes:
    """Return an object as JSON; times are UTC."""
    import orjson

    return orjson.dumps(content, option=orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z)


def _as_json(content: Content) -> bytes:
    page = {
        "ident": content.statistic.ident,
        "build": content.facts.build,
        "total": content.total,
        "returned": len(content.rows),
        "page": content.number,
        "pages": content.pages,
        "rows": _dicts(content),
    }
    return json_bytes(page)


def _as_page(content: Content) -> bytes:
    from autostats.charts.extra import can_draw
    from autostats.page.statistic import statistic_page

    picture = None
    if content.drawn and can_draw():
        from autostats.charts.palette import PAGE
        from autostats.charts.statistic import as_svg, caption

        chart = _chart(content, content.drawn)
        picture = as_svg(chart, PAGE), caption(chart)
    document = _document(content)
    if any(column.kind in (Kind.TIME, Kind.HOUR) for column in content.columns):
        zone = f"Times are of {document.timezone}; those of the chart are UTC."
        document = replace(document, captions=[*document.captions, zone])
    return statistic_page(document, content.facts.autostats_version, picture, content.around).encode()


def _dicts(content: Content, rows: Sequence[Values] | None = None) -> list[dict[str, Any]]:
    names = [column.name for column in content.columns]
    return [dict(zip(names, row, strict=True)) for row in (content.rows if rows is None else rows)]


def _document(content: Content) -> Document:
    statistic, facts = content.statistic, content.facts
    shown = f"rows of page {content.number} of {content.pages}" if content.pages > 1 else "rows"
    section = statistic_section(statistic, content.columns, content.rows, f"{len(content.rows)} {shown}")
    failed = [f"The last build of this statistic failed: {statistic.error}."] if statistic.error else []
    return Document(
        title=statistic.summary,
        facts={},
        sections=[section],
        timezone=facts.facility_timezone,
        captions=[*failed, facts.settings(facts.as_of).caption, f"Build {facts.build}."],
        brand=content.brand,
    )


def _as_prometheus(content: Content) -> bytes:
    """Return the measures of the newest time among the rows."""
    statistic, rows = content.statistic, _dicts(content)
    time = statistic.time_column or ""
    newest = max((row[time] for row in rows if row[time] is not None), default=None)
    metrics = []
    for column in content.columns:
        if column.name not in statistic.measures:
            continue
        samples = [
            ({name: machine_text(row[name]) for name in statistic.dimensions}, float(row[column.name]))
            for row in rows
            if row[time] == newest and isinstance(row[column.name], int | float)
        ]
        name = f"autostats_{statistic.ident}_{column.name}".replace("-", "_")
        metrics.append(Metric(name, f"{column.description} {statistic.summary}.".strip(), samples))
    return as_prometheus(Document("", {}, [], "UTC", metrics=metrics)).encode() if metrics else b""


def _as_picture(wanted: Served, content: Content) -> bytes:
    from autostats.charts.statistic import as_png, as_svg

    chart = _chart(content, content.rows)
    return as_png(chart) if wanted is Served.PNG else as_svg(chart).encode()


def _chart(content: Content, rows: Sequence[Values]) -> "StatisticChart":
    from autostats.charts.statistic import StatisticChart

    statistic, facts = content.statistic, content.facts
    return StatisticChart(
        title=statistic.summary,
        caption=f"Statistics of {facts.as_of:%Y-%m-%d %H:%M} UTC.",
        kind=statistic.chart or "line",
        time_column=statistic.time_column or "",
        dimensions=statistic.dimensions,
        measures=[column for column in content.columns if column.name in statistic.measures],
        rows=_dicts(content, rows),
    )
