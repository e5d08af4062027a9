{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='load_number',
        indexes=server_indexes([
            ['load_number'],
        ])
    )
}}

with

job_versions as (
    select * from {{ ref('int_job_versions') }}
),

load_days as (
    select * from {{ ref('fct_load_days') }}
),

first_loads as (
    select min(load_number) as load_number
    from job_versions
),

-- A job that is new replaces no version.
loads as (
    select
        written.load_number,
        count(case when not written.is_deleted and replaced.job_id is null then 1 end) as jobs_new,
        count(case when not written.is_deleted and replaced.job_id is not null then 1 end) as jobs_changed,
        count(case when written.is_deleted then 1 end) as jobs_vanished,
        max(written.loaded_at) as loaded_at
    from job_versions as written
    left join job_versions as replaced
        on written.job_id = replaced.job_id
        and written.load_number = replaced.superseded_load
    {% if is_incremental() %}
    where written.load_number > {{ seen_load() }}
    {% endif %}
    group by written.load_number
),

days as (
    select
        load_number,
        count(day) as days_touched
    from load_days
    group by load_number
),

final as (
    select
        loads.load_number,
        loads.jobs_new,
        loads.jobs_changed,
        loads.jobs_vanished,
        coalesce(days.days_touched, 0) as days_touched,

        loads.load_number > 1 and loads.load_number = first_loads.load_number as is_full_refresh,

        loads.loaded_at
    from loads
    cross join first_loads
    left join days on loads.load_number = days.load_number
)

select * from final
