{#- `first_state` says how each window begins; it is then read by its own polls alone. -#}
{{ config(materialized='table') }}
{%- set fill = var('availability_fill') -%}
{%- set first_state = var('availability_first_state') -%}
{%- set max_gap = var('availability_max_gap') -%}
{%- set in_order -%}
partition by instrument order by moment, place
{%- endset -%}

with

polls as (
    select * from {{ ref('int_polls') }}
    where polled_at <= {{ as_of() }}
),

windows as (
    select * from {{ ref('int_operating_windows') }}
),

-- In the order in which they count at one instant: the end of a window (0), the beginning of one (1), a poll (2).
events as (
    select
        instrument,
        polled_at as moment,
        2 as place,
        state,
        reason
    from polls
    {%- if first_state %}

    union all

    select
        instrument,
        starts_at as moment,
        1 as place,
        {{ cast_as('null', 'varchar') }} as state,
        {{ cast_as('null', 'varchar') }} as reason
    from windows

    union all

    select
        instrument,
        ends_at as moment,
        0 as place,
        {{ cast_as('null', 'varchar') }} as state,
        {{ cast_as('null', 'varchar') }} as reason
    from windows
    {%- endif %}
),

neighbours as (
    select
        *,
        lag(moment) over ({{ in_order }}) as moment_before,
        lag(place) over ({{ in_order }}) as place_before,
        lead(moment) over ({{ in_order }}) as moment_after,
        lead(place) over ({{ in_order }}) as place_after
    from events
),

-- For how long each poll speaks: until the next one, since the one before, or halfway to both.
reaches as (
    select
        instrument,
        moment,
        place,
        state,
        reason,
        {% if fill == 'next' -%}
        case
            when place_before is null then {{ timestamp_literal('1970-01-01 00:00:00') }}
            when place_before > 0 then moment_before
            else moment
        end as speaks_from,
        case
            when place_after = 2 then moment
            else coalesce(moment_after, {{ as_of() }})
        end as speaks_until
        {%- elif fill == 'midpoint' -%}
        case
            when place_before = 2 then {{ midway('moment_before', 'moment') }}
            else moment
        end as speaks_from,
        case
            when place_after = 2 then {{ midway('moment', 'moment_after') }}
            else coalesce(moment_after, {{ as_of() }})
        end as speaks_until
        {%- else -%}
        moment as speaks_from,
        coalesce(moment_after, {{ as_of() }}) as speaks_until
        {%- endif %}
    from neighbours
    where place = 2
),

trusted as (
    select
        instrument,
        moment,
        state,
        reason,
        {% if max_gap is none -%}
        speaks_from,
        speaks_until
        {%- else -%}
        greatest(speaks_from, {{ dbt.dateadd('second', -(max_gap | int), 'moment') }}) as speaks_from,
        least(speaks_until, {{ dbt.dateadd('second', max_gap | int, 'moment') }}) as speaks_until
        {%- endif %}
    from reaches
),

-- Where the one before does not reach, nobody knows; the last poll may not reach the moment of the statistics.
compared as (
    select
        *,
        lag(state) over (partition by instrument order by moment) as state_before,
        lag(reason) over (partition by instrument order by moment) as reason_before,
        lag(speaks_until) over (partition by instrument order by moment) as spoken_until,
        lead(speaks_from) over (partition by instrument order by moment) as next_speaks_from
    from trusted
),

points as (
    select
        instrument,
        speaks_from as starts_at,
        {% if fill == 'next' -%}
        -- A poll at the very beginning of a window tells nothing of it.
        case when speaks_from < speaks_until then 3 else 2 end as place,
        case when speaks_from < speaks_until then state else 'unknown' end as state,
        {%- else -%}
        3 as place,
        state,
        {%- endif %}
        reason
    from compared
    {%- if not first_state %}
    where
        state_before is null
        or state <> state_before
        or spoken_until < speaks_from
        or reason <> coalesce(reason_before, '')
    {%- endif %}

    union all

    select
        instrument,
        speaks_until as starts_at,
        0 as place,
        'unknown' as state,
        {{ cast_as('null', 'varchar') }} as reason
    from compared
    where speaks_until < coalesce(next_speaks_from, {{ as_of() }})
    {%- if first_state %}

    union all

    select
        instrument,
        moment as starts_at,
        1 as place,
        case
            when place_after = 2 then {{ text_literal(first_state) }}
            else {{ text_literal(var('availability_no_data')) }}
        end as state,
        {{ cast_as('null', 'varchar') }} as reason
    from neighbours
    where place = 1
    {%- endif %}
),

-- At one instant a poll counts more than the beginning of a window, and that more than the end of a poll's reach.
placed as (
    select
        *,
        row_number() over (
            partition by instrument, starts_at
            order by place desc
        ) as rank_at_instant
    from points
),

final as (
    select
        instrument,
        {{ cast_as('state', 'varchar') }} as state,
        reason,
        starts_at
    from placed
    where rank_at_instant = 1
)

select * from final
