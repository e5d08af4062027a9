with

states as (
    select * from {{ ref('int_instrument_states') }}
),

final as (
    select
        instrument,
        day,
        state,
        reason,

        {{ divide(dbt.datediff('starts_at', 'ends_at', 'microsecond'), 1000000) }} as seconds,

        -- Outside the windows nobody counts: what was down at closing time, and is at opening time, did not fail again.
        state = 'down' and coalesce(lag(state) over (
            partition by instrument
            order by starts_at
        ), 'up') <> 'down' as is_failure,

        starts_at,
        ends_at
    from states
)

select * from final
