{#-
    The settings that decide how the source is read, and their defaults: a var that is merely absent must be
    distinguished from one that was set, so dbt_project.yml leaves them all at null.
-#}
{% macro default_settings() %}
    {{ return({
        'facility_timezone': 'Europe/London',
        'source_timezone': 'UTC',
        'earliest_time': '1990-01-01 00:00:00',
        'lookback_days': 14,
        'max_gap': 1000,
    }) }}
{% endmacro %}

{% macro setting(name) %}
    {%- set given = var(name) -%}
    {{ return(default_settings()[name] if given is none else given) }}
{% endmacro %}

{#- The zone whose calendar days are counted. -#}
{% macro facility_timezone() %}
    {{ return(setting('facility_timezone')) }}
{% endmacro %}

{#- The zone of times in the source that do not have one. -#}
{% macro source_timezone() %}
    {{ return(setting('source_timezone')) }}
{% endmacro %}

{#- The earliest moment (UTC) that a time in the source may mean. -#}
{% macro earliest_time() %}
    {{ return(modules.datetime.datetime.fromisoformat(setting('earliest_time') | string).strftime('%Y-%m-%d %H:%M:%S')) }}
{% endmacro %}

{#- The moment of the statistics: var as_of, or the start of this run. -#}
{% macro as_of() -%}
    {{ timestamp_literal(as_of_text()) }}
{%- endmacro %}

{% macro as_of_text() -%}
    {{ return(var('as_of') or run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')) }}
{%- endmacro %}

{#- The local day of as_of: the last day that the daily facts show. -#}
{% macro as_of_day() -%}
    {%- set moment = modules.datetime.datetime.fromisoformat(as_of_text()) -%}
    {%- set zone = modules.pytz.timezone(facility_timezone()) -%}
    date '{{ modules.pytz.utc.localize(moment).astimezone(zone).strftime("%Y-%m-%d") }}'
{%- endmacro %}

{#-
    The shape of the statistics. Raise it with any change to a model that an incremental run does not apply by itself: a
    database of another shape has to be rebuilt.
-#}
{% macro schema_version() %}
    {{ return(7) }}
{% endmacro %}

{% macro autostats_version() %}
    {{ return('0.1.0') }}
{% endmacro %}
