{% macro timestamp_literal(text) -%}
    {{ adapter.dispatch('timestamp_literal', 'autostats')(text) }}
{%- endmacro %}

{% macro default__timestamp_literal(text) -%}
    timestamp '{{ text }}'
{%- endmacro %}


{#- `timestamp` plus `seconds`, an integer expression. -#}
{% macro add_seconds(timestamp, seconds) -%}
    {{ adapter.dispatch('add_seconds', 'autostats')(timestamp, seconds) }}
{%- endmacro %}

{% macro default__add_seconds(timestamp, seconds) -%}
    ({{ timestamp }} + ({{ seconds }}) * interval '1 second')
{%- endmacro %}

{% macro mysql__add_seconds(timestamp, seconds) -%}
    ({{ timestamp }} + interval ({{ seconds }}) second)
{%- endmacro %}

{% macro subtract_seconds(timestamp, seconds) -%}
    {{ add_seconds(timestamp, '-(' ~ seconds ~ ')') }}
{%- endmacro %}


{#- Whole microseconds from `earlier` to `later`: integers, so that sums do not depend on their order. -#}
{% macro microseconds_between(earlier, later) -%}
    {{ adapter.dispatch('microseconds_between', 'autostats')(earlier, later) }}
{%- endmacro %}

{% macro default__microseconds_between(earlier, later) -%}
    cast(extract(epoch from ({{ later }} - {{ earlier }})) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__microseconds_between(earlier, later) -%}
    date_diff('microsecond', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro mysql__microseconds_between(earlier, later) -%}
    timestampdiff(microsecond, {{ earlier }}, {{ later }})
{%- endmacro %}


{#- `day` plus a whole number of days. -#}
{% macro add_days(day, days) -%}
    {{ adapter.dispatch('add_days', 'autostats')(day, days) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    ({{ day }} + ({{ days }}))
{%- endmacro %}

{% macro duckdb__add_days(day, days) -%}
    ({{ day }} + cast({{ days }} as integer))
{%- endmacro %}

{% macro mysql__add_days(day, days) -%}
    ({{ day }} + interval ({{ days }}) day)
{%- endmacro %}


{#- Whole days from `earlier` to `later`, two dates. -#}
{% macro days_between(earlier, later) -%}
    {{ adapter.dispatch('days_between', 'autostats')(earlier, later) }}
{%- endmacro %}

{% macro default__days_between(earlier, later) -%}
    ({{ later }} - {{ earlier }})
{%- endmacro %}

{% macro mysql__days_between(earlier, later) -%}
    datediff({{ later }}, {{ earlier }})
{%- endmacro %}


{#- The clock time 00:00 of `day`. -#}
{% macro midnight(day) -%}
    {{ cast_as(day, 'timestamp') }}
{%- endmacro %}
