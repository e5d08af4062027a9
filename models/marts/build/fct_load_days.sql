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

-- Where the jobs that a load wrote are now, and where those that it replaced were before.
touched as (
    select
        load_number,
        instrument,
        day
    from job_versions
    {% if is_incremental() %}
    where load_number > {{ seen_load() }}
    {% endif %}

    union

    select
        superseded_load as load_number,
        instrument,
        day
    from job_versions
    where superseded_load {{ '> ' ~ seen_load() if is_incremental() else 'is not null' }}
),

final as (
    select
        instrument,

        load_number,

        day
    from touched
)

select * from final
