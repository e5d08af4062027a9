{{ config(materialized='view') }}

with

versions as (
    select * from {{ ref('int_job_versions') }}
),

-- The newest version of each job, deleted ones flagged.
final as (
    select
        job_id,

        instrument,
        status,
        starter,
        software,
        reduction_host,
        run_title,
        run_numbers,

        rb_number,
        run_version,
        run_number,
        started_by,
        {{ divide('exe_time_us', 1000000) }} as exe_time,
        load_number,

        is_batch,
        is_deleted,

        created_at,
        started_at,
        finished_at,
        last_updated_at,
        ended_at,
        loaded_at,
        day,
        ended_day

    from versions
    where superseded_load is null
)

select * from final
