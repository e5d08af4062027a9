"""Missing runs as ranges, and jumps in the numbering."""

from collections.abc import Sequence
from enum import StrEnum

from autostats.queries.rows import Row
from autostats.queries.scope import Scope


class State(StrEnum):
    """What has become of a missing run; `all` of them."""

    OPEN = "open"
    SETTLING = "settling"
    IGNORED = "ignored"
    ARRIVED = "arrived"
    ALL = "all"


class Kind(StrEnum):
    """What is known of a missing run, worst first."""

    ARCHIVE_ONLY = "archive_only"
    ANNOUNCED_ONLY = "announced_only"
    TAIL = "tail"
    GAP = "gap"
    DB_ONLY = "db_only"
    NEVER_WRITTEN = "never_written"


# What the database lacks.
LACKING = (Kind.ARCHIVE_ONLY, Kind.ANNOUNCED_ONLY, Kind.TAIL, Kind.GAP)
# A run that was never written is missing nowhere.
FAULTS = (*LACKING, Kind.DB_ONLY)

_RANGES = """
select instrument, first_run_number, last_run_number, runs, kind, state, noticed_at, noticed_day, cycle,
    age_days, arrived_at, ignored_reason
from rpt_missing_runs
where {states} and kind in (select unnest(?)) and {chosen}
order by kind <> 'archive_only', instrument collate noaccent.nocase, instrument, first_run_number
"""
_JUMPS = """
select instrument, run_number_before, run_number_after,
    run_number_after - run_number_before - 1 as numbers_between, noticed_at, noticed_day
from fct_run_number_jumps
where {chosen}
order by instrument collate noaccent.nocase, instrument, run_number_before
"""


def missing_ranges(scope: Scope, state: State, kinds: Sequence[Kind] = LACKING) -> list[Row]:
    """Return ranges of missing runs noticed in the period, those with a file first, by instrument and number.

    `age_days`, since they were noticed, is set for open ones.
    """
    states, wanted = ("1 = 1", []) if state is State.ALL else ("state = ?", [state.value])
    chosen, parameters = scope.condition("noticed_day")
    query = _RANGES.format(states=states, chosen=chosen)
    return scope.warehouse.rows(query, [*wanted, [*kinds], *parameters])


def jump_rows(scope: Scope) -> list[Row]:
    """Return the gaps noticed in the period that are too long to be missing runs."""
    chosen, parameters = scope.condition("noticed_day")
    return scope.warehouse.rows(_JUMPS.format(chosen=chosen), parameters)


def open_runs(scope: Scope, kinds: Sequence[Kind] = LACKING) -> dict[str, int]:
    """Return how many runs of these kinds each instrument is still missing, noticed in the period."""
    chosen, parameters = scope.condition("noticed_day")
    rows = scope.warehouse.rows(
        "select instrument, count(*) as runs from fct_missing_runs"
        f" where state = 'open' and kind in (select unnest(?)) and {chosen}"
        " group by instrument order by instrument collate noaccent.nocase, instrument",
        [[*kinds], *parameters],
    )
    return {row["instrument"]: row["runs"] for row in rows}
