{{ config(materialized='table') }}

with

jobs as (
    select * from {{ ref('fct_jobs') }}
    where
        not is_deleted
        and created_at > {{ dbt.dateadd('day', -56, as_of()) }}
        and created_at <= {{ as_of() }}
),

-- How long jobs waited, and how long they took.
stages as (
    select
        instrument,
        'queued' as status,
        {{ divide(dbt.datediff('created_at', 'started_at', 'microsecond'), 1000000) }} as seconds
    from jobs
    where ended_at is not null and started_at >= created_at

    union all

    select
        instrument,
        'processing' as status,
        {{ divide(dbt.datediff('started_at', 'ended_at', 'microsecond'), 1000000) }} as seconds
    from jobs
    where ended_at >= started_at
),

quartiles as (
    select
        instrument,
        status,
        count(*) as known_jobs,
        {{ nearest_rank('seconds', 50) }} as median_seconds,
        {{ nearest_rank('seconds', 75) }} as quartile_seconds
    from {{ with_ranks('stages', 'seconds', ['instrument', 'status']) }}
    group by instrument, status
),

-- On a scale of ratios, as far above the median as five times the way to the third quartile; little known, a day.
limits as (
    select
        instrument,
        status,
        median_seconds,
        case
            when known_jobs >= 20
                then greatest(3600, quartile_seconds * power(quartile_seconds / greatest(median_seconds, 1), 4))
            else 86400
        end as unusual_above_seconds
    from quartiles
),

pending as (
    select
        job_id,
        instrument,
        run_number,
        status,
        case when status = 'processing' then coalesce(started_at, created_at) else created_at end as pending_since
    from jobs
    where status in ('queued', 'processing')
),

-- A rule of the site decides alone.
judged as (
    select
        pending.job_id,
        pending.instrument,
        pending.run_number,
        pending.status,
        pending.pending_since,
        {{ divide(dbt.datediff('pending.pending_since', as_of(), 'microsecond'), 1000000) }} as pending_seconds,
        limits.median_seconds as usual_seconds,
        {{ site_rule('pending_for', 'pending.instrument') }} as site_rule,
        coalesce(limits.unusual_above_seconds, 86400) as unusual_above_seconds
    from pending
    left join limits
        on pending.instrument = limits.instrument
        and pending.status = limits.status
),

final as (
    select
        job_id,
        instrument,
        {{ cast_as('status', 'varchar') }} as status,
        run_number,
        pending_seconds,
        usual_seconds,
        unusual_above_seconds,
        site_rule,
        pending_seconds > coalesce(site_rule, unusual_above_seconds) as is_stuck,
        pending_since
    from judged
)

select * from final
