with

daily as (
    select * from {{ ref('fct_table_freshness_daily') }}
),

unusual as (
    select * from {{ ref('int_unusual_tables') }}
),

tables as (
    select
        table_key,
        min(first_checked_at) as first_checked_at,
        max(last_checked_at) as last_checked_at,
        max(last_answered_at) as last_answered_at,
        max(fresh_until) as fresh_until,
        max(warn_until) as warn_until,
        max(stale_until) as stale_until,
        max(unknown_until) as unknown_until
    from daily
    group by table_key
),

last_answers as (
    select
        checks.table_key,
        checks.last_update
    from {{ ref('fct_table_checks') }} as checks
    inner join tables
        on checks.table_key = tables.table_key
        and checks.checked_at = tables.last_answered_at
),

-- What the newest check says of the moment of the statistics.
aged as (
    select
        checks.*,
        case when {{ silent_from() }} > {{ as_of() }} then {{ lag_at(as_of()) }} end as lag_now
    from {{ ref('fct_table_checks') }} as checks
    inner join tables
        on checks.table_key = tables.table_key
        and checks.checked_at = tables.last_checked_at
),

-- One that nobody has checked for a month is not monitored any more.
states as (
    select
        table_key,
        dbobject,
        table_name,
        column_name,
        server,
        db_type,
        status,
        checked_at,
        lag_now,
        {{ cast_as(freshness_state('lag_now'), 'varchar') }} as state_now
    from aged
    where greatest({{ dbt.dateadd('day', 30, 'checked_at') }}, {{ silent_from() }}) > {{ as_of() }}
),

-- The state began where the last other one ended; without another one, with the first check.
final as (
    select
        states.table_key,
        states.dbobject,
        states.table_name,
        states.column_name,
        states.server,
        states.db_type,
        states.state_now as state,
        states.status as last_status,

        coalesce(unusual.is_unusual, false) as is_unusual,

        states.lag_now as lag_seconds,

        last_answers.last_update,
        greatest(
            coalesce(case when states.state_now <> 'fresh' then tables.fresh_until end, tables.first_checked_at),
            coalesce(case when states.state_now <> 'warn' then tables.warn_until end, tables.first_checked_at),
            coalesce(case when states.state_now <> 'stale' then tables.stale_until end, tables.first_checked_at),
            coalesce(case when states.state_now <> 'unknown' then tables.unknown_until end, tables.first_checked_at)
        ) as since,
        states.checked_at as last_checked_at
    from states
    inner join tables on states.table_key = tables.table_key
    left join last_answers on states.table_key = last_answers.table_key
    left join unusual on states.table_key = unusual.table_key
)

select * from final
