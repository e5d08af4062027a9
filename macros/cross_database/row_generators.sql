{#-
    A query that repeats the rows of `relation` for every whole number from `first` to `last`, which are
    columns of it or expressions over them: `columns`, and the number as `number`.
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

{#- One element of a JSON array per number: a recursive query may be at most 1000 deep. -#}
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
    A query that repeats the rows of `relation` for every element of its column `text`, a list such as
    '100,101,103' separated by `separator`: `columns`, and the element, of `type`, as `element`.
-#}
{% macro expand_list(relation, columns, text, separator, element, type) -%}
    {{ adapter.dispatch('expand_list', 'autostats')(relation, columns, text, separator, element, type) }}
{%- endmacro %}

{% macro default__expand_list(relation, columns, text, separator, element, type) -%}
    select
        {{ columns | join(',\n        ') }},
        unnest(cast(string_to_array({{ text }}, '{{ separator }}') as {{ type }}[])) as {{ element }}
    from {{ relation }}
    where {{ text }} is not null
{%- endmacro %}

{% macro mysql__expand_list(relation, columns, text, separator, element, type) -%}
    select
        {{ columns | join(',\n        ') }},
        elements.element as {{ element }}
    from {{ relation }}
    cross join json_table(
        concat('["', replace({{ text }}, '{{ separator }}', '","'), '"]'),
        '$[*]' columns (element {{ type }} path '$')
    ) as elements
    where {{ text }} is not null
{%- endmacro %}
