with

beam_cycles as (
    select * from {{ ref('beam_cycles') }}
),

maintenance_days as (
    select * from {{ ref('int_maintenance_days') }}
),

instrument_days as (
    select * from {{ ref('int_instrument_days') }}
),

-- From the first cycle or job to the day of the statistics, or to a job that claims to come from the future.
bounds as (
    select
        least(
            coalesce((select min(day) from instrument_days), {{ as_of_day() }}),
            coalesce((select min(first_day) from beam_cycles), {{ as_of_day() }}),
            {{ as_of_day() }}
        ) as first_day,
        greatest(coalesce((select max(day) from instrument_days), {{ as_of_day() }}), {{ as_of_day() }}) as last_day
),

day_numbers as (
    {{ expand_range('bounds', ['first_day'], '0', dbt.datediff('first_day', 'last_day', 'day'), 'number') }}
),

days as (
    select {{ cast_as(dbt.dateadd('day', 'number', 'first_day'), 'date') }} as day
    from day_numbers
),

-- A local day is the half-open interval between two local midnights: 23 or 25 hours when the clocks change.
midnights as (
    select
        day,
        {{ utc_time(midnight('day')) }} as starts_at,
        {{ utc_time(dbt.dateadd('day', 1, midnight('day'))) }} as ends_at
    from days
),

final as (
    select
        beam_cycles.cycle,

        {{ divide(dbt.datediff('midnights.starts_at', 'midnights.ends_at', 'microsecond'), 3600000000) }} as hours,

        maintenance_days.day is not null as is_maintenance_day,

        midnights.starts_at,
        midnights.ends_at,
        midnights.day
    from midnights
    left join beam_cycles on midnights.day between beam_cycles.first_day and beam_cycles.last_day
    left join maintenance_days
        on beam_cycles.cycle = maintenance_days.cycle
        and midnights.day = maintenance_days.day
)

select * from final
