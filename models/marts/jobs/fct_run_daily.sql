{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'run_number', 'day'],
        indexes=server_indexes([
            ['instrument', 'run_number', 'day'],
            ['instrument', 'day'],
            ['day'],
            ['load_number'],
        ])
    )
}}

with

{% if is_incremental() %}
touched as (
    {{ touched_cells(['instrument', 'run_number', 'day']) }}
),
{% endif %}

jobs as (
    select
        jobs.instrument,
        jobs.run_number,
        jobs.day,
        jobs.job_id,
        jobs.status,
        {{ status_number('jobs.status') }} as status_number,
        jobs.created_at
    from {{ ref('fct_jobs') }} as jobs
    {% if is_incremental() %}
    inner join touched
        on jobs.instrument = touched.instrument
        and jobs.run_number = touched.run_number
        and jobs.day = touched.day
    {% endif %}
    where not jobs.is_deleted and not jobs.is_batch and jobs.run_number is not null and jobs.day is not null
),

-- A run's state on a day is that of its last job created on the day.
counted as (
    select
        instrument,
        run_number,
        day,
        count(*) as jobs_total,
        count(case when status = 'completed' then 1 end) as jobs_passed,
        count(case when status = 'error' then 1 end) as jobs_failed,
        {{ last_by('job_id', 'created_at', 'job_id') }} as last_job_id,
        {{ last_by('status_number', 'created_at', 'job_id') }} as last_status_number
    from jobs
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
        {{ run_outcome('last_status') }} as outcome,

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
