{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'day'],
        meta={'counts_ends': true},
        indexes=server_indexes([
            ['instrument', 'day', 'starts_at'],
            ['day'],
            ['load_number'],
        ])
    )
}}

with

{% if is_incremental() %}
touched as (
    {{ touched_cells(['instrument', 'day'], counts_ends=true) }}
),
{% endif %}

jobs as (
    select
        jobs.instrument,
        jobs.day,
        {{ local_hour('jobs.created_at') }} as starts_at,
        jobs.job_id,
        jobs.run_number,
        jobs.status,
        {{ status_number('jobs.status') }} as status_number,
        jobs.starter,
        jobs.exe_time_us,
        jobs.is_batch,
        jobs.created_at
    from {{ ref('int_job_versions') }} as jobs
    {% if is_incremental() %}
    inner join touched
        on jobs.instrument = touched.instrument
        and jobs.day = touched.day
    {% endif %}
    where jobs.superseded_load is null and not jobs.is_deleted and jobs.day is not null
),

resolved_runs as (
    select
        resolved_runs.instrument,
        resolved_runs.resolved_day as day,
        {{ local_hour('resolved_runs.resolved_at') }} as starts_at
    from {{ ref('fct_resolved_runs') }} as resolved_runs
    {% if is_incremental() %}
    inner join touched
        on resolved_runs.instrument = touched.instrument
        and resolved_runs.resolved_day = touched.day
    {% endif %}
),

job_counts as (
    select
        instrument,
        day,
        starts_at,
        {{ count_jobs() }}
    from {{ with_ranks('jobs', 'exe_time_us', ['instrument', 'day', 'starts_at']) }}
    group by instrument, day, starts_at
),

-- A run's outcome in an hour is that of its last job created in it.
last_jobs as (
    select
        instrument,
        day,
        starts_at,
        run_number,
        {{ last_by('status_number', 'created_at', 'job_id') }} as status_number
    from jobs
    where not is_batch and run_number is not null
    group by instrument, day, starts_at, run_number
),

runs as (
    select
        instrument,
        day,
        starts_at,
        {{ run_outcome(status_name('status_number')) }} as outcome
    from last_jobs
),

run_counts as (
    select
        instrument,
        day,
        starts_at,
        {{ count_runs() }}
    from runs
    group by instrument, day, starts_at
),

resolved as (
    select
        instrument,
        day,
        starts_at,
        count(*) as resolved_runs
    from resolved_runs
    group by instrument, day, starts_at
),

cells as (
    select
        instrument,
        day,
        starts_at
    from job_counts

    union

    select
        instrument,
        day,
        starts_at
    from resolved
),

final as (
    select
        cells.day,
        cells.instrument,
        cells.starts_at,

        {{ recorded_jobs('job_counts') }},

        {{ recorded_runs('run_counts') }},
        coalesce(resolved.resolved_runs, 0) as resolved_runs,

        {{ newest_load() }} as load_number
    from cells
    left join job_counts
        on cells.instrument = job_counts.instrument
        and cells.day = job_counts.day
        and cells.starts_at = job_counts.starts_at
    left join run_counts
        on cells.instrument = run_counts.instrument
        and cells.day = run_counts.day
        and cells.starts_at = run_counts.starts_at
    left join resolved
        on cells.instrument = resolved.instrument
        and cells.day = resolved.day
        and cells.starts_at = resolved.starts_at
)

select * from final
