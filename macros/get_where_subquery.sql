{#-
    dbt's own macro for the `where` of a data test, with one addition: `__this__` stands for the tested relation.
    Tests of the tables that grow with history look at the newest load alone:
        where: load_number = (select max(load_number) from __this__)
-#}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get('where') -%}
    {%- if not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where | replace('__this__', relation | string) ~ ') as dbt_subquery') }}
{%- endmacro %}
