"""What a run has changed: what was read, and what now passes, fails or is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from autostats.period import EVER
from autostats.queries.attention import attention_rows
from autostats.queries.renames import renamed_since
from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.queries.settings import read_settings
from autostats.run.options import DailyResult

if TYPE_CHECKING:
    from autostats.warehouse import Warehouse

Known = tuple[Any, ...]
Runs = frozenset[tuple[str, int]]


@dataclass(frozen=True)
class Problem:
    """How many values a rule for odd data was needed for, and how many more than before the run.

    `change` is None for the first load.
    """

    count: int
    change: int | None


@dataclass(frozen=True)
class Summary:
    """What a run has changed, compared with the statistics before it.

    Runs are (instrument, run number): those that `newly` pass, fail or are missing since then, and those that
    are `no_longer_missing`; all are new in the first load. `days` are the local days that changed, by
    instrument; `attention` is what needs somebody now; `seconds` are those of the whole and of dbt, which
    ended with load `load_number` and the statistics of `as_of` (UTC).
    """

    source: str
    is_first_load: bool
    full_refresh: bool
    jobs_new: int
    jobs_changed: int
    jobs_vanished: int
    days: Mapping[str, Sequence[date]]
    newly_resolved: Runs
    newly_failing: Runs
    failing: int
    newly_missing: Runs
    no_longer_missing: Runs
    missing: int
    attention: Sequence[Row]
    problems: Mapping[str, Problem]
    seconds: float
    dbt_seconds: float
    load_number: int
    as_of: datetime


_LOADS = """
select
    coalesce(sum(jobs_new), 0) as jobs_new, coalesce(sum(jobs_changed), 0) as jobs_changed,
    coalesce(sum(jobs_vanished), 0) as jobs_vanished
from fct_loads
where load_number > ?
"""
_DAYS = """
select distinct instrument, day
from fct_load_days
where load_number > ?
order by instrument collate noaccent.nocase, instrument, day
"""


def summarise(result: DailyResult, warehouse: "Warehouse") -> Summary:
    """Return what a run has changed."""
    before, after = result.before, result.after
    is_first = before.load == 0
    settings = read_settings(warehouse)
    renamed = {} if before.settings is None else renamed_since(warehouse, before.settings.as_of)
    were_missing = _followed(before.missing, renamed)
    [jobs] = warehouse.rows(_LOADS, [before.load])
    return Summary(
        source=result.source,
        is_first_load=is_first,
        full_refresh=result.refreshed,
        **{name: int(number) for name, number in jobs.items()},
        days=_days(result, warehouse),
        newly_resolved=resolved_runs(after.resolved - _followed(before.resolved, renamed)),
        newly_failing=after.failing - _followed(before.failing, renamed),
        failing=len(after.failing),
        newly_missing=after.missing - were_missing,
        no_longer_missing=frozenset(were_missing - after.missing),
        missing=len(after.missing),
        attention=attention_rows(Scope(warehouse, settings, EVER)),
        problems={
            name: Problem(number, None if is_first else number - before.problems.get(name, 0))
            for name, number in sorted(after.problems.items())
        },
        seconds=result.seconds,
        dbt_seconds=result.dbt_seconds,
        load_number=after.load,
        as_of=settings.as_of,
    )


def _days(result: DailyResult, warehouse: "Warehouse") -> dict[str, list[date]]:
    """Return which days of instruments changed since the load before this run."""
    rows = warehouse.rows(_DAYS, [result.before.load])
    return {
        instrument: [row["day"] for row in group if row["day"] is not None]
        for instrument, group in groupby(rows, key=lambda row: row["instrument"])
    }


def _followed(runs: Iterable[Known], renamed: Mapping[str, str]) -> set[Known]:
    """Return runs, which begin with their instrument, under its current name."""
    return {(renamed.get(run[0], run[0]), *run[1:]) for run in runs}


def resolved_runs(resolved: Iterable[tuple[str, int, Any]]) -> Runs:
    """Return the runs in resolutions, each once."""
    return frozenset((instrument, run) for instrument, run, _ in resolved)
