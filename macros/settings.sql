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
    {%- set zone = modules.pytz.timezone(var('facility_timezone')) -%}
    date '{{ modules.pytz.utc.localize(moment).astimezone(zone).strftime("%Y-%m-%d") }}'
{%- endmacro %}

{#-
    What the copied jobs were read with: a table built with other values has to be built anew. Raise
    schema_version with any change to a model that an incremental run would not bring about by itself.
-#}
{% macro facility_settings() %}
    {{ return({
        'schema_version': 1,
        'autostats_version': '0.1.0',
        'facility_timezone': var('facility_timezone'),
        'source_timezone': var('source_timezone'),
    }) }}
{% endmacro %}

{#-
    On every run: refuse to mix statistics of different settings or versions in one database. A full refresh
    takes the stamp away first, and the last model puts it back: a database without it was left half-built.
-#}
{% macro check_settings() %}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}
        {{ return('') }}
    {%- endif -%}
    {#- Before anything is dropped for settings that cannot be. -#}
    {%- do check_zone(var('facility_timezone')) -%}
    {%- do check_zone(var('source_timezone')) -%}
    {%- set copy = adapter.get_relation(target.database, target.schema, 'int_job_versions') -%}
    {%- set stamp = adapter.get_relation(target.database, target.schema, 'dim_settings') -%}
    {%- if flags.FULL_REFRESH and stamp and 'model.autostats.int_job_versions' in selected_resources -%}
        {%- do adapter.drop_relation(stamp) -%}
    {%- elif copy and not flags.FULL_REFRESH -%}
        {%- set wanted = facility_settings() -%}
        {%- if not stamp -%}
            {{ exceptions.raise_compiler_error('The last full load did not finish. Run once with --full-refresh.') }}
        {%- endif -%}
        {%- set row = run_query('select schema_version, facility_timezone, source_timezone from ' ~ stamp).rows[0] -%}
        {%- if row[0] > wanted.schema_version -%}
            {{ exceptions.raise_compiler_error('These statistics were built by a newer version of autostats. Upgrade this one.') }}
        {%- elif row[0] < wanted.schema_version or row[1] != wanted.facility_timezone or row[2] != wanted.source_timezone -%}
            {{ exceptions.raise_compiler_error('These statistics were built by an older version, or with another facility_timezone or source_timezone. Run once with --full-refresh.') }}
        {%- endif -%}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}
