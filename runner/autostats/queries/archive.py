"""What the archive has: per instrument what it says of the database, and the counts of files."""

from autostats.queries.rows import Row
from autostats.queries.scope import Scope

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
order by coalesce(archive_only_runs, 0) = 0, not coalesce(is_behind, false), not looks_unmounted, instrument
"""


def archived_instruments(scope: Scope) -> list[Row]:
    """Return one row per instrument whose files are counted: what they say of the database, at any time."""
    chosen, names = scope.among("looks.instrument")
    return scope.warehouse.rows(_INSTRUMENTS.format(chosen=chosen), names)
