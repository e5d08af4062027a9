"""The run numbers of a period in order: first seen, missing, or missing for a while."""

from autostats.name_order import name_key
from autostats.queries.missing import State, missing_ranges
from autostats.queries.rows import Row
from autostats.queries.scope import Scope

SEEN = "seen"

# A number that came late is drawn as such, not as seen. `unknown` is not an instrument: its numbers are
# nobody's.
_SEEN = """
with numbers as (
    select instrument, run_number, day from fct_run_daily where instrument <> 'unknown' and {chosen}
    union all
    select instrument, cast(unnest(string_split(run_numbers, ',')) as bigint) as run_number, day
    from fct_jobs
    where run_numbers is not null and not is_deleted and instrument <> 'unknown' and {chosen}
),
first_days as (
    select instrument, run_number from numbers
    group by instrument, run_number having min(day) between ? and ?
),
in_time as (
    select instrument, run_number from first_days
    anti join (
        select * from fct_missing_runs where state = 'arrived' and noticed_day between ? and ?
    ) as late using (instrument, run_number)
),
ranked as (
    select *, run_number - row_number() over (partition by instrument order by run_number) as stretch
    from in_time
)
select instrument, min(run_number) as first_run_number, max(run_number) as last_run_number, count(*) as runs
from ranked
group by instrument, stretch
"""


def run_number_ranges(scope: Scope) -> list[Row]:
    """Return ranges of run numbers with their `state`, by instrument and number.

    `seen`: its first job was created in the period. `open`, `ignored`, `arrived` (late): noticed missing in
    the period. Numbers in a gap between two ranges belong to other times, or to a jump.
    """
    chosen, names = scope.among()
    days = [scope.period.first, scope.period.last]
    seen = scope.warehouse.rows(_SEEN.format(chosen=chosen), [*names, *names, *days, *days])
    columns = ("instrument", "state", "first_run_number", "last_run_number", "runs")
    rows: list[Row] = [{**row, "state": SEEN} for row in seen]
    rows += missing_ranges(scope, State.ALL)
    return sorted(
        ({name: row[name] for name in columns} for row in rows),
        key=lambda row: (name_key(row["instrument"]), row["first_run_number"]),
    )
