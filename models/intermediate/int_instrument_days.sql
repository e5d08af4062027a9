{{
    config(
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'day'],
        indexes=server_indexes([
            ['instrument', 'day'],
            ['load_number'],
        ])
    )
}}

with

{% if is_incremental() %}
touched as (
    {{ touched_cells(['instrument', 'day']) }}
),
{% endif %}

jobs as (
    select
        jobs.instrument,
        jobs.day,
        jobs.job_id,
        jobs.status,
        jobs.starter,
        jobs.exe_time_us,
        jobs.is_batch
    from {{ ref('int_job_versions') }} as jobs
    {% if is_incremental() %}
    inner join touched
        on jobs.instrument = touched.instrument
        and jobs.day = touched.day
    {% endif %}
    where jobs.superseded_load is null and not jobs.is_deleted and jobs.day is not null
),

runs as (
    select
        runs.instrument,
        runs.day,
        runs.outcome
    from {{ ref('fct_run_daily') }} as runs
    {% if is_incremental() %}
    inner join touched
        on runs.instrument = touched.instrument
        and runs.day = touched.day
    {% endif %}
),

job_counts as (
    select
        instrument,
        day,
        {{ count_jobs() }}
    from {{ with_ranks('jobs', 'exe_time_us', ['instrument', 'day']) }}
    group by instrument, day
),

run_counts as (
    select
        instrument,
        day,
        {{ count_runs() }}
    from runs
    group by instrument, day
),

final as (
    select
        job_counts.*,
        {{ recorded_runs('run_counts') }},
        {{ newest_load() }} as load_number
    from job_counts
    left join run_counts
        on job_counts.instrument = run_counts.instrument
        and job_counts.day = run_counts.day
)

select * from final
