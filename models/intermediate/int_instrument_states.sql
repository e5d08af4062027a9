{#-
    Polls of long ago are read once: a run replaces the days that can have changed. `first_state` says how each window
    begins; it is then read by its own polls alone.
-#}
{{
    config(
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'day'],
        meta={'touched_by': 'polls'},
        indexes=server_indexes([['instrument', 'day']])
    )
}}
{%- set fill = var('availability_fill') -%}
{%- set first_state = var('availability_first_state') -%}
{%- set max_gap = var('availability_max_gap') -%}
{%- set in_order -%}
partition by instrument order by moment{{ ', place' if first_state }}
{%- endset -%}
{%- set changed_from = first_change() if is_incremental() -%}
{%- set follows_a_poll = 'place_before = 2' if first_state else 'moment_before is not null' -%}
{%- set precedes_a_poll = 'place_after = 2' if first_state else 'moment_after is not null' -%}

-- depends_on: {{ ref('int_polled_days') }}, {{ ref('beam_cycles') }}
with

polls as (
    select * from {{ ref('int_polls') }}
    where
        polled_at <= {{ as_of() }}
        {%- if is_incremental() %}
        and polled_at >= {{ timestamp_literal(first_poll_to_read(changed_from)) }}
        {%- endif %}
),

operating_windows as (
    select * from {{ ref('int_operating_windows') }}
),

{% if is_incremental() -%}
polled_days as (
    select * from {{ ref('int_polled_days') }}
),

{{ days_to_read_again('polls', 'polled_days', changed_from) }},

{% endif -%}
windows as (
    select operating_windows.*
    from operating_windows
    {%- if is_incremental() %}
    inner join first_days
        on operating_windows.instrument = first_days.instrument
        and operating_windows.day >= first_days.day
    {%- endif %}
),

-- In the order in which they count at one instant: the end of a window (0), the beginning of one (1), a poll (2).
told as (
    select
        polls.instrument,
        polls.polled_at as moment,
        {{ '2 as place,' if first_state }}
        polls.state,
        polls.reason
    from polls
    {%- if is_incremental() %}
    inner join first_days on polls.instrument = first_days.instrument
    where polls.polled_at >= first_days.first_polled_at
    {%- endif %}
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
        lag(state) over ({{ in_order }}) as state_before,
        lag(reason) over ({{ in_order }}) as reason_before,
        lead(moment) over ({{ in_order }}) as moment_after
        {%- if first_state %},
        lag(place) over ({{ in_order }}) as place_before,
        lead(place) over ({{ in_order }}) as place_after
        {%- endif %}
    from told
),
{%- if not first_state and max_gap is none %}

-- A poll that says the same as the one before changes nothing.
telling as (
    select *
    from neighbours
    where state_before is null or state <> state_before or coalesce(reason, '') <> coalesce(reason_before, '')
),
{%- endif %}

-- For how long each poll speaks: until the next one, since the one before, or halfway to both.
reaches as (
    select
        *,
        {% if fill == 'next' -%}
        case
            when moment_before is null then {{ timestamp_literal('1970-01-01 00:00:00') }}
            {%- if first_state %}
            when place_before = 0 then moment
            {%- endif %}
            else moment_before
        end as speaks_from,
        case when {{ precedes_a_poll }} then moment else coalesce(moment_after, {{ as_of() }}) end as speaks_until,
        moment as next_speaks_from
        {%- elif fill == 'midpoint' -%}
        case when {{ follows_a_poll }} then {{ midway('moment_before', 'moment') }} else moment end as speaks_from,
        case
            when {{ precedes_a_poll }} then {{ midway('moment', 'moment_after') }}
            else coalesce(moment_after, {{ as_of() }})
        end as speaks_until,
        {{ midway('moment', 'moment_after') }} as next_speaks_from
        {%- else -%}
        moment as speaks_from,
        coalesce(moment_after, {{ as_of() }}) as speaks_until,
        moment_after as next_speaks_from
        {%- endif %}
    from {{ 'neighbours' if first_state or max_gap is not none else 'telling' }}
    {%- if first_state %}
    where place = 2
    {%- endif %}
),

{% if max_gap is not none -%}
-- Where neither a poll nor the next reaches, nobody knows.
trusted as (
    select
        *,
        greatest(speaks_from, {{ dbt.dateadd('second', -(max_gap | int), 'moment') }}) as trusted_from,
        least(speaks_until, {{ dbt.dateadd('second', max_gap | int, 'moment') }}) as trusted_until,
        case
            when {{ precedes_a_poll }}
                then greatest(next_speaks_from, {{ dbt.dateadd('second', -(max_gap | int), 'moment_after') }})
            else coalesce(moment_after, {{ as_of() }})
        end as next_trusted_from
    from reaches
),

{% endif -%}
points as (
    select
        instrument,
        moment,
        {{ 'speaks_from' if max_gap is none else 'trusted_from' }} as starts_at,
        {% if fill == 'next' -%}
        -- A poll at the very beginning of a window tells nothing of it.
        case when speaks_from < speaks_until then 3 else 2 end as place,
        case when speaks_from < speaks_until then state else 'unknown' end as state,
        {%- else -%}
        3 as place,
        state,
        {%- endif %}
        reason
    from {{ 'reaches' if max_gap is none else 'trusted' }}
    {%- if max_gap is not none %}

    union all

    select
        instrument,
        moment,
        trusted_until as starts_at,
        0 as place,
        'unknown' as state,
        {{ cast_as('null', 'varchar') }} as reason
    from trusted
    where trusted_until < next_trusted_from
    {%- endif %}
    {%- if first_state %}

    union all

    select
        instrument,
        moment,
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
            order by place desc, moment desc
        ) as rank_at_instant
    from points
),

-- What says the same as the one before, but at the beginning of a window, changes nothing.
compared as (
    select
        *,
        lag(state) over (partition by instrument order by starts_at) as state_before_it,
        lag(reason) over (partition by instrument order by starts_at) as reason_before_it
    from placed
    where rank_at_instant = 1
),

states as (
    select
        instrument,
        state,
        reason,
        starts_at
    from compared
    where
        state_before_it is null
        or state <> state_before_it
        or coalesce(reason, '') <> coalesce(reason_before_it, '')
        {{ 'or place = 1' if first_state }}
),

{{ states_in_windows('states', 'windows', 'instrument', before=var('availability_no_data')) }},

final as (
    select
        instrument,
        day,
        {{ cast_as('state', 'varchar') }} as state,
        reason,
        {{ text_literal(reading_of_polls()) }} as reading,
        (select max(load_number) from {{ ref('int_polls') }}) as load_number,
        starts_at,
        ends_at
    from states_in_windows
)

select * from final
