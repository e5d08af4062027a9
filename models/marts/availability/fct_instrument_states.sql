with

points as (
    select * from {{ ref('int_instrument_states') }}
),

windows as (
    select * from {{ ref('int_operating_windows') }}
),

{{ states_in_windows('points', 'windows', 'instrument', before=var('availability_no_data')) }},

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
    from states_in_windows
)

select * from final
