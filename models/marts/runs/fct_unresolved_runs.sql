with

streaks as (
    select * from {{ ref('int_failure_streaks') }}
),

-- A streak that nothing ended is the last of its run: the run's latest terminal job is an error.
final as (
    select
        instrument,
        last_started_by,

        run_number,
        attempts,
        last_job_id,

        first_failed_at as failed_since,
        last_failed_at,
        first_failed_day as failed_day
    from streaks
    where resolved_at is null
)

select * from final
