{{
    config(
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'run_number'],
        indexes=server_indexes([
            ['instrument', 'run_number'],
            ['load_number'],
        ])
    )
}}

with

terminal_jobs as (
    select
        instrument,
        run_number,
        job_id,
        status,
        starter,
        ended_at,
        ended_day
    from {{ ref('fct_jobs') }}
    where not is_deleted and not is_batch and run_number is not null and ended_at is not null
),

{% if is_incremental() %}
runs_to_look_at as (
    {{ touched_cells(['instrument', 'run_number']) }}
),
{% else %}
-- Only a run that failed once can have a streak of failures.
runs_to_look_at as (
    select distinct
        instrument,
        run_number
    from {{ ref('fct_jobs') }}
    where not is_deleted and status = 'error' and run_number is not null
),
{% endif %}

-- Jobs between two completed ones, the second included, share a streak number.
numbered as (
    select
        terminal_jobs.*,
        count(case when terminal_jobs.status = 'completed' then 1 end) over (
            partition by terminal_jobs.instrument, terminal_jobs.run_number
            order by terminal_jobs.ended_at, terminal_jobs.job_id
            rows between unbounded preceding and 1 preceding
        ) as streak
    from terminal_jobs
    inner join runs_to_look_at
        on terminal_jobs.instrument = runs_to_look_at.instrument
        and terminal_jobs.run_number = runs_to_look_at.run_number
),

-- A streak is an unbroken series of errors and the completed job, if any, that ended it.
streaks as (
    select
        instrument,
        run_number,
        streak,
        count(*) as attempts,
        min(case when status = 'error' then ended_at end) as first_failed_at,
        min(case when status = 'error' then ended_day end) as first_failed_day,
        max(case when status = 'error' then ended_at end) as last_failed_at,
        max(case when status = 'completed' then ended_at end) as resolved_at,
        max(case when status = 'completed' then ended_day end) as resolved_day,
        {{ last_by('job_id', 'ended_at', 'job_id') }} as last_job_id,
        {{ last_by('starter', 'ended_at', 'job_id') }} as last_started_by
    from numbered
    group by instrument, run_number, streak
    having count(case when status = 'error' then 1 end) > 0
),

final as (
    select
        *,
        {{ newest_load() }} as load_number
    from streaks
)

select * from final
