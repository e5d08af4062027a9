{#-
    CTEs of an incremental model that reads polls: `first_days` has {instrument, day, first_polled_at}, from which day on
    each instrument is read again, and the first poll that counts there. A poll may tell of the time since the one before,
    and of the time until the next: the last month before whatever is new is read again, and an instrument without any poll
    in that month is read from its beginning.
-#}
{% macro days_to_read_again(polls, polled_days, moment) -%}
{%- set month = days_before(moment, 31) -%}
{%- set start = days_before(moment, 33) -%}
last_polls as (
    select
        instrument,
        max(case when polled_at >= {{ month }} then polled_at end) as polled_at,
        max(case when polled_at < {{ start }} then polled_at end) as polled_before
    from {{ polls }}
    where polled_at < {{ timestamp_literal(moment) }}
    group by instrument
),

first_days as (
    select
        days.instrument,
        min(days.day) as day,
        coalesce(
            max(case when last_polls.polled_at is not null then last_polls.polled_before end),
            {{ timestamp_literal('1970-01-01 00:00:00') }}
        ) as first_polled_at
    from {{ polled_days }} as days
    left join last_polls on days.instrument = last_polls.instrument
    where days.number >= 0 and (last_polls.polled_at is null or days.ends_at > {{ month }})
    group by days.instrument
)
{%- endmacro %}

{#- The literal of the moment that many days before another, which is a text. -#}
{% macro days_before(moment, days) -%}
    {{ timestamp_literal((modules.datetime.datetime.fromisoformat(moment) - modules.datetime.timedelta(days=days)) | string) }}
{%- endmacro %}

{#-
    The first poll, as a text, that has to be read again after a change at `moment`. As a literal, it spares the database
    the years before; it is 1970 if any instrument had no poll in the three months before those that are read anyway.
-#}
{% macro first_poll_to_read(moment) %}
    {%- if not execute or moment.startswith('1970') -%}
        {{ return('1970-01-01 00:00:00') }}
    {%- endif -%}
    {%- set recent_polls -%}
        (
            select * from {{ ref('int_polls') }}
            where polled_at >= {{ days_before(moment, 33 + 90) }}
        ) as recent_polls
    {%- endset -%}
    {%- set query -%}
        with
        {{ days_to_read_again(recent_polls, ref('int_polled_days'), moment) }}
        select min(first_polled_at) from first_days
    {%- endset -%}
    {{ return(run_query(query).rows[0][0] | default('1970-01-01 00:00:00', true) | string) }}
{% endmacro %}

{#-
    The moment from which on the rows of a model that reads polls may be wrong: a new poll, or the end of what it knows. A
    run deletes what lies beyond its moment, so the rows themselves say how far they reach.
-#}
{% macro first_change() %}
    {%- set query -%}
        select
            (select max(ends_at) from {{ this }} where reading = {{ text_literal(reading_of_polls()) }}),
            (select min(polled_at) from {{ ref('int_polls') }} where load_number > {{ seen_load() }})
    {%- endset -%}
    {%- set ends_at, polled_at = run_query(query).rows[0].values() if execute else (none, none) -%}
    {%- if ends_at is none -%}
        {{ return('1970-01-01 00:00:00') }}
    {%- endif -%}
    {{ return(([as_of_text() | string, ends_at | string] + ([polled_at | string] if polled_at else [])) | min) }}
{% endmacro %}

{#- The cells that the new rows replace: from the first of their days on, and what no longer holds. -#}
{% macro polled_days_to_replace(new_rows) -%}
    select
        known.instrument,
        known.day
    from {{ this }} as known
    left join (
        select
            instrument,
            min(day) as day
        from {{ new_rows }}
        group by instrument
    ) as first_days on known.instrument = first_days.instrument
    where
        known.day >= first_days.day
        or known.ends_at > {{ as_of() }}
        or known.reading <> {{ text_literal(reading_of_polls()) }}
    group by known.instrument, known.day
{%- endmacro %}

{#- A digest of all that decides how polls are read, besides themselves: where it has changed, all are read again. -#}
{% macro reading_of_polls() %}
    {%- set decided_by = [facility_timezone()] -%}
    {%- for name in ('fill', 'first_state', 'no_data', 'max_gap', 'calendar') -%}
        {%- do decided_by.append(var('availability_' ~ name)) -%}
    {%- endfor -%}
    {%- set seeds = [ref('instrument_time_zones'), ref('operating_hours')] -%}
    {%- if var('availability_calendar') != 'hours' -%}
        {%- do seeds.append(ref('beam_cycles')) -%}
    {%- endif -%}
    {%- if execute -%}
        {%- for seed in seeds -%}
            {%- do decided_by.append(run_query('select * from ' ~ seed).rows | map('join', '|') | sort) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(local_md5(decided_by | string)) }}
{% endmacro %}
