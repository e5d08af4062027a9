{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'day'],
        indexes=server_indexes([
            ['instrument', 'day'],
            ['day'],
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
        jobs.day,
        jobs.instrument,
        jobs.starter,
        coalesce(jobs.software, 'unknown') as software,
        coalesce(jobs.reduction_host, 'unknown') as reduction_host,
        jobs.rb_number,
        jobs.status,
        jobs.is_batch,
        jobs.exe_time_us
    from {{ ref('int_job_versions') }} as jobs
    {% if is_incremental() %}
    inner join touched
        on jobs.instrument = touched.instrument
        and jobs.day = touched.day
    {% endif %}
    where jobs.superseded_load is null and not jobs.is_deleted and jobs.day is not null
),

counts as (
    select
        day,
        instrument,
        starter,
        software,
        reduction_host,
        rb_number,
        {{ count_statuses() }},
        {{ sum_exe_times() }}
    from jobs
    group by day, instrument, starter, software, reduction_host, rb_number
),

final as (
    select
        day,
        {{ cast_as('instrument', 'varchar') }} as instrument,
        {{ cast_as('starter', 'varchar') }} as starter,
        {{ cast_as('software', 'varchar') }} as software,
        {{ cast_as('reduction_host', 'varchar') }} as reduction_host,

        rb_number,

        jobs_total,
        jobs_passed,
        jobs_failed,
        jobs_skipped,
        jobs_pending,
        jobs_other,
        jobs_batch,

        exe_time_count,
        {{ divide('exe_time_sum_us', 1000000) }} as exe_time_sum,

        {{ newest_load() }} as load_number
    from counts
)

select * from final
