"""How fresh the data is: each instrument's newest job, and whether its silence is unusual."""

from collections.abc import Sequence
from datetime import timedelta

from autostats.render.section import Column, Kind, Section
from autostats.statistics.rows import Row, among
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

# How far back a silence is compared with others.
_DAYS = 365
# Shorter ones are not worth a word, however busy the instrument was before.
_WORTH_A_WORD_DAYS = 2
# Silence is counted in whole days with beam; where no cycle is known of those days, in all of them.
# A stretch begins on a day with a job; the first has none.
_ROWS = """
with days as (
    select
        instrument, day, jobs_total,
        is_complete and not is_maintenance_day and (cycle is not null or not exists (
            select * from dim_cycles where last_day >= ? and first_day <= ?
        )) as is_expected
    from fct_instrument_daily
    where day between ? and ? and {chosen}
),
stretches as (
    select
        *, count(case when jobs_total > 0 then 1 end) over (partition by instrument order by day) as stretch
    from days
),
silences as (
    select instrument, stretch, count(case when jobs_total = 0 and is_expected then 1 end) as silent_days
    from stretches
    group by instrument, stretch
),
compared as (
    select
        instrument, stretch, silent_days,
        max(silent_days) over (
            partition by instrument order by stretch rows between unbounded preceding and 1 preceding
        ) as longest_before,
        row_number() over (partition by instrument order by stretch desc) as place
    from silences
),
newest as (
    select instrument, max(created_at) as last_created_at
    from fct_jobs
    where not is_deleted and created_at <= ? and {chosen}
    group by instrument
)
select
    instruments.instrument, newest.last_created_at, compared.silent_days, compared.longest_before,
    coalesce(instruments.is_active, false) as is_active, coalesce(instruments.is_paused, false) as is_paused
from dim_instruments as instruments
left join newest on instruments.instrument = newest.instrument
left join compared
    on instruments.instrument = compared.instrument and compared.place = 1 and compared.stretch > 0
where instruments.instrument != 'unknown' and {among_instruments}
order by newest.last_created_at nulls first, instruments.instrument
"""


def freshness_rows(warehouse: Warehouse, settings: Settings, instruments: Sequence[str] | None) -> list[Row]:
    """Return when each instrument's newest job was created (UTC), and how long it has been silent since.

    `age_hours` is at the moment of the statistics. `silent_days` are whole days with beam without a job,
    `longest_before` the most of them in a row in the year before; None where the year has no job. The one
    that is silent for longest is first.
    """
    today = settings.local(settings.as_of).date()
    first = today - timedelta(days=_DAYS)
    chosen, names = among("instrument", instruments)
    among_instruments, _ = among("instruments.instrument", instruments)
    rows = warehouse.rows(
        _ROWS.format(chosen=chosen, among_instruments=among_instruments),
        [first, today, first, today, *names, settings.as_of, *names, *names],
    )
    return [
        {
            **row,
            "age_hours": (settings.as_of - row["last_created_at"]).total_seconds() / 3600
            if row["last_created_at"] is not None
            else None,
            "is_unusual": row["is_active"]
            and not row["is_paused"]
            and (row["silent_days"] or 0) >= _WORTH_A_WORD_DAYS
            and row["silent_days"] > (row["longest_before"] or 0),
        }
        for row in rows
    ]


def _remark(row: Row) -> str:
    if row["is_paused"]:
        return "paused"
    if not row["is_active"]:
        return "not active"
    return "silent for unusually long" if row["is_unusual"] else ""


def freshness_section(warehouse: Warehouse, settings: Settings, instruments: Sequence[str] | None) -> Section:
    """Return the table of the newest jobs."""
    rows = freshness_rows(warehouse, settings, instruments)
    unusual = [row for row in rows if row["is_unusual"]]
    layout = ("instrument", "last_created_at", "age_hours", "silent_days", "longest_before", "remark")
    return Section(
        name="freshness",
        title="The newest job of each instrument",
        columns=(
            Column("instrument", Kind.TEXT, "Instrument"),
            Column("last_created_at", Kind.TIME, "Newest job"),
            Column("age_hours", Kind.HOURS, "Age"),
            Column("silent_days", Kind.COUNT, "Beam days since"),
            Column("longest_before", Kind.COUNT, "Longest before"),
            Column("is_unusual", Kind.FLAG),
            Column("remark", Kind.TEXT, "Remark"),
        ),
        rows=[{**row, "remark": _remark(row)} for row in rows],
        layouts=[layout],
        empty="The statistics know no instrument yet.",
        notes=[
            "Ages are those at the moment of the statistics.",
            *([] if unusual or not rows else ["No instrument has been silent for unusually long."]),
        ],
    )
