{{ config(materialized='view') }}

with

checks as (
    select * from {{ ref('int_table_checks') }}
),

measured as (
    select
        *,
        {{ lag_at('checked_at') }} as lag_seconds
    from checks
),

final as (
    select
        table_key,
        dbobject,
        table_name,
        column_name,
        server,
        db_type,
        status,
        {{ cast_as(freshness_state('lag_seconds'), 'varchar') }} as state,

        lag_seconds,
        duration_seconds,
        interval_seconds,
        warn_after_seconds,
        error_after_seconds,

        last_update,
        checked_at,
        load_number
    from measured
)

select * from final
