"""What the page shows besides the tables of the report: headline figures, charts, problems and freshness."""

import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autostats.catalogue import Catalogue
from autostats.charts.chart import Chart, ChartName, read_chart
from autostats.charts.draw import PAGE, as_svg
from autostats.charts.extra import can_draw, missing_extra
from autostats.errors import UsageError
from autostats.page.headline import Figure, headline
from autostats.period import Period
from autostats.queries.comparison import Against, Comparison, compare, coverage
from autostats.queries.scope import Scope
from autostats.queries.settings import Settings
from autostats.queries.summary import summarise
from autostats.render.notes import PATIENCE_SECONDS, Notes
from autostats.render.section import Row, Section
from autostats.sections.failure_days import failure_days_section
from autostats.sections.problems import problems_section
from autostats.sections.silence import silence_section

_WORST_DAYS = 8


@dataclass(frozen=True)
class Page:
    """The content of the page besides the sections of its document."""

    catalogue: Catalogue
    settings: Settings
    instruments: Sequence[str] | None
    period: Period
    # Remarks on the period's statistics as a whole.
    remarks: Sequence[str]
    figures: Sequence[Figure]
    # What the figures are compared with, and remarks on that.
    compared_with: str | None
    comparison_notes: Sequence[str]
    # Each chart and its picture as SVG, None if there is nothing to draw, or nothing to draw it with.
    charts: Sequence[tuple[Chart, str | None]]
    failure_days: Section
    problems: Section
    freshness: Section
    # The command line of the same report, without the options for what to show.
    command: str


def _total(scope: Scope) -> Row | None:
    """Return the row of all instruments together, or None if there are no statistics."""
    rows = summarise(scope)
    return rows[-1] if rows else None


def _charts(
    scope: Scope, names: Sequence[ChartName], note: Callable[[str], None], *, drawn: bool
) -> list[tuple[Chart, str | None]]:
    began = time.monotonic()
    told = False
    charts: list[tuple[Chart, str | None]] = []
    for place, name in enumerate(names, start=1):
        chart = read_chart(scope, name)
        if not told and time.monotonic() - began > PATIENCE_SECONDS:
            note(f"Drawing the charts: {place} of {len(names)}.")
            told = True
        charts.append((chart, as_svg(chart, PAGE) if drawn and chart.rows else None))
    return charts


def check_page(output: Path | None) -> None:
    """Refuse, before anything is read, what cannot become a page.

    Raises UsageError if the extra `charts` is not installed, or if the page would fill a terminal.
    """
    if not can_draw():
        raise missing_extra()
    if output is None and sys.stdout.isatty():
        raise UsageError(
            "A page is not for a terminal.",
            "Name a file, such as `--output week.html`, or pipe it with `|`.",
        )


def _with_the_period_before(scope: Scope, cycle: str | None) -> Comparison | None:
    try:
        return compare(scope, cycle, Against.PREVIOUS)
    except UsageError:
        # There is none before the first cycle: the page has no differences.
        return None


def gather_page(
    scope: Scope,
    cycle: str | None,
    comparison: Comparison | None,
    sections: Sequence[Section],
    remarks: Sequence[str],
    notes: Notes,
    *,
    drawn: bool = True,
) -> Page:
    """Return the content of the page for a period, whose tables are `sections`, the summary first.

    It is compared with the previous period unless `comparison` says otherwise. On a terminal, a note appears
    if it takes long. Raises UsageError when charts are to be `drawn` and the extra `charts` is not installed.
    """
    comparison = comparison or _with_the_period_before(scope, cycle)
    note = notes if sys.stderr.isatty() else lambda message: None
    total = sections[0].total
    compared, before = total, None
    if comparison is not None:
        before = _total(scope.during(comparison.then))
        if comparison.now != scope.period:
            compared = _total(scope.during(comparison.now))
    polled = any(section.name == "availability" for section in sections)
    names = "".join(f"{shlex.quote(name)} " for name in scope.instruments or ())
    return Page(
        catalogue=scope.warehouse.catalogue,
        settings=scope.settings,
        instruments=scope.instruments,
        period=scope.period,
        remarks=remarks,
        figures=headline(scope.warehouse.catalogue, total, compared, before),
        compared_with=comparison.name if comparison is not None else None,
        comparison_notes=[*comparison.notes, *coverage(scope.during(comparison.then))]
        if comparison is not None
        else (),
        charts=_charts(
            scope,
            [name for name in ChartName if polled or name is not ChartName.AVAILABILITY],
            note,
            drawn=drawn,
        ),
        failure_days=failure_days_section(scope, _WORST_DAYS),
        problems=problems_section(scope),
        freshness=silence_section(scope),
        command=f"autostats report {names}--from {scope.period.first} --to {scope.period.last}",
    )
