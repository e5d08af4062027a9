{{
    config(
        materialized='incremental',
        incremental_strategy='replace_touched',
        unique_key=['table_key', 'day'],
        meta={'touched_by': 'as_of'},
        indexes=server_indexes([
            ['table_key', 'day'],
            ['day'],
            ['load_number'],
        ])
    )
}}
{%- set all_states = ['fresh', 'warn', 'stale', 'unknown'] -%}
{%- set changes = utc_offset_changes(facility_timezone()) -%}
{%- set reach = reach_of_table_days(changes) if is_incremental() -%}

{%- set checked_columns -%}
        checks.table_key,
        checks.dbobject,
        checks.table_name,
        checks.column_name,
        checks.state,
        checks.lag_seconds,
        checks.interval_seconds,
        checks.warn_after_seconds,
        checks.error_after_seconds,
        checks.last_update,
        checks.checked_at,
{%- endset %}

with

{% if is_incremental() -%}
known_days as (
    select * from {{ this }}
),

-- The tables with checks that this model has not seen, or that are not before its open day.
new_checks as (
    select * from {{ ref('fct_table_checks') }}
    where
        checked_at <= {{ as_of() }}
        and (
            load_number > {{ reach.seen }}
            or checked_at >= {{ utc_time(midnight("date '" ~ reach.open_day ~ "'"), changes=changes) }}
        )
),

-- Each table is counted from its open day on, or from the day of its first new check.
touched as (
    select
        table_key,
        min(day) as first_day
    from (
        select distinct
            table_key,
            date '{{ reach.open_day }}' as day
        from known_days
        union all
        select
            table_key,
            {{ local_day('min(checked_at)', changes) }} as day
        from new_checks
        group by table_key
    ) as days
    group by table_key
),

-- The check before that, which still says something.
spoken_before as (
    select
        known_days.table_key,
        max(known_days.last_checked_at) as checked_at
    from known_days
    inner join touched
        on known_days.table_key = touched.table_key
        and known_days.day < touched.first_day
    group by known_days.table_key
),
{%- else -%}
touched as (
    select
        table_key,
        {{ local_day('min(checked_at)', changes) }} as first_day
    from {{ ref('fct_table_checks') }}
    where checked_at <= {{ as_of() }}
    group by table_key
),
{%- endif %}

counted as (
    select
        {{ checked_columns }}
        {{ local_day('checks.checked_at', changes) }} as day
    from {{ ref('fct_table_checks') }} as checks
    inner join touched on checks.table_key = touched.table_key
    where
        checks.checked_at <= {{ as_of() }}
        {%- if is_incremental() %}
        and checks.checked_at >= {{ utc_time(midnight('touched.first_day'), changes=changes) }}
        and checks.checked_at >= {{ utc_time(midnight("date '" ~ reach.first_day ~ "'"), changes=changes) }}

    union all

    select
        {{ checked_columns }}
        {{ cast_as('null', 'date') }} as day
    from {{ ref('fct_table_checks') }} as checks
    inner join spoken_before
        on checks.table_key = spoken_before.table_key
        and checks.checked_at = spoken_before.checked_at
        {%- endif %}
),

-- A check counts until the next one, or until it has been silent for too long.
reaches as (
    select
        table_key,
        state,
        checked_at,
        {{ dbt.dateadd('second', 'warn_after_seconds', 'last_update') }} as warn_from,
        {{ dbt.dateadd('second', 'error_after_seconds', 'last_update') }} as stale_from,
        {{ silent_from() }} as silent_from,
        coalesce(lead(checked_at) over (
            partition by table_key
            order by checked_at
        ), {{ as_of() }}) as next_checked_at
    from counted
),

changes as (
    select
        table_key,
        checked_at as starts_at,
        state
    from reaches

    union all

    select
        table_key,
        warn_from as starts_at,
        'warn' as state
    from reaches
    where warn_from > checked_at and warn_from < least(silent_from, next_checked_at, stale_from)

    union all

    select
        table_key,
        stale_from as starts_at,
        'stale' as state
    from reaches
    where stale_from > checked_at and stale_from < least(silent_from, next_checked_at)

    union all

    select
        table_key,
        silent_from as starts_at,
        'unknown' as state
    from reaches
    where silent_from < next_checked_at
),

