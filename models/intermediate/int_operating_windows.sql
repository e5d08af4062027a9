{{ config(materialized='table') }}
{%- set calendar = var('availability_calendar') -%}

with

polled_days as (
    select * from {{ ref('int_polled_days') }}
),

offsets as (
    select * from {{ ref('int_utc_offsets') }}
),

operating_hours as (
    select * from {{ ref('operating_hours') }}
),

days as (
    select * from {{ ref('dim_days') }}
),

-- In seconds of the clock since midnight; an end at or before the beginning is one of the next day.
hours as (
    select
        instrument,
        day,
        {{ second_of_day('start_time_local') }} as start_second,
        {{ second_of_day('end_time_local') }}
        + case when end_time_local <= start_time_local then 86400 else 0 end as end_second,
        valid_from,
        valid_to
    from operating_hours
),

{% if calendar == 'cycles' -%}
spans as (
    select
        instrument,
        time_zone,
        day,
        {{ midnight('day') }} as starts_local,
        {{ dbt.dateadd('day', 1, midnight('day')) }} as ends_local
    from polled_days
),
{%- else -%}
-- An instrument without operating hours is always meant to be available.
spans as (
    select
        polled_days.instrument,
        polled_days.time_zone,
        polled_days.day,
        {{ dbt.dateadd('second', 'hours.start_second', midnight('polled_days.day')) }} as starts_local,
        {{ dbt.dateadd('second', 'hours.end_second', midnight('polled_days.day')) }} as ends_local
    from polled_days
    inner join hours
        on polled_days.instrument = hours.instrument
        and polled_days.weekday = hours.day
        and (hours.valid_from is null or polled_days.day >= hours.valid_from)
        and (hours.valid_to is null or polled_days.day < hours.valid_to)

    union all

    select
        polled_days.instrument,
        polled_days.time_zone,
        polled_days.day,
        {{ midnight('polled_days.day') }} as starts_local,
        {{ dbt.dateadd('day', 1, midnight('polled_days.day')) }} as ends_local
    from polled_days
    where polled_days.instrument not in (select instrument from operating_hours)
),
{%- endif %}

local_times as (
    select
        time_zone,
        starts_local as local_time
    from spans

    union

    select
        time_zone,
        ends_local as local_time
    from spans
),

-- Each bound by itself: a time that the clocks skip is the instant after the gap, one that occurs twice the first.
moments as (
    select
        local_times.time_zone,
        local_times.local_time,
        {{ utc_time_by('offsets', 'local_times.local_time') }} as moment
    from local_times
    inner join offsets
        on {{ is_in_force('offsets', 'local_times.time_zone', 'local_times.local_time') }}
),

localised as (
    select
        spans.instrument,
        spans.day,
        start_moments.moment as starts_at,
        end_moments.moment as ends_at
    from spans
    inner join moments as start_moments
        on spans.time_zone = start_moments.time_zone
        and spans.starts_local = start_moments.local_time
    inner join moments as end_moments
        on spans.time_zone = end_moments.time_zone
        and spans.ends_local = end_moments.local_time
),

-- A span belongs to the day on which it begins and to the next.
reaching as (
    select
        instrument,
        day,
        starts_at,
        ends_at
    from localised

    union all

    select
        instrument,
        {{ cast_as(dbt.dateadd('day', 1, 'day'), 'date') }} as day,
        starts_at,
        ends_at
    from localised
),

-- Both end at the moment of the statistics.
pieces as (
    select
        polled_days.instrument,
        polled_days.day,
        greatest(reaching.starts_at, polled_days.starts_at) as starts_at,
        least(reaching.ends_at, polled_days.ends_at, {{ as_of() }}) as ends_at
    from polled_days
    inner join reaching
        on polled_days.instrument = reaching.instrument
        and polled_days.day = reaching.day
    {%- if calendar != 'hours' %}
    inner join days on polled_days.day = days.day
    {%- endif %}
    where
        polled_days.number >= 0
        {%- if calendar != 'hours' %}
        and days.cycle is not null
        and not days.is_maintenance_day
        {%- endif %}
),

-- Spans that overlap or touch are one.
begun as (
    select
        instrument,
        day,
        starts_at,
        ends_at,
        case
            when starts_at <= max(ends_at) over (
                partition by instrument, day
                order by starts_at, ends_at
                rows between unbounded preceding and 1 preceding
            ) then 0 else 1
        end as is_new
    from pieces
    where starts_at < ends_at
),

islands as (
    select
        *,
        sum(is_new) over (
            partition by instrument, day
            order by starts_at, ends_at
            rows between unbounded preceding and current row
        ) as island
    from begun
),

final as (
    select
        instrument,
        day,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from islands
    group by instrument, day, island
)

select * from final
