{#-
    How a cell of the source is read: NULL stands for a value that means nothing, so that one bad cell spoils
    only that cell and does not stop a run. `type` is the type of the source's column, from `source_types`.
-#}

{#- A time, in UTC without a zone. One with a zone or an offset is read with that; others are in var
    source_timezone. -#}
{% macro source_time(column, type, zone=none) -%}
    {{ adapter.dispatch('source_time', 'autostats')(column, type | default('timestamp', true), zone or source_timezone()) }}
{%- endmacro %}

{% macro default__source_time(column, type, zone) -%}
    {%- set moment = finite_time(cast_as(column, 'timestamp')) -%}
    {{ moment if 'with time zone' in type else in_utc(moment, zone) }}
{%- endmacro %}

{% macro postgres__source_time(column, type, zone) -%}
    {%- if 'with time zone' in type -%}
        {{ finite_time(column ~ " at time zone 'UTC'") }}
    {%- else -%}
        {{ default__source_time(column, type, zone) }}
    {%- endif -%}
{%- endmacro %}

{#- SQLite stores times as text: one that ends with an offset is read with that. All our sessions are in UTC. -#}
{% macro duckdb__source_time(column, type, zone) -%}
    {%- if type == 'varchar' -%}
        case
            when regexp_matches({{ column }}, '^ *[0-9]{4}-.*:[0-9]{2}.*([zZ]|[+-][0-9]{2}(:?[0-9]{2})?| [A-Za-z/_]+) *$')
                then {{ finite_time('cast(try_cast(' ~ column ~ ' as timestamptz) as timestamp)') }}
            else {{ in_utc(finite_time('try_cast(' ~ column ~ ' as timestamp)'), zone) }}
        end
    {%- elif type.startswith('timestamp') or type == 'date' -%}
        {{ default__source_time(column, type, zone) }}
    {%- else -%}
        {{ cast_as('null', 'timestamp') }}
    {%- endif -%}
{%- endmacro %}

{#- MySQL has no last day of the month for a zero or partial date, such as 2026-11-00. Its own TIMESTAMP is in UTC. -#}
{% macro mysql__source_time(column, type, zone) -%}
    {%- set moment -%}
        case
            when dayofmonth({{ column }}) between 1 and dayofmonth(last_day({{ column }}))
                then {{ cast_as(column, 'timestamp') }}
        end
    {%- endset -%}
    {{ moment if type.startswith('timestamp') else in_utc(moment, zone) }}
{%- endmacro %}

{#- Whether there is a time in a cell, even one that means nothing. -#}
{% macro source_says_time(column) -%}
    {{ adapter.dispatch('source_says_time', 'autostats')(column) }}
{%- endmacro %}

{% macro default__source_says_time(column) -%}
    {{ column }} is not null
{%- endmacro %}

{#- A zero or partial date is MySQL's way of saying none, and DuckDB's MySQL reader makes it NULL. -#}
{% macro mysql__source_says_time(column) -%}
    coalesce(month({{ column }}) > 0 and dayofmonth({{ column }}) > 0, false)
{%- endmacro %}

{% macro finite_time(moment) -%}
    case when isfinite({{ moment }}) then {{ moment }} end
{%- endmacro %}

{#- A clock time of `zone`, in UTC. -#}
{% macro in_utc(moment, zone) -%}
    {{ moment if zone == 'UTC' else utc_time('(' ~ moment ~ ')', zone) }}
{%- endmacro %}


{#- A whole number, as a bigint. -#}
{% macro source_number(column, type) -%}
    {{ adapter.dispatch('source_number', 'autostats')(column, type | default('bigint', true)) }}
{%- endmacro %}

{% macro default__source_number(column, type) -%}
    {{ cast_as(column, 'bigint') }}
{%- endmacro %}

{% macro duckdb__source_number(column, type) -%}
    {%- if type == 'varchar' -%}
        case when regexp_matches({{ column }}, '^ *[+-]?[0-9]+ *$') then try_cast({{ column }} as bigint) end
    {%- else -%}
        try_cast({{ column }} as bigint)
    {%- endif -%}
{%- endmacro %}


{#- A text without the spaces around it, and at most 200 characters of it: NULL if nothing remains. -#}
{% macro source_text(column, type=none) -%}
    nullif(left(trim({{ adapter.dispatch('source_characters', 'autostats')(column, type | default('varchar', true)) }}), 200), '')
{%- endmacro %}

{% macro default__source_characters(column, type) -%}
    {{ cast_as(column, 'varchar') }}
{%- endmacro %}

{#- Bytes that are no text would stop an INSERT; every byte is a character of latin1. -#}
{% macro mysql__source_characters(column, type) -%}
    {%- set is_binary = 'blob' in type or 'binary' in type -%}
    {{ cast_as('convert(' ~ column ~ ' using latin1)' if is_binary else column, 'varchar') }}
{%- endmacro %}


{#- Yes or no; anything else is no. -#}
{% macro source_flag(column) -%}
    {{ adapter.dispatch('source_flag', 'autostats')(column) }}
{%- endmacro %}

{% macro default__source_flag(column) -%}
    coalesce({{ cast_as(column, 'boolean') }}, false)
{%- endmacro %}

{% macro duckdb__source_flag(column) -%}
    coalesce(try_cast({{ column }} as boolean), false)
{%- endmacro %}


{#- The moment `days` after the moment of the statistics. -#}
{% macro days_after_as_of(days) -%}
    {{ dbt.dateadd('second', days * 86400, as_of()) }}
{%- endmacro %}

{#- A time that is not before var earliest_time, and at most `days_ahead` days after the moment of the statistics. -#}
{% macro plausible_time(time, days_ahead) -%}
    case
        when {{ time }} between {{ timestamp_literal(earliest_time()) }} and {{ days_after_as_of(days_ahead) }}
            then {{ time }}
    end
{%- endmacro %}

{#- SQL for ' created' and so on, for each time with a value that means nothing, else for an empty text. -#}
{% macro unread_cells(times) %}
    {%- set cells = [] -%}
    {%- for time, days_ahead in times.items() -%}
        {%- do cells.append(
            "case when has_" ~ time ~ " and (" ~ plausible_time(time ~ '_read', days_ahead) ~ ") is null then ' " ~ time ~ "' else '' end"
        ) -%}
    {%- endfor -%}
    {{ return(cells) }}
{% endmacro %}
