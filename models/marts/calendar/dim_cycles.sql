with

beam_cycles as (
    select * from {{ ref('beam_cycles') }}
),

maintenance_days as (
    select * from {{ ref('int_maintenance_days') }}
),

counts as (
    select
        cycle,
        count(*) as maintenance_days
    from maintenance_days
    group by cycle
),

final as (
    select
        beam_cycles.cycle,

        {{ cast_as(dbt.datediff('beam_cycles.first_day', 'beam_cycles.last_day', 'day') ~ ' + 1', 'bigint') }} as days,
        {{ cast_as('coalesce(counts.maintenance_days, 0)', 'integer') }} as maintenance_days,

        beam_cycles.first_day,
        beam_cycles.last_day
    from beam_cycles
    left join counts on beam_cycles.cycle = counts.cycle
)

select * from final
