"""What the page shows besides the tables of the report: headline figures, charts, problems and freshness."""

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autostats.charts.chart import Chart, ChartName, read_chart
from autostats.charts.draw import PAGE, as_svg
from autostats.period import Period
from autostats.render.notes import PATIENCE_SECONDS
from autostats.render.section import Row, Section
from autostats.sections.failure_days import failure_days_section
from autostats.sections.freshness import freshness_section
from autostats.sections.headline import Figure, headline
from autostats.sections.problems import problems_section
from autostats.statistics.buckets import Bucket
from autostats.statistics.comparison import Comparison, coverage
from autostats.statistics.settings import Settings
from autostats.statistics.summary import summarise
from autostats.warehouse import Warehouse

_WORST_DAYS = 8


@dataclass(frozen=True)
class Page:
    """The content of the page, beside the sections of its document."""

    settings: Settings
    instruments: Sequence[str] | None
    period: Period
    # What there is to say of the period's statistics as a whole.
    remarks: Sequence[str]
    figures: Sequence[Figure]
    # What the figures are compared with, and what there is to say of that.
    compared_with: str | None
    comparison_notes: Sequence[str]
    # Each chart and its picture in SVG, None where there is nothing to draw.
    charts: Sequence[tuple[Chart, str | None]]
    failure_days: Section
    problems: Section
    freshness: Section
    # The command line of the same report, but for what it shows.
    command: str


def _total(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Row | None:
    """Return the row of all instruments together, or None where there are no statistics."""
    rows = summarise(warehouse, [Bucket("period", period.first, period.last)], instruments)
    return rows[-1] if rows else None


def _charts(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    note: Callable[[str], None],
) -> list[tuple[Chart, str | None]]:
    began = time.monotonic()
    told = False
    charts: list[tuple[Chart, str | None]] = []
    for place, name in enumerate(ChartName, start=1):
        chart = read_chart(warehouse, settings, name, period, instruments)
        if not told and time.monotonic() - began > PATIENCE_SECONDS:
            note(f"Drawing the charts: {place} of {len(ChartName)}.")
            told = True
        charts.append((chart, as_svg(chart, PAGE) if chart.rows else None))
    return charts


def gather_page(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    total: Row | None,
    comparison: Comparison | None,
    remarks: Sequence[str],
    note: Callable[[str], None],
) -> Page:
    """Return the content of the page on a period, whose row of all instruments together is `total`.

    `note` is told when it takes long. Raises UsageError when the extra `charts` is not installed.
    """
    compared, before = total, None
    if comparison is not None:
        before = _total(warehouse, comparison.then, instruments)
        if comparison.now != period:
            compared = _total(warehouse, comparison.now, instruments)
    names = "".join(f"{shlex.quote(name)} " for name in instruments or ())
    return Page(
        settings=settings,
        instruments=instruments,
        period=period,
        remarks=remarks,
        figures=headline(total, compared, before),
        compared_with=comparison.name if comparison is not None else None,
        comparison_notes=[*comparison.notes, *coverage(warehouse, comparison.then, instruments)]
        if comparison is not None
        else (),
        charts=_charts(warehouse, settings, period, instruments, note),
        failure_days=failure_days_section(warehouse, period, instruments, _WORST_DAYS),
        problems=problems_section(warehouse, period, instruments),
        freshness=freshness_section(warehouse, settings, instruments),
        command=f"autostats report {names}--from {period.first} --to {period.last}",
    )
