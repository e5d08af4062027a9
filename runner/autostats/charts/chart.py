"""The charts: their names, and the content of each before it is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from autostats.charts import describe
from autostats.charts.shades import shaded
from autostats.period import Period
from autostats.queries.availability import state_series
from autostats.queries.buckets import By
from autostats.queries.cycles import all_cycles
from autostats.queries.days import JOBS, POLLED, recorded_days, recorded_period, unfinished
from autostats.queries.rows import Row
from autostats.queries.run_numbers import run_number_ranges
from autostats.queries.scope import Scope
from autostats.queries.series import (
    OUTCOMES,
    STARTERS,
    Timeline,
    count_series,
    exe_time_series,
    pass_rate_series,
    step,
    timeline,
)
from autostats.text import printable

# A calendar of up to a year has a column for each week; a longer one has a row for each year.
_MOST_CALENDAR_DAYS = 53 * 7
_NAMES_IN_A_TITLE = 4
# More bars or dots than this are hard to tell apart.
MOST_POINTS = 120


class ChartName(StrEnum):
    """The available charts."""

    JOBS = "jobs"
    PASS_RATE = "pass-rate"
    EXE_TIME = "exe-time"
    STARTERS = "starters"
    MISSING = "missing"
    FAILURES = "failures"
    AVAILABILITY = "availability"


@dataclass(frozen=True)
class Chart:
    """What a chart shows, before it is drawn.

    `scope` names the instruments and days; `description` says in a sentence or two what the chart shows, for
    those who cannot see it. Without rows there is nothing to draw, and `description` says why.
    Rows along time: `label`, `first_day`, `last_day` and counts, shares (0 to 1) or seconds, None where
    nothing was measured; those of `availability` have an `instrument` as well, and are in its order. Rows of
    `missing`: ranges of run numbers and their `state`.
    """

    name: ChartName
    title: str
    scope: str
    description: str
    by: By
    rows: Sequence[Row] = ()
    notes: Sequence[str] = ()
    # The labels of the rows within beam cycles and on weekends, by the word for it.
    shades: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Series:
    """A chart along time: what to read, and how to describe it."""

    title: str
    read: Callable[[Scope, Timeline], list[Row]]
    describe: Callable[[Sequence[Row], By], str]
    # There is nothing to draw if all of these are zero.
    counts: Sequence[str]
    empty: str


_SERIES: Mapping[ChartName, _Series] = {
    ChartName.JOBS: _Series(
        "Jobs per {by}, by outcome",
        lambda scope, line: count_series(scope, line, OUTCOMES),
        describe.jobs,
        OUTCOMES,
        "No jobs were created.",
    ),
    ChartName.STARTERS: _Series(
        "Jobs per {by}, by who started them",
        lambda scope, line: count_series(scope, line, STARTERS),
        describe.starters,
        STARTERS,
        "No jobs were created.",
    ),
    ChartName.PASS_RATE: _Series(
        "Pass rate per {by}",
        pass_rate_series,
        describe.pass_rates,
        ("jobs_passed", "jobs_failed"),
        "No jobs have passed or failed.",
    ),
    ChartName.EXE_TIME: _Series(
        "Execution time per {by}",
        exe_time_series,
        describe.exe_times,
        ("exe_time_count",),
        "No completed job has an execution time.",
    ),
    ChartName.FAILURES: _Series(
        "Failed jobs per {by}",
        lambda scope, line: count_series(scope, line, ("jobs_failed",)),
        describe.failures,
        (),
        "",
    ),
}


_STRIPS: Mapping[ChartName, str] = {
    ChartName.MISSING: "Run numbers: seen, late, missing",
    ChartName.AVAILABILITY: "Availability per {by}",
}
_SHARES = "Each percentage is the share of the known time for which the instrument was up."


def _about(scope: Scope, recorded: tuple[date, date] | None) -> str:
    if scope.instruments is None:
        whose = "All instruments"
    elif len(scope.instruments) <= _NAMES_IN_A_TITLE:
        whose = ", ".join(printable(name) for name in scope.instruments)
    else:
        whose = f"{len(scope.instruments)} instruments"
    return f"{whose}, {scope.period.of_recorded(recorded)}, {scope.settings.facility_timezone}"


def _cut(line: Timeline) -> list[str]:
    """Return a sentence if the first or the last week or month is incomplete."""
    after = line.period.last + timedelta(days=1)
    ends = (line.period.first, after)
    if (line.by is By.WEEK and any(day.weekday() for day in ends)) or (
        line.by is By.MONTH and any(day.day != 1 for day in ends)
    ):
        return [f"The first or last {line.by.value} is cut to the period."]
    return []


def _broken(rows: Sequence[Row]) -> list[str]:
    """Return a sentence on what a break in a strip means."""
    for before, after in pairwise(rows):
        beside = after["first_run_number"] == before["last_run_number"] + 1
        if before["instrument"] == after["instrument"] and not beside:
            return ["A break in a strip: numbers from another time, or a jump in the numbering."]
    return []


def _by(name: ChartName, within: Period, most: int) -> By:
    if name is ChartName.FAILURES:
        return By.DAY if within.days <= _MOST_CALENDAR_DAYS else By.WEEK
    return step(within, most)


def _nothing_recorded(scope: Scope, table: str) -> str:
    recorded = recorded_days(scope, table)
    if recorded is None:
        what = "jobs" if table == JOBS else "polls"
        return f"The statistics have no {what} of these instruments yet."
    return f"No statistics for {scope.period}: they go from {recorded[0]} to {recorded[1]}."


def read_chart(scope: Scope, name: ChartName, most: int = MOST_POINTS) -> Chart:
    """Return the chart called `name` for the recorded part of a period.

    It covers the chosen instruments (None: all) together. Only `missing` and `availability` distinguish them.
    Beyond `most` days a point is a week, and beyond `most` weeks a month.
    """
    availability, missing = name is ChartName.AVAILABILITY, name is ChartName.MISSING
    table = POLLED if availability else JOBS
    within = recorded_period(scope, table)
    period = within or scope.period
    by = _by(name, period, most)
    title = (_STRIPS.get(name) or _SERIES[name].title).format(by=by.value)
    about = _about(scope, recorded_days(scope, table))
    if within is None:
        return Chart(name, title, about, _nothing_recorded(scope, table), by)
    scope = scope.during(within)
    if availability:
        line = timeline(within, by)
        rows = state_series(scope, line)
        notes = [*unfinished(scope), *_cut(line), _SHARES]
        return Chart(name, title, about, describe.states(rows), by, rows, notes)
    if missing:
        rows = run_number_ranges(scope)
        said = describe.run_numbers(rows)
        notes = [*unfinished(scope), *_broken(rows)]
        return Chart(name, title, about, said, by, rows, notes)
    kind = _SERIES[name]
    line = timeline(within, by)
    rows = kind.read(scope, line)
    if kind.counts and not any(row[column] for row in rows for column in kind.counts):
        return Chart(name, title, about, kind.empty, by)
    notes = [*unfinished(scope), *_cut(line)]
    shades = shaded(line, all_cycles(scope.warehouse))
    return Chart(name, title, about, kind.describe(rows, by), by, rows, notes, shades)
