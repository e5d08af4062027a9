"""The numbers of a period beside those of another."""

from collections.abc import Sequence
from dataclasses import replace

from autostats.render.section import Column, Section
from autostats.sections.counted import COUNTED, INSTRUMENT, SHORT_HEADINGS, UNKNOWN
from autostats.statistics.buckets import Bucket
from autostats.statistics.comparison import Comparison, coverage
from autostats.statistics.rows import Row
from autostats.statistics.summary import summarise
from autostats.warehouse import Warehouse

_COMPARED = (
    "jobs_total",
    "jobs_failed",
    "pass_rate",
    "median_exe_time",
    "p95_exe_time",
    "runs_total",
    "resolved_runs",
    "missing_runs",
)
COMPARISON_COLUMNS = (
    INSTRUMENT,
    *(
        column
        for now in COUNTED
        if now.name in _COMPARED
        for column in (
            now,
            replace(now, name=f"{now.name}_then", heading=f"{now.heading}\nthen", spoken="then {}"),
            Column(f"{now.name}_change", now.kind, "+/-", "change {}", is_change=True),
        )
    ),
)
_COMPARISON_LAYOUTS = (
    _COMPARED,
    tuple(name for name in _COMPARED if name not in ("p95_exe_time", "resolved_runs")),
    ("jobs_total", "jobs_failed", "pass_rate", "median_exe_time", "runs_total"),
    ("jobs_total", "jobs_failed", "pass_rate"),
)


def comparison_section(
    warehouse: Warehouse, comparison: Comparison, instruments: Sequence[str] | None
) -> Section:
    """Return one row per instrument, and the total, with each number now, then, and their difference."""
    now, then = (
        {
            row["instrument"]: row
            for row in summarise(warehouse, [Bucket("period", period.first, period.last)], instruments)
        }
        for period in (comparison.now, comparison.then)
    )
    rows = [
        _compared(now[name], then.get(name))
        for name in now
        if instruments is not None or name != UNKNOWN or now[name]["jobs_total"]
    ]
    return Section(
        name="comparison",
        title=f"Compared with {comparison.name}",
        columns=COMPARISON_COLUMNS,
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[
            ("instrument", *(f"{name}{part}" for name in layout for part in ("", "_change")))
            for layout in _COMPARISON_LAYOUTS
        ],
        short_headings=SHORT_HEADINGS,
        empty="No statistics for this period.",
        notes=[*comparison.notes, *(coverage(warehouse, comparison.then, instruments) if rows else ())],
    )


def _compared(now: Row, then: Row | None) -> Row:
    """Return the numbers of now, with `_then` and `_change`; None where there is nothing to compare with."""
    row: Row = {"instrument": now["instrument"]}
    for name in _COMPARED:
        value, before = now[name], then[name] if then is not None else None
        change = None if value is None or before is None else value - before
        row |= {name: value, f"{name}_then": before, f"{name}_change": change}
    return row
