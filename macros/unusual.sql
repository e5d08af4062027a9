{#-
    CTEs that tell which lags are unusual for the hour of the week. `checks` has the columns of int_table_checks, with the
    checks of 13 weeks and a day before the first one to judge; `judged` has those to judge, with the same columns. The last
    CTE, `unusual_lags`, has a row for each judged check that found a last update: usual_lag_seconds, unusual_above_seconds
    and is_unusual. The first two are NULL, and nothing is unusual, where fewer than four weeks teach.

    All checks of a table that find the same last update are a spell of it. What an hour teaches is how large the lag
    became in the spells that it is part of, so the spell of the judged check itself teaches nothing.
-#}
{% macro unusual_lags(checks, judged) -%}
{%- set hour_key = ['table_key', 'last_update', 'hour_number'] -%}
-- Cycles begin and end within a day, and data come back some hours after the beam.
pauses as (
    select
        {{ day_number('last_day') }} as first_day_number,
        {{ day_number('lead(first_day) over (order by first_day)') }} + 1 as last_day_number
    from {{ ref('beam_cycles') }}

    union all

    select
        {{ day_number('day') }} as first_day_number,
        {{ day_number('day') }} + 1 as last_day_number
    from {{ ref('int_maintenance_days') }}
),

local_checks as (
    select
        table_key,
        checked_at,
        last_update,
        {{ local_time('checked_at') }} as checked_local
    from {{ checks }}
    where last_update is not null
),

-- What was found in each hour, for there are far fewer hours than checks.
readings as (
    select
        table_key,
        last_update,
        {{ day_number('checked_local') }} as day_number,
        {{ day_number('checked_local') }} * 24 + extract(hour from checked_local) as hour_number,
        max({{ divide(dbt.datediff('last_update', 'checked_at', 'microsecond'), 1000000) }}) as lag_seconds
    from local_checks
    group by 1, 2, 3, 4
),

spells as (
    select
        table_key,
        last_update,
        min(day_number) as day_number,
        max(lag_seconds) as lag_seconds
    from readings
    group by table_key, last_update
),

-- The local days on which each table was looked at, and how many updates were first seen on each.
days_looked_at as (
    select distinct
        table_key,
        day_number
    from readings
),

updates as (
    select
        table_key,
        day_number,
        count(*) as updates
    from spells
    group by table_key, day_number
),

days as (
    select
        days_looked_at.table_key,
        days_looked_at.day_number,
        coalesce(max(updates.updates), 0) as updates,
        case when count(pauses.first_day_number) > 0 then 1 else 0 end as is_pause
    from days_looked_at
    left join updates
        on days_looked_at.table_key = updates.table_key
        and days_looked_at.day_number = updates.day_number
    left join pauses
        on days_looked_at.day_number >= pauses.first_day_number
        and (days_looked_at.day_number <= pauses.last_day_number or pauses.last_day_number is null)
    group by days_looked_at.table_key, days_looked_at.day_number
),

{% set before = 'over (partition by table_key order by day_number range between 91 preceding and 1 preceding)' -%}
habits as (
    select
        table_key,
        day_number,
        is_pause,
        sum(is_pause) {{ before }} as pause_days,
        sum(1 - is_pause) {{ before }} as beam_days,
        sum(updates * is_pause) {{ before }} as pause_updates,
        sum(updates * (1 - is_pause)) {{ before }} as beam_updates
    from days
),

-- A table that gets most of its updates from the beam rests in its pauses: then its lags neither count nor teach.
resting_days as (
    select
        table_key,
        day_number
    from habits
    where
        is_pause = 1
        and beam_updates >= 20
        and beam_updates * pause_days >= 4 * pause_updates * beam_days
),

local_judged as (
    select
        table_key,
        checked_at,
        last_update,
        interval_seconds,
        {{ local_time('checked_at') }} as checked_local
    from {{ judged }}
    where last_update is not null
),

judged_readings as (
    select
        table_key,
        checked_at,
        last_update,
        interval_seconds,
        {{ divide(dbt.datediff('last_update', 'checked_at', 'microsecond'), 1000000) }} as lag_seconds,
        {{ day_number('checked_local') }} as day_number,
        {{ day_number('checked_local') }} * 24 + extract(hour from checked_local) as hour_number
    from local_judged
),

-- The same hour is at least five hours wide, and so wide that a check falls into it.
judged_hours as (
    select
        judged_readings.table_key,
        judged_readings.last_update,
        judged_readings.hour_number,
        max({{ cast_as('greatest(2, ceil(' ~ divide('judged_readings.interval_seconds', 3600) ~ '))', 'integer') }}) as reach
    from judged_readings
    left join resting_days
        on judged_readings.table_key = resting_days.table_key
        and judged_readings.day_number = resting_days.day_number
    where resting_days.table_key is null
    group by judged_readings.table_key, judged_readings.last_update, judged_readings.hour_number
),

judged_weeks as (
    {{ expand_range('judged_hours', hour_key + ['reach'], 1, 13, 'week') }}
),

hours_before as (
    {{ expand_range('judged_weeks', hour_key + ['week'], 'hour_number - week * 168 - reach', 'hour_number - week * 168 + reach', 'hour_before') }}
),

-- Each week teaches one lag.
weeks as (
    select
        hours_before.table_key,
        hours_before.last_update,
        hours_before.hour_number,
        hours_before.week,
        max(spells.lag_seconds) as lag_seconds
    from hours_before
    inner join readings
        on hours_before.table_key = readings.table_key
        and hours_before.hour_before = readings.hour_number
        and hours_before.last_update <> readings.last_update
    inner join spells
        on readings.table_key = spells.table_key
        and readings.last_update = spells.last_update
    left join resting_days
        on readings.table_key = resting_days.table_key
        and readings.day_number = resting_days.day_number
    where resting_days.table_key is null
    group by hours_before.table_key, hours_before.last_update, hours_before.hour_number, hours_before.week
),

ranked as (
    select
        *,
        row_number() over (
            partition by table_key, last_update, hour_number
            order by week
        ) as place,
        count(*) over (partition by table_key, last_update, hour_number) as known_weeks
    from weeks
),

-- The last five count: they outvote an outage of two weeks, and have learned a new cadence after three.
teachers as (
    select *
    from ranked
    where place <= 5 and known_weeks >= 4
),

medians as (
    select
        table_key,
        last_update,
        hour_number,
        {{ nearest_rank('lag_seconds', 50) }} as median_seconds
    from {{ with_ranks('teachers', 'lag_seconds', hour_key) }}
    group by table_key, last_update, hour_number
),

deviations as (
    select
        teachers.table_key,
        teachers.last_update,
        teachers.hour_number,
        medians.median_seconds,
        abs(teachers.lag_seconds - medians.median_seconds) as deviation
    from teachers
    inner join medians
        on teachers.table_key = medians.table_key
        and teachers.last_update = medians.last_update
        and teachers.hour_number = medians.hour_number
),

spreads as (
    select
        table_key,
        last_update,
        hour_number,
        max(median_seconds) as median_seconds,
        {{ nearest_rank('deviation', 50) }} as spread_seconds
    from {{ with_ranks('deviations', 'deviation', hour_key) }}
    group by table_key, last_update, hour_number
),

-- A table that is now updated less often is known by its last two spells; after an outage the smaller one counts.
recent as (
    select
        table_key,
        last_update,
        least(
            coalesce(lag(lag_seconds, 1) over (partition by table_key order by last_update), 0),
            coalesce(lag(lag_seconds, 2) over (partition by table_key order by last_update), 0)
        ) as lag_seconds
    from spells
),

usual as (
    select
        judged_readings.table_key,
        judged_readings.checked_at,
        judged_readings.lag_seconds,
        judged_readings.interval_seconds,
        case
            when spreads.median_seconds is not null then greatest(spreads.median_seconds, recent.lag_seconds)
        end as usual_lag_seconds,
        spreads.spread_seconds
    from judged_readings
    inner join recent
        on judged_readings.table_key = recent.table_key
        and judged_readings.last_update = recent.last_update
    left join spreads
        on judged_readings.table_key = spreads.table_key
        and judged_readings.last_update = spreads.last_update
        and judged_readings.hour_number = spreads.hour_number
),

limits as (
    select
        table_key,
        checked_at,
        lag_seconds,
        usual_lag_seconds,
        usual_lag_seconds
        + greatest(10 * spread_seconds, usual_lag_seconds / 4, interval_seconds + 7200) as unusual_above_seconds
    from usual
),

unusual_lags as (
    select
        table_key,
        checked_at,
        usual_lag_seconds,
        unusual_above_seconds,
        coalesce(lag_seconds > unusual_above_seconds, false) as is_unusual
    from limits
)
{%- endmacro %}

{#- How many days a date is after 1 January 2001. -#}
{% macro day_number(day) -%}
    {{ dbt.datediff("date '2001-01-01'", day, 'day') }}
{%- endmacro %}
