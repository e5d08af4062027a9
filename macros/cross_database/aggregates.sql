{#-
    The nearest-rank percentile of `value`: the smallest value that at least `percent` % of the values do not
    exceed. NULLs do not count.
-#}
{% macro nearest_rank(value, percent) -%}
    {{ adapter.dispatch('nearest_rank', 'autostats')(value, percent) }}
{%- endmacro %}

{% macro default__nearest_rank(value, percent) -%}
    percentile_disc({{ percent / 100 }}) within group (order by {{ value }})
{%- endmacro %}

{% macro duckdb__nearest_rank(value, percent) -%}
    quantile_disc({{ value }}, {{ percent / 100 }})
{%- endmacro %}


{#- The `value` of a group's last row in the order of `time`, then `id`, a positive integer. -#}
{% macro last_by(value, time, id) -%}
    {{ adapter.dispatch('last_by', 'autostats')(value, time, id) }}
{%- endmacro %}

{% macro default__last_by(value, time, id) -%}
    (array_agg({{ value }} order by {{ time }} desc, {{ id }} desc))[1]
{%- endmacro %}

{% macro duckdb__last_by(value, time, id) -%}
    {#- One number as the key: a struct of two costs twice as much, and ids stay far below 2^43. -#}
    arg_max({{ value }}, cast(epoch_us({{ time }}) as hugeint) * 8796093022208 + {{ id }})
{%- endmacro %}


{#- The group's distinct numbers, ascending, as text: '100,101,103'. -#}
{% macro join_numbers(number) -%}
    {{ adapter.dispatch('join_numbers', 'autostats')(number) }}
{%- endmacro %}

{% macro default__join_numbers(number) -%}
    array_to_string(array_agg(distinct {{ number }} order by {{ number }}), ',')
{%- endmacro %}
