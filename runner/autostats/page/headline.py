"""The headline figures of a period compared with those of another."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autostats.catalogue import Catalogue
from autostats.render.section import Column, Row
from autostats.sections.counted import COUNTED, DAILY


@dataclass(frozen=True)
class Figure:
    """One figure, the figure of the days to compare with, and their difference; None if there is none."""

    column: Column
    value: float | None
    before: float | None
    difference: float | None
    # The words for a rise and for a fall.
    words: tuple[str, str]


_MORE, _BETTER, _WORSE, _LONGER = (
    ("more", "fewer"),
    ("better", "worse"),
    ("worse", "better"),
    ("longer", "shorter"),
)
# The name of a figure that stands alone, and the words for a change in it.
_FIGURES: Mapping[str, tuple[str, tuple[str, str]]] = {
    "jobs_total": ("Jobs", _MORE),
    "pass_rate": ("Pass rate", _BETTER),
    "jobs_failed": ("Failed jobs", _WORSE),
    "median_exe_time": ("Median execution time", _LONGER),
    "p95_exe_time": ("95 % of executions within", _LONGER),
    "runs_total": ("Runs", _MORE),
    "resolved_runs": ("Resolved runs", _MORE),
    "missing_runs": ("Missing runs", _WORSE),
}


def _figure(
    column: Column, words: tuple[str, str], total: Row | None, compared: Row | None, before: Row | None
) -> Figure:
    value, now, then = (row[column.name] if row is not None else None for row in (total, compared, before))
    return Figure(column, value, then, now - then if now is not None and then is not None else None, words)


def headline(
    catalogue: Catalogue, total: Row | None, compared: Row | None, before: Row | None
) -> list[Figure]:
    """Return the headline figures of `total`, each with its change.

    A change is the figure of `compared`, the comparable days, less that of `before`. The rows are totals from
    `summarise`, None if there are no statistics.
    """
    columns = {column.name: column for column in catalogue.columns(DAILY, *COUNTED)}
    return [
        _figure(replace(columns[name], heading=heading), words, total, compared, before)
        for name, (heading, words) in _FIGURES.items()
    ]
