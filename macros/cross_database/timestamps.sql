{% macro timestamp_literal(text) -%}
    {{ adapter.dispatch('timestamp_literal', 'autostats')(text) }}
{%- endmacro %}

{% macro default__timestamp_literal(text) -%}
    timestamp '{{ text }}'
{%- endmacro %}


{#- dbt's own, which dbt-mysql leaves out. -#}
{% macro mysql__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }} + interval ({{ interval }}) {{ datepart }})
{%- endmacro %}

{#- dbt counts crossed boundaries of the unit, MySQL whole units: for these two they agree. -#}
{% macro mysql__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
        datediff({{ second_date }}, {{ first_date }})
    {%- elif datepart == 'microsecond' -%}
        timestampdiff(microsecond, {{ first_date }}, {{ second_date }})
    {%- else -%}
        {{ exceptions.raise_compiler_error('Unsupported datepart for macro datediff in mysql: ' ~ datepart) }}
    {%- endif -%}
{%- endmacro %}


{#- How many seconds a UTC timestamp is past 1970, with their fraction. -#}
{% macro epoch_seconds(moment) -%}
    {{ adapter.dispatch('epoch_seconds', 'autostats')(moment) }}
{%- endmacro %}

{% macro default__epoch_seconds(moment) -%}
    extract(epoch from {{ moment }})
{%- endmacro %}

{% macro mysql__epoch_seconds(moment) -%}
    timestampdiff(second, {{ timestamp_literal('1970-01-01 00:00:00') }}, {{ moment }})
{%- endmacro %}


{#- The clock time 00:00 of `day`. -#}
{% macro midnight(day) -%}
    {{ cast_as(day, 'timestamp') }}
{%- endmacro %}


{#- How many seconds past midnight the text of a clock time is: 34200 for 09:30:00. -#}
{% macro second_of_day(text) -%}
    {{ cast_as('substring(' ~ text ~ ', 1, 2)', 'integer') }} * 3600
    + {{ cast_as('substring(' ~ text ~ ', 4, 2)', 'integer') }} * 60
    + {{ cast_as('substring(' ~ text ~ ', 7, 2)', 'integer') }}
{%- endmacro %}


{#- The moment half-way between two, to the microsecond; of these, a day has more than an integer holds. -#}
{% macro midway(first, second) -%}
    {%- set half = divide(dbt.datediff(first, second, 'microsecond'), 2) -%}
    {%- set seconds = cast_as('floor(' ~ half ~ ' / 1000000)', 'bigint') -%}
    {{ dbt.dateadd('microsecond', cast_as('floor(' ~ half ~ ') - ' ~ seconds ~ ' * 1000000', 'bigint'), dbt.dateadd('second', seconds, first)) }}
{%- endmacro %}


{#- The start of the bucket of so many seconds that a moment lies in; buckets begin at midnight UTC. -#}
{% macro bucket_start(moment, seconds) -%}
    {{ adapter.dispatch('bucket_start', 'autostats')(moment, seconds) }}
{%- endmacro %}

{% macro default__bucket_start(moment, seconds) -%}
    (timestamp '1970-01-01 00:00:00' + floor(extract(epoch from {{ moment }}) / {{ seconds }}) * {{ seconds }} * interval '1 second')
{%- endmacro %}

{% macro duckdb__bucket_start(moment, seconds) -%}
    time_bucket(interval {{ seconds }} second, {{ moment }})
{%- endmacro %}

{% macro mysql__bucket_start(moment, seconds) -%}
    {%- set epoch = timestamp_literal('1970-01-01 00:00:00') -%}
    cast({{ epoch }} + interval (floor(timestampdiff(second, {{ epoch }}, {{ moment }}) / {{ seconds }}) * {{ seconds }}) second as datetime(6))
{%- endmacro %}
