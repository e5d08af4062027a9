with

beam_cycles as (
    select * from {{ ref('beam_cycles') }}
),

final as (
    select
        cycle,

        {{ cast_as(days_between('first_day', 'last_day') ~ ' + 1', 'bigint') }} as days,
        -- Days are ten characters with a blank between two.
        {{ cast_as("floor((length(coalesce(maintenance_days, '')) + 1) / 11.0)", 'integer') }} as maintenance_days,

        first_day,
        last_day
    from beam_cycles
)

select * from final
