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
{%- set reach = reach_of_table_days() if is_incremental() -%}
{%- set next_midnight = dbt.dateadd('day', 1, midnight('days.day')) -%}

with

checks as (
    select * from {{ ref('fct_table_checks') }}
    where checked_at <= {{ as_of() }}
),

-- The day from which each table is counted: all of it, or what is open or has a new check.
touched as (
    {% if is_incremental() -%}
    select
        table_key,
        min(day) as first_day
    from (
        select distinct
            table_key,
            date '{{ reach.open_day }}' as day
        from {{ this }}
        union all
        select
            table_key,
            {{ local_day('min(checked_at)') }} as day
        from checks
        where
            load_number > {{ reach.seen }}
            or checked_at >= {{ utc_time(midnight("date '" ~ reach.open_day ~ "'")) }}
        group by table_key
    ) as days
    group by table_key
    {%- else -%}
    select
        table_key,
        {{ local_day('min(checked_at)') }} as first_day
    from checks
    group by table_key
    {%- endif %}
),

counted as (
    select
        checks.*,
        {{ local_day('checks.checked_at') }} as day
    from checks
    inner join touched on checks.table_key = touched.table_key
    where
        checks.checked_at >= {{ utc_time(midnight('touched.first_day')) }}
        {%- if is_incremental() %}
        and checks.checked_at >= {{ utc_time(midnight("date '" ~ reach.first_day ~ "'")) }}

    union all

    -- The check before, which still says something.
    select
        checks.*,
        {{ cast_as('null', 'date') }} as day
    from checks
    inner join (
        select
            known.table_key,
            max(known.last_checked_at) as checked_at
        from {{ this }} as known
        inner join touched
            on known.table_key = touched.table_key
            and known.day < touched.first_day
        group by known.table_key
    ) as before
        on checks.table_key = before.table_key
        and checks.checked_at = before.checked_at
        {%- endif %}
),

-- A check counts until the next one, or until it has been silent for too long.
reaches as (
    select
        *,
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
        greatest({{ utc_time(midnight('days.day')) }}, tables.first_checked_at) as starts_at,
        least({{ utc_time(next_midnight) }}, {{ as_of() }}) as ends_at
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
        {%- for state in freshness_states() %},
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
        {%- for state in freshness_states() %}
        coalesce(state_sums.{{ state }}_seconds, 0) as {{ state }}_seconds,
        {%- endfor %}

        check_sums.first_checked_at,
        check_sums.last_checked_at,
        check_sums.last_answered_at,
        {%- for state in freshness_states() %}
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
