{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['instrument', 'run_number', 'day'],
        post_hook=sweep_empty('jobs_total'),
        indexes=server_indexes([
            ['instrument', 'run_number', 'day'],
            ['instrument', 'day'],
            ['day'],
            ['load_number'],
            ['jobs_total'],
        ])
    )
}}

with

jobs as (
    select
        instrument,
        run_number,
        day,
        job_id,
        status,
        {{ status_number('status') }} as status_number,
        created_at
    from {{ ref('fct_jobs') }}
    where not is_deleted and not is_batch and run_number is not null
),

{% if is_incremental() %}
touched as (
    select distinct
        instrument,
        run_number,
        day
    from (
        {{ touched_jobs() }}
    ) as touched_jobs
    where run_number is not null
),

-- All jobs of the touched cells; a cell that has none left keeps one row without a job.
jobs_to_count as (
    select
        touched.instrument,
        touched.run_number,
        touched.day,
        jobs.job_id,
        jobs.status,
        jobs.status_number,
        jobs.created_at
    from touched
    left join jobs
        on touched.instrument = jobs.instrument
        and touched.run_number = jobs.run_number
        and touched.day = jobs.day
),
{% else %}
jobs_to_count as (
    select * from jobs
),
{% endif %}

-- A run's state on a day is that of its last job created on the day.
counted as (
    select
        instrument,
        run_number,
        day,
        count(job_id) as jobs_total,
        count(case when status = 'completed' then 1 end) as jobs_passed,
        count(case when status = 'error' then 1 end) as jobs_failed,
        {{ last_by('job_id', 'created_at', 'job_id') }} as last_job_id,
        {{ last_by('status_number', 'created_at', 'job_id') }} as last_status_number
    from jobs_to_count
    group by instrument, run_number, day
),

named as (
    select
        *,
        {{ status_name('last_status_number') }} as last_status
    from counted
),

final as (
    select
        instrument,
        {{ cast_as('last_status', 'varchar') }} as last_status,
        {{ cast_as(
            "case last_status when 'completed' then 'passed' when 'error' then 'failed' else 'other' end",
            'varchar'
        ) }} as outcome,

        run_number,
        jobs_total,
        jobs_passed,
        jobs_failed,
        last_job_id,
        {{ newest_load() }} as load_number,

        day
    from named
)

select * from final
