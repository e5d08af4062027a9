with

instrument_days as (
    select * from {{ ref('int_instrument_days') }}
),

resolved_runs as (
    select * from {{ ref('fct_resolved_runs') }}
),

days as (
    select * from {{ ref('dim_days') }}
),

first_days as (
    select
        instrument,
        min(day) as first_day
    from instrument_days
    group by instrument
),

-- Every day since the instrument's first: a day without a job is a zero, not a gap.
cells as (
    select
        first_days.instrument,
        days.day,
        days.ends_at,
        days.cycle,
        days.is_maintenance_day
    from first_days
    inner join days on first_days.first_day <= days.day
    where days.day <= {{ as_of_day() }}
),

resolved as (
    select
        instrument,
        resolved_day,
        count(*) as resolved_runs
    from resolved_runs
    group by instrument, resolved_day
),

final as (
    select
        {{ dbt.concat(['cells.instrument', "'|'", cast_as('cells.day', 'varchar')]) }} as instrument_day_key,
        cells.day,
        cells.instrument,

        {{ recorded_jobs('instrument_days') }},

        {{ recorded_runs('instrument_days') }},
        coalesce(resolved.resolved_runs, 0) as resolved_runs,

        cells.cycle,
        cells.is_maintenance_day,
        cells.ends_at <= {{ as_of() }} as is_complete
    from cells
    left join instrument_days
        on cells.instrument = instrument_days.instrument
        and cells.day = instrument_days.day
    left join resolved
        on cells.instrument = resolved.instrument
        and cells.day = resolved.resolved_day
)

select * from final
