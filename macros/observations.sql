{#-
    One of the collectors' tables, or no rows with its columns, where no collector has run yet: {name: type}. With
    `from_collection`, its rows from that collection on, found by the index; without, all of them.
-#}
{% macro observed(table, columns, from_collection=none) -%}
    {%- set relation = source('observations', table) -%}
    {%- if not execute or not (relation.is_cte or load_relation(relation)) -%}
        (
            select
                {% for name, type in columns.items() -%}
                {{ cast_as('null', type) }} as {{ name }}{{ ',' if not loop.last }}
                {% endfor %}
            where false
        ) as {{ table }}
    {%- elif from_collection is none or relation.is_cte -%}
        {{ relation }}
    {%- else -%}
        {{ observed_from(relation, from_collection) }}
    {%- endif -%}
{%- endmacro %}

{% macro observed_from(relation, from_collection) -%}
    {{ adapter.dispatch('observed_from', 'autostats')(relation, from_collection) }}
{%- endmacro %}

{% macro default__observed_from(relation, from_collection) -%}
    (select * from {{ relation }} where collection_id >= {{ from_collection }}) as {{ relation.identifier }}
{%- endmacro %}

{#- DuckDB's reader itself reads every row of a SQLite table, whatever is asked of it. -#}
{% macro duckdb__observed_from(relation, from_collection) -%}
    sqlite_query(
        '{{ relation.database }}', 'select * from {{ relation.identifier }} where collection_id >= {{ from_collection }}'
    ) as {{ relation.identifier }}
{%- endmacro %}

{#- The first complete collection with rows of `collector` that our copy, the model `copy`, does not have. -#}
{% macro first_new_collection(collector, copy) %}
    {%- set known = adapter.get_relation(target.database, target.schema, copy) if execute -%}
    {%- set collections = load_relation(source('observations', 'obs_collections')) if execute -%}
    {%- if not known or not collections -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set complete -%}
        select {{ cast_as('collection_id', 'bigint') }} as collection_id
        from {{ collections }}
        where collector = '{{ collector }}' and state = 'complete' and {{ cast_as(adapter.quote('rows'), 'bigint') }} > 0
    {%- endset -%}
    {%- set new -%}
        select min(complete.collection_id)
        from ({{ complete }}) as complete
        where not exists (select 1 from {{ known }} as known where known.collection_id = complete.collection_id)
    {%- endset -%}
    {%- set newest = 'select max(collection_id) + 1 from ' ~ known -%}
    {{ return((query_value(new) or query_value(newest) or 0) | int) }}
{% endmacro %}

{#-
    The first complete collection of `collector` that our copy, the model `copy`, may lack, which has only the newest look at
    each thing, or looks that still grew. Looks end in any order, and one that had ended may have been recorded a moment
    later; `moment` is the column that says when the looks in our copy ended, or a little before.
-#}
{% macro first_new_look(collector, copy, moment='ended_at') %}
    {%- set known = own_copy(copy) -%}
    {%- set collections = load_relation(source('observations', 'obs_collections')) if execute -%}
    {%- if not known or not collections -%}
        {{ return(0) }}
    {%- endif -%}
    {%- set new -%}
        select min({{ cast_as('collection_id', 'bigint') }})
        from {{ collections }}
        where
            collector = '{{ collector }}'
            and state = 'complete'
            and {{ cast_as('ended_at', 'timestamp') }} > (
                select {{ dbt.dateadd('hour', -1, 'max(' ~ moment ~ ')') }} from {{ known }}
            )
    {%- endset -%}
    {{ return((query_value(new) or 0) | int) }}
{% endmacro %}
