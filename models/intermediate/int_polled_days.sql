{{ config(materialized='table') }}

with

polls as (
    select * from {{ ref('int_polls') }}
),

-- By another name, so that DuckDB reads the few rows that it needs and makes no copy of all.
polls_again as (
    select * from {{ ref('int_polls') }}
),

time_zones as (
    select * from {{ ref('instrument_time_zones') }}
),

offsets as (
    select * from {{ ref('int_utc_offsets') }}
),

polled_instruments as (
    select
        instrument,
        min(polled_at) as first_polled_at,
        max(polled_at) as last_polled_at
    from polls
    where polled_at <= {{ as_of() }}
    group by instrument
),

-- A zone that does not exist counts as none.
instruments as (
    select
        polled_instruments.instrument,
        polled_instruments.first_polled_at,
        {% if var('availability_max_gap') is none -%}
        newest_polls.state as last_state,
        {%- else -%}
        case
            when {{ dbt.dateadd('second', var('availability_max_gap') | int, 'newest_polls.polled_at') }} < {{ as_of() }} then 'unknown'
            else newest_polls.state
        end as last_state,
        {%- endif %}
        coalesce(known_zones.time_zone, {{ text_literal(facility_timezone()) }}) as time_zone
    from polled_instruments
    inner join polls_again as newest_polls
        on polled_instruments.instrument = newest_polls.instrument
        and polled_instruments.last_polled_at = newest_polls.polled_at
    left join time_zones on polled_instruments.instrument = time_zones.instrument
    left join (select distinct time_zone from offsets) as known_zones on time_zones.time_zone = known_zones.time_zone
),

-- From the day before the first poll, whose spans may reach into it, to the day of the statistics.
bounds as (
    select
        instruments.instrument,
        instruments.time_zone,
        instruments.last_state,
        {{ cast_as(dbt.dateadd('second', 'at_first.offset_seconds', 'instruments.first_polled_at'), 'date') }} as first_day,
        {{ cast_as(dbt.dateadd('second', 'at_last.offset_seconds', as_of()), 'date') }} as last_day
    from instruments
    inner join offsets as at_first
        on {{ is_in_force('at_first', 'instruments.time_zone', 'instruments.first_polled_at', 'utc') }}
    inner join offsets as at_last
        on {{ is_in_force('at_last', 'instruments.time_zone', as_of(), 'utc') }}
),

day_numbers as (
    {{ expand_range('bounds', ['instrument', 'time_zone', 'last_state', 'first_day'], '-1', dbt.datediff('first_day', 'last_day', 'day'), 'number') }}
),

days as (
    select
        instrument,
        time_zone,
        last_state,
        number,
        {{ cast_as(dbt.dateadd('day', 'number', 'first_day'), 'date') }} as day
    from day_numbers
),

-- Monday, 1 January 2001, and every seventh day before and after it, is 0.
weekdays as (
    select
        instrument,
        time_zone,
        last_state,
        number,
        day,
        mod(mod({{ dbt.datediff("date '2001-01-01'", 'day', 'day') }}, 7) + 7, 7) as weekday
    from days
),

-- Each day of a zone once, however many instruments have it.
zone_days as (
    select distinct
        time_zone,
        day
    from weekdays
),

{% set next_midnight = dbt.dateadd('day', 1, midnight('zone_days.day')) -%}
localised as (
    select
        zone_days.time_zone,
        zone_days.day,
        {{ utc_time_by('at_start', midnight('zone_days.day')) }} as starts_at,
        {{ utc_time_by('at_end', next_midnight) }} as ends_at
    from zone_days
    inner join offsets as at_start
        on {{ is_in_force('at_start', 'zone_days.time_zone', midnight('zone_days.day')) }}
    inner join offsets as at_end
        on {{ is_in_force('at_end', 'zone_days.time_zone', next_midnight) }}
),

final as (
    select
        weekdays.instrument,
        weekdays.day,
        weekdays.time_zone,
        weekdays.number,
        weekdays.weekday,
        localised.starts_at,
        localised.ends_at,
        weekdays.last_state
    from weekdays
    inner join localised
        on weekdays.time_zone = localised.time_zone
        and weekdays.day = localised.day
)

select * from final
