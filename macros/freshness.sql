{#- What identifies a monitored table: the lengths keep apart what would be the same text put together. -#}
{% macro table_key(dbobject, table, column) -%}
    {%- set parts = [
        cast_as('length(' ~ dbobject ~ ')', 'varchar'), "' '", cast_as('length(' ~ table ~ ')', 'varchar'), "' '",
        dbobject, table, column
    ] -%}
    {{ cast_as('md5(' ~ dbt.concat(parts) ~ ')', 'varchar') }}
{%- endmacro %}

{#- How old a table's newest row is at a moment, in seconds; NULL if there is none. -#}
{% macro lag_at(moment) -%}
    {{ divide(dbt.datediff('last_update', moment, 'microsecond'), 1000000) }}
{%- endmacro %}

{#- The state of a table whose newest row is `lag` seconds old, by the thresholds of its check. -#}
{% macro freshness_state(lag) -%}
    case
        when {{ lag }} is null then 'unknown'
        when {{ lag }} >= error_after_seconds then 'stale'
        when {{ lag }} >= warn_after_seconds then 'warn'
        else 'fresh'
    end
{%- endmacro %}

{#- When a check no longer says anything, because the next three of its table are overdue. -#}
{% macro silent_from() -%}
    {{ dbt.dateadd('second', '3 * interval_seconds', 'checked_at') }}
{%- endmacro %}
