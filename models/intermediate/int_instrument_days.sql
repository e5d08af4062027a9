{{
    config(
        unique_key=['instrument', 'day'],
        post_hook=sweep_empty('jobs_total'),
        indexes=server_indexes([
            ['instrument', 'day'],
            ['load_number'],
            ['jobs_total'],
        ])
    )
}}

with

jobs as (
    select
        instrument,
        day,
        job_id,
        status,
        starter,
        exe_time_us,
        is_batch
    from {{ ref('int_job_versions') }}
    where superseded_load is null and not is_deleted
),

runs as (
    select
        instrument,
        day,
        outcome
    from {{ ref('fct_run_daily') }}
),

{% if is_incremental() %}
touched as (
    select distinct
        instrument,
        day
    from (
        {{ touched_jobs() }}
    ) as touched_jobs
),

-- All jobs and runs of the touched cells; a cell that has none left keeps one row without a job.
jobs_to_count as (
    select
        touched.instrument,
        touched.day,
        jobs.job_id,
        jobs.status,
        jobs.starter,
        jobs.exe_time_us,
        jobs.is_batch
    from touched
    left join jobs
        on touched.instrument = jobs.instrument
        and touched.day = jobs.day
),

runs_to_count as (
    select runs.*
    from touched
    inner join runs
        on touched.instrument = runs.instrument
        and touched.day = runs.day
),
{% else %}
jobs_to_count as (
    select * from jobs
),

runs_to_count as (
    select * from runs
),
{% endif %}

job_counts as (
    select
        instrument,
        day,
        count(job_id) as jobs_total,
        count(case when status = 'completed' then 1 end) as jobs_passed,
        count(case when status = 'error' then 1 end) as jobs_failed,
        count(case when status = 'skipped' then 1 end) as jobs_skipped,
        count(case when status in ('queued', 'processing') then 1 end) as jobs_pending,
        count(case when status = 'other' then 1 end) as jobs_other,
        count(case when is_batch then 1 end) as jobs_batch,
        count(case when starter = 'auto' then 1 end) as started_by_auto,
        count(case when starter = 'devs' then 1 end) as started_by_devs,
        count(case when starter = 'users' then 1 end) as started_by_users,
        count(case when starter = 'unknown' then 1 end) as started_by_unknown,
        count(exe_time_us) as exe_time_count,
        {{ cast_as('coalesce(sum(exe_time_us), 0)', 'bigint') }} as exe_time_sum_us,
        {{ nearest_rank('exe_time_us', 50) }} as median_exe_time_us,
        {{ nearest_rank('exe_time_us', 95) }} as p95_exe_time_us,
        max(exe_time_us) as max_exe_time_us
    from {{ with_ranks('jobs_to_count', 'exe_time_us', ['instrument', 'day']) }}
    group by instrument, day
),

run_counts as (
    select
        instrument,
        day,
        count(*) as runs_total,
        count(case when outcome = 'passed' then 1 end) as runs_passed,
        count(case when outcome = 'failed' then 1 end) as runs_failed,
        count(case when outcome = 'other' then 1 end) as runs_other
    from runs_to_count
    group by instrument, day
),

final as (
    select
        job_counts.*,
        coalesce(run_counts.runs_total, 0) as runs_total,
        coalesce(run_counts.runs_passed, 0) as runs_passed,
        coalesce(run_counts.runs_failed, 0) as runs_failed,
        coalesce(run_counts.runs_other, 0) as runs_other,
        {{ newest_load() }} as load_number
    from job_counts
    left join run_counts
        on job_counts.instrument = run_counts.instrument
        and job_counts.day = run_counts.day
)

select * from final
