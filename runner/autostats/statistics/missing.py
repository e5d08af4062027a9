"""Missing runs as ranges, and jumps of the numbering."""

from collections.abc import Sequence
from enum import StrEnum

from autostats.period import Period
from autostats.statistics.rows import Row, among
from autostats.warehouse import Warehouse


class State(StrEnum):
    """What has become of a missing run; `all` of them."""

    OPEN = "open"
    IGNORED = "ignored"
    ARRIVED = "arrived"
    ALL = "all"


_OPEN = """
select instrument, first_run_number, last_run_number, runs, kind, 'open' as state, noticed_at, noticed_day,
    cycle, age_days, cast(null as timestamp) as arrived_at, cast(null as varchar) as ignored_reason
from rpt_missing_runs
where {chosen} and {days}
"""
# Neighbours that share everything else are one range.
_CLOSED = """
with ranked as (
    select *, run_number - row_number() over (
        partition by instrument, kind, state, noticed_at, arrived_at, ignored_reason order by run_number
    ) as hole
    from fct_missing_runs
    where state in ({states}) and {chosen} and {days}
)
select instrument, min(run_number) as first_run_number, max(run_number) as last_run_number, count(*) as runs,
    kind, state, noticed_at, noticed_day, cycle, cast(null as integer) as age_days, arrived_at, ignored_reason
from ranked
group by instrument, kind, state, noticed_at, noticed_day, cycle, arrived_at, ignored_reason, hole
"""
_JUMPS = """
select instrument, run_number_before, run_number_after,
    run_number_after - run_number_before - 1 as numbers_between, noticed_at, noticed_day
from fct_run_number_jumps
where {chosen} and {days}
order by instrument, run_number_before
"""


def _days(period: Period | None) -> tuple[str, list[object]]:
    if period is None:
        return "1 = 1", []
    return "noticed_day between ? and ?", [period.first, period.last]


def missing_ranges(
    warehouse: Warehouse, state: State, period: Period | None, instruments: Sequence[str] | None
) -> list[Row]:
    """Return ranges of missing runs noticed in the period (None: ever), by instrument and number.

    `age_days`, since noticed, is that of open ones.
    """
    chosen, names = among("instrument", instruments)
    days, limits = _days(period)
    rows: list[Row] = []
    if state in (State.OPEN, State.ALL):
        rows += warehouse.rows(_OPEN.format(chosen=chosen, days=days), [*names, *limits])
    states = {State.ALL: ["ignored", "arrived"], State.OPEN: []}.get(state, [state.value])
    if states:
        sql = _CLOSED.format(states=", ".join("?" for _ in states), chosen=chosen, days=days)
        rows += warehouse.rows(sql, [*states, *names, *limits])
    return sorted(rows, key=lambda row: (row["instrument"], row["first_run_number"], row["state"]))


def jump_rows(warehouse: Warehouse, period: Period | None, instruments: Sequence[str] | None) -> list[Row]:
    """Return the holes that are too long to be missing runs, noticed in the period (None: ever)."""
    chosen, names = among("instrument", instruments)
    days, limits = _days(period)
    return warehouse.rows(_JUMPS.format(chosen=chosen, days=days), [*names, *limits])


def open_runs(
    warehouse: Warehouse, period: Period | None, instruments: Sequence[str] | None
) -> dict[str, int]:
    """Return how many runs each instrument misses, of those noticed in the period (None: ever)."""
    chosen, names = among("instrument", instruments)
    days, limits = _days(period)
    rows = warehouse.rows(
        "select instrument, count(*) as runs from fct_missing_runs"
        f" where state = 'open' and {chosen} and {days} group by instrument order by instrument",
        [*names, *limits],
    )
    return {row["instrument"]: row["runs"] for row in rows}
