{#- A FROM item `alias(n)` with the whole numbers from `first` to `last`, two expressions. -#}
{% macro numbers_from(first, last, alias) -%}
    {{ adapter.dispatch('numbers_from', 'autostats')(first, last, alias) }}
{%- endmacro %}

{% macro default__numbers_from(first, last, alias) -%}
    generate_series({{ first }}, {{ last }}) as {{ alias }}(n)
{%- endmacro %}


{#- A lateral FROM item `alias(n)` with the numbers in a text such as '100,101,103'. -#}
{% macro split_numbers(text, alias) -%}
    {{ adapter.dispatch('split_numbers', 'autostats')(text, alias) }}
{%- endmacro %}

{% macro default__split_numbers(text, alias) -%}
    unnest(cast(string_to_array({{ text }}, ',') as bigint[])) as {{ alias }}(n)
{%- endmacro %}
