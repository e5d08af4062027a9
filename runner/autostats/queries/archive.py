"""What the archive has: per instrument what it says of the database, and the counts of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autostats.queries.rows import Row
from autostats.queries.scope import Scope
from autostats.warehouse import Warehouse

# What needs attention comes first.
_INSTRUMENTS = """
select looks.instrument, last_run_number, archive_last_run_number, coalesce(is_behind, false) as is_behind,
    coalesce(archive_only_runs, 0) as archive_only_runs, coalesce(tail_runs, 0) as tail_runs,
    looks_unmounted, looked_at
from (
    select instrument, bool_or(looks_unmounted) as looks_unmounted, max(ended_at) as looked_at
    from fct_file_counts
    where instrument <> ''
    group by instrument
) as looks
left join dim_instruments using (instrument)
left join (
    select instrument,
        count(*) filter (kind = 'archive_only') as archive_only_runs,
        count(*) filter (kind = 'tail') as tail_runs
    from fct_missing_runs
    where state = 'open'
    group by instrument
) as missing using (instrument)
where {chosen}
order by coalesce(archive_only_runs, 0) = 0, not coalesce(is_behind, false), not looks_unmounted,
    instrument collate noaccent.nocase, instrument
"""


def archived_instruments(scope: Scope) -> list[Row]:
    """Return one row per instrument whose files are counted: what they say of the database, at any time."""
    chosen, names = scope.among("looks.instrument")
    return scope.warehouse.rows(_INSTRUMENTS.format(chosen=chosen), names)


# A cycle that is a moment, as opposed to a name.
_CYCLE_AT = "try_strptime(cycle, '%Y-%m-%dT%H:%M')"
_COUNTS = f"""
select experiment, location, file_type, instrument, cycle, {_CYCLE_AT} as cycle_at, files, expected,
    shortfall, bytes, newest_modified_at, state, looks_unmounted, ended_at
from fct_file_counts
where {{conditions}}
order by experiment, location, file_type, instrument collate noaccent.nocase, instrument, cycle
"""
_NAMES = ("experiment", "location", "file_type", "instrument", "cycle")


@dataclass(frozen=True)
class Within:
    """A half-open interval: of cycles that are moments and, for all others, of the newest file (all UTC)."""

    first_cycle: datetime = datetime.min
    cycles_end: datetime = datetime.max
    first_modified: datetime = datetime.min
    modified_end: datetime = datetime.max


def file_counts(
    warehouse: Warehouse,
    locations: Sequence[str] | None = None,
    like: str | None = None,
    within: Within | None = None,
) -> list[Row]:
    """Return the newest complete count of each location, file type, instrument and cycle.

    `like` is an SQL pattern, in any case, for one of its names. `cycle_at` is the cycle, if it is a moment.
    """
    conditions: list[str] = ["1 = 1"]
    parameters: list[Any] = []
    if locations is not None:
        conditions.append("location in (select unnest(?))")
        parameters.append(list(locations))
    if like is not None:
        conditions.append(f"({' or '.join(f'{name} ilike ?' for name in _NAMES)})")
        parameters += [like] * len(_NAMES)
    if within is not None:
        conditions.append(
            f"case when {_CYCLE_AT} is not null then {_CYCLE_AT} >= ? and {_CYCLE_AT} < ?"
            " else newest_modified_at >= ? and newest_modified_at < ? end"
        )
        parameters += vars(within).values()
    return warehouse.rows(_COUNTS.format(conditions=" and ".join(conditions)), parameters)


def counted_locations(warehouse: Warehouse) -> list[str]:
    """Return the locations whose files were ever counted, in order."""
    return [
        row["location"] for row in warehouse.rows("select distinct location from fct_file_counts order by 1")
    ]
