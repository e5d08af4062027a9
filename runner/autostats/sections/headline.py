"""The headline figures of a period against those of another."""

from collections.abc import Mapping
from dataclasses import dataclass

from autostats.render.section import Column, Kind, Row


@dataclass(frozen=True)
class Figure:
    """One figure, that of the days to compare with, and their difference; each None where there is none."""

    column: Column
    value: float | None
    before: float | None
    difference: float | None
    # What a rise is called, and what a fall.
    words: tuple[str, str]


_MORE, _BETTER, _WORSE, _LONGER = (
    ("more", "fewer"),
    ("better", "worse"),
    ("worse", "better"),
    ("longer", "shorter"),
)
_FIGURES: Mapping[Column, tuple[str, str]] = {
    Column("jobs_total", Kind.COUNT, "Jobs"): _MORE,
    Column("pass_rate", Kind.SHARE, "Pass rate"): _BETTER,
    Column("jobs_failed", Kind.BAD_COUNT, "Failed jobs"): _WORSE,
    Column("median_exe_time", Kind.SECONDS, "Median execution time"): _LONGER,
    Column("p95_exe_time", Kind.SECONDS, "95 % of executions within"): _LONGER,
    Column("runs_total", Kind.COUNT, "Runs"): _MORE,
    Column("resolved_runs", Kind.COUNT, "Resolved runs"): _MORE,
    Column("missing_runs", Kind.BAD_COUNT, "Missing runs"): _WORSE,
}


def _figure(
    column: Column, words: tuple[str, str], total: Row | None, compared: Row | None, before: Row | None
) -> Figure:
    value, now, then = (row[column.name] if row is not None else None for row in (total, compared, before))
    return Figure(column, value, then, now - then if now is not None and then is not None else None, words)


def headline(total: Row | None, compared: Row | None, before: Row | None) -> list[Figure]:
    """Return the headline figures of `total`; `compared`, those of its days that can be, less `before`.

    The rows are totals of `summarise`, None where there are no statistics.
    """
    return [_figure(column, words, total, compared, before) for column, words in _FIGURES.items()]