compared as (
    select
        *,
        lag(state) over (
            partition by table_key
            order by starts_at
        ) as state_before
    from changes
),

points as (
    select
        table_key,
        starts_at,
        {{ cast_as('state', 'varchar') }} as state,
        {{ cast_as('null', 'varchar') }} as reason
    from compared
    where state_before is null or state <> state_before
),

tables as (
    select
        counted.table_key,
        touched.first_day,
        max(counted.dbobject) as dbobject,
        max(counted.table_name) as table_name,
        max(counted.column_name) as column_name,
        min(counted.checked_at) as first_checked_at
    from counted
    inner join touched on counted.table_key = touched.table_key
    group by counted.table_key, touched.first_day
),

day_numbers as (
    {{ expand_range('tables', ['table_key', 'first_day'], '0', dbt.datediff('first_day', as_of_day(), 'day'), 'number') }}
),

days as (
    select
        table_key,
        {{ cast_as(dbt.dateadd('day', 'number', 'first_day'), 'date') }} as day
    from day_numbers
),

-- From midnight, or the table's first check, to the next midnight, or the moment of the statistics.
windows as (
    select
        days.table_key,
        days.day,
        greatest({{ utc_time(midnight('days.day'), changes=changes) }}, tables.first_checked_at) as starts_at,
        least({{ utc_time(dbt.dateadd('day', 1, midnight('days.day')), changes=changes) }}, {{ as_of() }}) as ends_at
    from days
    inner join tables on days.table_key = tables.table_key
),

-- A day that the clocks leave out has no second.
days_with_time as (
    select * from windows
    where starts_at < ends_at
),

{{ states_in_windows('points', 'days_with_time', 'table_key', before='unknown') }},

measured as (
    select
        *,
        {{ dbt.datediff('starts_at', 'ends_at', 'microsecond') }} as microseconds
    from states_in_windows
),

state_sums as (
    select
        table_key,
        day
        {%- for state in all_states %},
        {{ divide("sum(case when state = '" ~ state ~ "' then microseconds else 0 end)", 1000000) }} as {{ state }}_seconds,
        max(case when state = '{{ state }}' then ends_at end) as {{ state }}_until
        {%- endfor %}
    from measured
    group by table_key, day
),

check_sums as (
    select
        table_key,
        day,
        count(*) as checks,
        max(lag_seconds) as worst_lag_seconds,
        {{ nearest_rank('lag_seconds', 50) }} as median_lag_seconds,
        min(checked_at) as first_checked_at,
        max(checked_at) as last_checked_at,
        max(case when last_update is not null then checked_at end) as last_answered_at
    from {{ with_ranks('counted', 'lag_seconds', ['table_key', 'day']) }}
    where day is not null
    group by table_key, day
),

final as (
    select
        {{ dbt.concat(['windows.table_key', "'|'", cast_as('windows.day', 'varchar')]) }} as table_day_key,
        windows.table_key,
        windows.day,
        tables.dbobject,
        tables.table_name,
        tables.column_name,

        coalesce(check_sums.checks, 0) as checks,
        check_sums.worst_lag_seconds,
        check_sums.median_lag_seconds,

        {{ divide(dbt.datediff('windows.starts_at', 'windows.ends_at', 'microsecond'), 1000000) }} as observed_seconds,
        {%- for state in all_states %}
        coalesce(state_sums.{{ state }}_seconds, 0) as {{ state }}_seconds,
        {%- endfor %}

        check_sums.first_checked_at,
        check_sums.last_checked_at,
        check_sums.last_answered_at,
        {%- for state in all_states %}
        state_sums.{{ state }}_until,
        {%- endfor %}
        {{ newest_load('int_table_checks') }} as load_number
    from windows
    inner join tables on windows.table_key = tables.table_key
    left join state_sums
        on windows.table_key = state_sums.table_key
        and windows.day = state_sums.day
    left join check_sums
        on windows.table_key = check_sums.table_key
        and windows.day = check_sums.day
)

select * from final
