{#-
    One of the collectors' tables, or no rows with its columns, where no collector has run yet: {name: type}.
-#}
{% macro observed(table, columns) -%}
    {%- set relation = source('observations', table) -%}
    {%- if execute and (relation.is_cte or load_relation(relation)) -%}
        {{ relation }}
    {%- else -%}
        (
            select
                {% for name, type in columns.items() -%}
                {{ cast_as('null', type) }} as {{ name }}{{ ',' if not loop.last }}
                {% endfor %}
            where false
        ) as {{ table }}
    {%- endif -%}
{%- endmacro %}
