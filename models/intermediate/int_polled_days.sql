{{ config(materialized='table') }}

with

polls as (
    select * from {{ ref('int_polls') }}
),

time_zones as (
    select * from {{ ref('instrument_time_zones') }}
),

offsets as (
    select * from {{ ref('int_utc_offsets') }}
),

first_polls as (
    select
        instrument,
        min(polled_at) as first_polled_at
    from polls
    where polled_at <= {{ as_of() }}
    group by instrument
),

-- A zone that does not exist counts as none.
instruments as (
    select
        first_polls.instrument,
        first_polls.first_polled_at,
        coalesce(known_zones.time_zone, {{ text_literal(facility_timezone()) }}) as time_zone
    from first_polls
    left join time_zones on first_polls.instrument = time_zones.instrument
    left join (select distinct time_zone from offsets) as known_zones on time_zones.time_zone = known_zones.time_zone
),

-- From the day before the first poll, whose spans may reach into it, to the day of the statistics.
bounds as (
    select
        instruments.instrument,
        instruments.time_zone,
        {{ cast_as(dbt.dateadd('second', 'at_first.offset_seconds', 'instruments.first_polled_at'), 'date') }} as first_day,
        {{ cast_as(dbt.dateadd('second', 'at_last.offset_seconds', as_of()), 'date') }} as last_day
    from instruments
    inner join offsets as at_first
        on {{ is_in_force('at_first', 'instruments.time_zone', 'instruments.first_polled_at', 'utc') }}
    inner join offsets as at_last
        on {{ is_in_force('at_last', 'instruments.time_zone', as_of(), 'utc') }}
),

day_numbers as (
    {{ expand_range('bounds', ['instrument', 'time_zone', 'first_day'], '-1', dbt.datediff('first_day', 'last_day', 'day'), 'number') }}
),

days as (
    select
        instrument,
        time_zone,
        number,
        {{ cast_as(dbt.dateadd('day', 'number', 'first_day'), 'date') }} as day
    from day_numbers
),

-- Monday, 1 January 2001, and every seventh day before and after it, is 0.
weekdays as (
    select
        instrument,
        time_zone,
        number,
        day,
        mod(mod({{ dbt.datediff("date '2001-01-01'", 'day', 'day') }}, 7) + 7, 7) as weekday
    from days
),

{% set next_midnight = dbt.dateadd('day', 1, midnight('weekdays.day')) -%}
final as (
    select
        weekdays.instrument,
        weekdays.day,
        weekdays.time_zone,
        weekdays.number,
        weekdays.weekday,
        {{ utc_time_by('at_start', midnight('weekdays.day')) }} as starts_at,
        {{ utc_time_by('at_end', next_midnight) }} as ends_at
    from weekdays
    inner join offsets as at_start
        on {{ is_in_force('at_start', 'weekdays.time_zone', midnight('weekdays.day')) }}
    inner join offsets as at_end
        on {{ is_in_force('at_end', 'weekdays.time_zone', next_midnight) }}
)

select * from final
