{{ config(materialized='table') }}

with

checks as (
    select * from {{ ref('int_table_checks') }}
    where
        checked_at <= {{ as_of() }}
        and checked_at >= {{ dbt.dateadd('day', -92, as_of()) }}
),

newest_checks as (
    select
        table_key,
        max(checked_at) as checked_at
    from checks
    group by table_key
),

{{ unusual_lags('checks', 'newest_checks') }},

final as (
    select * from unusual_lags
)

select * from final
