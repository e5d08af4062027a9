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

{#- Over the ranks that `with_ranks` adds: MySQL has no percentile. -#}
{% macro mysql__nearest_rank(value, percent) -%}
    min(case when value_place * 100 >= value_count * {{ percent }} then {{ value }} end)
{%- endmacro %}


{#- What to select from, instead of `relation`, to use nearest_rank of `value` for each group of `columns`. -#}
{% macro with_ranks(relation, value, columns) -%}
    {{ adapter.dispatch('with_ranks', 'autostats')(relation, value, columns) }}
{%- endmacro %}

{% macro default__with_ranks(relation, value, columns) -%}
    {{ relation }}
{%- endmacro %}

{% macro mysql__with_ranks(relation, value, columns) -%}
    (
        select
            *,
            row_number() over (
                partition by {{ columns | join(', ') }}
                order by {{ value }} is null, {{ value }}
            ) as value_place,
            count({{ value }}) over (partition by {{ columns | join(', ') }}) as value_count
        from {{ relation }}
    ) as {{ relation }}
{%- endmacro %}


{#- The `value` of a group's last row, ordered by `time`, then by `id`, a positive integer. -#}
{% macro last_by(value, time, id) -%}
    {{ adapter.dispatch('last_by', 'autostats')(value, time, id) }}
{%- endmacro %}

{% macro default__last_by(value, time, id) -%}
    (array_agg({{ value }} order by {{ time }} desc, {{ id }} desc))[1]
{%- endmacro %}

{% macro duckdb__last_by(value, time, id) -%}
    {#- A single number as the key: a struct of two costs twice as much, and ids stay far below 2^43. -#}
    arg_max({{ value }}, cast(epoch_us({{ time }}) as hugeint) * 8796093022208 + {{ id }})
{%- endmacro %}

{#- The greatest of texts made of time and id, 20 + 20 characters, and the value after them. -#}
{% macro mysql__last_by(value, time, id) -%}
    substr(max(concat(date_format({{ time }}, '%Y%m%d%H%i%S%f'), lpad({{ id }}, 20, '0'), {{ value }})), 41)
{%- endmacro %}


{#- The group's distinct numbers, ascending, as text: '100,101,103'. -#}
{% macro join_numbers(number) -%}
    {{ adapter.dispatch('join_numbers', 'autostats')(number) }}
{%- endmacro %}

{% macro default__join_numbers(number) -%}
    array_to_string(array_agg(distinct {{ number }} order by {{ number }}), ',')
{%- endmacro %}

{#- Its length is limited by mysql_session(). -#}
{% macro mysql__join_numbers(number) -%}
    group_concat(distinct {{ number }} order by {{ number }} separator ',')
{%- endmacro %}


{#- The group's texts in the order of a number, with commas: 'WISH, GEM'. -#}
{% macro join_texts(text, number) -%}
    {{ adapter.dispatch('join_texts', 'autostats')(text, number) }}
{%- endmacro %}

{% macro default__join_texts(text, number) -%}
    string_agg({{ text }}, ', ' order by {{ number }})
{%- endmacro %}

{#- Its length is limited by mysql_session(). -#}
{% macro mysql__join_texts(text, number) -%}
    group_concat({{ text }} order by {{ number }} separator ', ')
{%- endmacro %}
