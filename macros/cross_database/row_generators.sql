{#-
    A query that gives the rows of `relation` once for every whole number from `first` to `last`, two of its
    columns or expressions over them: `columns`, and the number as `number`.
-#}
{% macro expand_range(relation, columns, first, last, number) -%}
    {{ adapter.dispatch('expand_range', 'autostats')(relation, columns, first, last, number) }}
{%- endmacro %}

{% macro default__expand_range(relation, columns, first, last, number) -%}
    select
        {{ columns | join(',\n        ') }},
        generate_series({{ first }}, {{ last }}) as {{ number }}
    from {{ relation }}
{%- endmacro %}

{% macro duckdb__expand_range(relation, columns, first, last, number) -%}
    select
        {{ columns | join(',\n        ') }},
        unnest(generate_series({{ first }}, {{ last }})) as {{ number }}
    from {{ relation }}
{%- endmacro %}

{#- One element of a JSON array a number: a recursive query may be no more than 1000 deep. -#}
{% macro mysql__expand_range(relation, columns, first, last, number) -%}
    select
        {{ columns | join(',\n        ') }},
        ({{ first }}) + places.place - 1 as {{ number }}
    from {{ relation }}
    cross join json_table(
        concat('[0', repeat(',0', ({{ last }}) - ({{ first }})), ']'),
        '$[*]' columns (place for ordinality)
    ) as places
{%- endmacro %}


{#-
    A query that gives the rows of `relation` once for every number in its column `text`, which holds numbers as
    '100,101,103': `columns`, and the number as `number`.
-#}
{% macro expand_numbers(relation, columns, text, number) -%}
    {{ adapter.dispatch('expand_numbers', 'autostats')(relation, columns, text, number) }}
{%- endmacro %}

{% macro default__expand_numbers(relation, columns, text, number) -%}
    select
        {{ columns | join(',\n        ') }},
        unnest(cast(string_to_array({{ text }}, ',') as bigint[])) as {{ number }}
    from {{ relation }}
    where {{ text }} is not null
{%- endmacro %}

{% macro mysql__expand_numbers(relation, columns, text, number) -%}
    select
        {{ columns | join(',\n        ') }},
        numbers.element as {{ number }}
    from {{ relation }}
    cross join json_table(
        concat('[', {{ text }}, ']'),
        '$[*]' columns (element bigint path '$')
    ) as numbers
    where {{ text }} is not null
{%- endmacro %}
