{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['instrument', 'run_number'],
        post_hook=sweep_empty('attempts'),
        indexes=server_indexes([
            ['instrument', 'run_number'],
            ['load_number'],
            ['attempts'],
        ])
    )
}}

with

streaks as (
    select * from {{ ref('int_failure_streaks') }}
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
        {{ divide(microseconds_between('first_failed_at', 'resolved_at'), 3600000000) }} as hours_to_resolve,
        last_started_by as resolved_by,
        unresolved_streaks = 0 as is_still_passing
    from followed
    where
        resolved_at is not null
        and place_on_day = 1
        and (next_failed_day is null or next_failed_day > resolved_day)
),

{% if is_incremental() %}
touched as (
    select distinct
        instrument,
        run_number
    from (
        {{ touched_jobs() }}
    ) as touched_jobs
    where run_number is not null
),

-- A touched run without a resolution keeps one row without attempts.
rows_to_write as (
    select
        touched.instrument,
        touched.run_number,
        coalesce(resolved.resolved_day, date '0001-01-01') as resolved_day,
        coalesce(resolved.first_failed_at, {{ timestamp_literal('0001-01-01 00:00:00') }}) as first_failed_at,
        coalesce(resolved.resolved_at, {{ timestamp_literal('0001-01-01 00:00:00') }}) as resolved_at,
        coalesce(resolved.attempts, 0) as attempts,
        coalesce(resolved.hours_to_resolve, 0) as hours_to_resolve,
        coalesce(resolved.resolved_by, 'unknown') as resolved_by,
        coalesce(resolved.is_still_passing, false) as is_still_passing
    from touched
    left join resolved
        on touched.instrument = resolved.instrument
        and touched.run_number = resolved.run_number
),
{% else %}
rows_to_write as (
    select * from resolved
),
{% endif %}

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
    from rows_to_write
)

select * from final
