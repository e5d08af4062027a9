{{ config(materialized='table') }}

with

checks as (
    select * from {{ ref('int_table_checks') }}
    where
        checked_at <= {{ as_of() }}
        and checked_at >= {{ dbt.dateadd('day', -92, as_of()) }}
),

-- By another name, so that DuckDB makes no copy of all.
checks_again as (
    select * from {{ ref('int_table_checks') }}
    where
        checked_at <= {{ as_of() }}
        and checked_at >= {{ dbt.dateadd('day', -92, as_of()) }}
),

newest_moments as (
    select
        table_key,
        max(checked_at) as checked_at
    from checks_again
    group by table_key
),

newest_checks as (
    select checks_again.*
    from checks_again
    inner join newest_moments
        on checks_again.table_key = newest_moments.table_key
        and checks_again.checked_at = newest_moments.checked_at
),

{{ unusual_lags('checks', 'newest_checks') }},

final as (
    select * from unusual_lags
)

select * from final
