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


{#- The clock time 00:00 of `day`. -#}
{% macro midnight(day) -%}
    {{ cast_as(day, 'timestamp') }}
{%- endmacro %}
