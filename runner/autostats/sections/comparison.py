"""The numbers of a period beside those of another."""

from autostats.catalogue import Catalogue
from autostats.queries.comparison import Comparison, coverage
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.summary import summarise
from autostats.render.section import Column, Section
from autostats.sections.counted import COUNTED, DAILY, UNKNOWN

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
_COMPARISON_LAYOUTS = (
    _COMPARED,
    tuple(name for name in _COMPARED if name not in ("p95_exe_time", "resolved_runs")),
    ("jobs_total", "jobs_failed", "pass_rate", "median_exe_time", "runs_total"),
    ("jobs_total", "jobs_failed", "pass_rate"),
)


def _lower(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def comparison_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return each compared number, its value in the other period, and the difference."""
    return (
        catalogue.column(DAILY, "instrument"),
        *(
            column
            for now in catalogue.columns(DAILY, *COUNTED)
            if now.name in _COMPARED
            for column in (
                now,
                Column(
                    f"{now.name}_then",
                    now.kind,
                    f"{now.heading}\nthen",
                    "then {}",
                    f"Of the period compared with: {_lower(now.description)}",
                    is_nullable=True,
                ),
                Column(
                    f"{now.name}_change",
                    now.kind,
                    "+/-",
                    "change {}",
                    f"This period less the one compared with: {_lower(now.description)}",
                    is_nullable=True,
                    is_change=True,
                ),
            )
        ),
    )


def comparison_section(scope: Scope, comparison: Comparison) -> Section:
    """Return one row per instrument and the total, with each number now and then, and their difference."""
    now, then = (
        {row["instrument"]: row for row in summarise(scope.during(period))}
        for period in (comparison.now, comparison.then)
    )
    rows = [
        _compared(now[name], then.get(name))
        for name in now
        if scope.instruments is not None or name != UNKNOWN or now[name]["jobs_total"]
    ]
    return Section(
        name="comparison",
        title=f"Compared with {comparison.name}",
        columns=comparison_columns(scope.warehouse.catalogue),
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[
            ("instrument", *(f"{name}{part}" for name in layout for part in ("", "_change")))
            for layout in _COMPARISON_LAYOUTS
        ],
        companions={name: (f"{name}_then", f"{name}_change") for name in _COMPARED},
        empty="No statistics for this period.",
        notes=[*comparison.notes, *(coverage(scope.during(comparison.then)) if rows else ())],
    )


def _compared(now: Row, then: Row | None) -> Row:
    """Return the current numbers, with `_then` and `_change`; None if there is nothing to compare with."""
    row: Row = {"instrument": now["instrument"]}
    for name in _COMPARED:
        value, before = now[name], then[name] if then is not None else None
        change = None if value is None or before is None else value - before
        row |= {name: value, f"{name}_then": before, f"{name}_change": change}
    return row
