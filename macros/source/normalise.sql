{#- One spelling of a job's status, from the words of era A and the letters of eras B and C, in any case. -#}
{% macro normalise_status(value) -%}
    case lower(trim({{ value }}))
        when 'c' then 'completed'
        when 'completed' then 'completed'
        when 'e' then 'error'
        when 'error' then 'error'
        when 's' then 'skipped'
        when 'skipped' then 'skipped'
        when 'q' then 'queued'
        when 'queued' then 'queued'
        when 'p' then 'processing'
        when 'processing' then 'processing'
        else 'other'
    end
{%- endmacro %}

{#- Who started a job: the service, the development team, or one of the users. -#}
{% macro starter(started_by) -%}
    case
        when {{ started_by }} = 0 then 'auto'
        when {{ started_by }} = -1 then 'devs'
        when {{ started_by }} > 0 then 'users'
        else 'unknown'
    end
{%- endmacro %}

{#- A timestamp of the source, in UTC. -#}
{% macro source_time(column) -%}
    {%- if var('source_timezone') == 'UTC' -%}
        {{ naive_time(column) }}
    {%- else -%}
        {{ utc_time(naive_time(column), var('source_timezone')) }}
    {%- endif -%}
{%- endmacro %}

{#- A timestamp without a zone; of one with a zone, which Django makes in PostgreSQL, the time in UTC. -#}
{% macro naive_time(column) -%}
    {{ adapter.dispatch('naive_time', 'autostats')(column) }}
{%- endmacro %}

{% macro default__naive_time(column) -%}
    {{ cast_as(column, 'timestamp') }}
{%- endmacro %}

{#- The epoch of either kind of timestamp is the same in whatever zone the session is; a cast is not. -#}
{% macro postgres__naive_time(column) -%}
    (timestamp '1970-01-01 00:00:00' + extract(epoch from {{ column }}) * interval '1 second')
{%- endmacro %}
