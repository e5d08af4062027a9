"""What `autostats report --format html` needs besides the sections of the report."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from autostats.charts.extra import missing_extra
from autostats.errors import UsageError
from autostats.period import Period
from autostats.render.notes import Notes
from autostats.render.section import Section
from autostats.sections.page import Page, gather_page
from autostats.statistics.comparison import Against, Comparison, compare
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse


def check_page(output: Path | None) -> None:
    """Refuse, before anything is read, what cannot come to a page.

    Raises UsageError where the extra `charts` is not installed, and where the page would fill a terminal.
    """
    if not all(map(find_spec, ("altair", "vl_convert"))):
        raise missing_extra()
    if output is None and sys.stdout.isatty():
        raise UsageError(
            "A page is not for a terminal.",
            "Name a file, such as `--output week.html`, or send it on by `|`.",
        )


def make_page(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    cycle: str | None,
    comparison: Comparison | None,
    summary: Section,
    remarks: Sequence[str],
    notes: Notes,
) -> Page:
    """Return the page's content, compared with the period before unless `comparison` says otherwise."""
    if comparison is None:
        try:
            comparison = compare(warehouse, settings.clock, period, cycle, Against.PREVIOUS)
        except UsageError:
            # There is none before the first cycle: a page without differences.
            comparison = None
    return gather_page(
        warehouse,
        settings,
        period,
        instruments,
        summary.total,
        comparison,
        remarks,
        # Whoever waits at a screen wants to know for what.
        notes if sys.stderr.isatty() else lambda message: None,
    )
