{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'run_number'],
        indexes=server_indexes([
            ['instrument', 'run_number'],
            ['load_number'],
        ])
    )
}}

with

{% if is_incremental() %}
touched as (
    {{ touched_cells(['instrument', 'run_number']) }}
),
{% endif %}

streaks as (
    select streaks.*
    from {{ ref('int_failure_streaks') }} as streaks
    {% if is_incremental() %}
    inner join touched
        on streaks.instrument = touched.instrument
        and streaks.run_number = touched.run_number
    {% endif %}
),

-- What followed each streak decides whether its resolution still stands at the end of the day, and today.
followed as (
    select
        *,
        lead(first_failed_day) over (
            partition by instrument, run_number
            order by streak
        ) as next_failed_day,
        row_number() over (
            partition by instrument, run_number, resolved_day
            order by streak desc
        ) as place_on_day,
        count(case when resolved_at is null then 1 end) over (
            partition by instrument, run_number
        ) as unresolved_streaks
    from streaks
),

resolved as (
    select
        instrument,
        run_number,
        resolved_day,
        first_failed_at,
        resolved_at,
        attempts,
        {{ divide(dbt.datediff('first_failed_at', 'resolved_at', 'microsecond'), 3600000000) }} as hours_to_resolve,
        last_started_by as resolved_by,
        unresolved_streaks = 0 as is_still_passing
    from followed
    where
        resolved_at is not null
        and place_on_day = 1
        and (next_failed_day is null or next_failed_day > resolved_day)
),

final as (
    select
        instrument,
        {{ cast_as('resolved_by', 'varchar') }} as resolved_by,

        run_number,
        attempts,
        hours_to_resolve,
        {{ newest_load() }} as load_number,

        is_still_passing,

        first_failed_at,
        resolved_at,
        resolved_day
    from resolved
)

select * from final
