{#- The last days alone: the whole history by the minute would cost more than all else. -#}
with

jobs as (
    select
        instrument,
        status,
        {{ dbt.date_trunc('minute', 'created_at') }} as minute_start
    from {{ ref('int_job_versions') }}
    where
        superseded_load is null
        and not is_deleted
        and created_at > {{ dbt.dateadd('day', -7, as_of()) }}
        and created_at <= {{ as_of() }}
),

counts as (
    select
        minute_start,
        instrument,
        count(*) as jobs_total,
        count(case when status = 'completed' then 1 end) as jobs_passed,
        count(case when status = 'error' then 1 end) as jobs_failed
    from jobs
    group by minute_start, instrument
),

final as (
    select
        minute_start,
        instrument,

        jobs_total,
        jobs_passed,
        jobs_failed,
        {{ pass_rate('jobs_passed', 'jobs_failed') }} as pass_rate
    from counts
)

select * from final
