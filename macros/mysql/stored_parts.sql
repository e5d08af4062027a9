{#-
    Comes in a chain of CTEs, after the one called `name`, which has `columns`. MySQL and MariaDB work a CTE out anew
    wherever it is mentioned, and join it without an index: there it is stored in a table for the time of the run.
    Elsewhere this is nothing.
-#}
{% macro store_here(name, columns) -%}
    {%- if target.type == 'mysql' -%}
        /* store {{ name }} {{ columns | join(' ') }} */
    {%- endif -%}
{%- endmacro %}

{#- Store the parts of `sql` that store_here marks, and return what is left to be run. -#}
{% macro mysql_store_parts(sql) %}
    {%- set pieces = sql.split('/* store ') -%}
    {%- set state = namespace(head=pieces[0], stored='with ') -%}
    {%- for piece in pieces[1:] -%}
        {%- set mark, rest = piece.split('*/', 1) -%}
        {%- set words = mark.split() -%}
        {%- set columns = words[1:] -%}
        {%- set table = mysql_part(words[0]) -%}
        {%- do mysql_drop(table, 'table') -%}
        {%- do mysql_create_table(table, only=columns, key=['job_id'] if 'job_id' in columns else columns[:2]) -%}
        {%- call statement('store_part') -%}
            insert into {{ table }} ({{ columns | join(', ') }})
            {{ state.head.rstrip().rstrip(',') }}
            select {{ columns | join(', ') }} from {{ words[0] }}
        {%- endcall -%}
        {%- set state.stored = state.stored ~ words[0] ~ ' as (select * from ' ~ table ~ '), ' -%}
        {%- set state.head = state.stored ~ rest -%}
    {%- endfor -%}
    {{ return(state.head) }}
{% endmacro %}

{#- Drop the tables that mysql_store_parts made for `sql`. -#}
{% macro mysql_drop_parts(sql) %}
    {%- for piece in sql.split('/* store ')[1:] -%}
        {%- do mysql_drop(mysql_part(piece.split()[0]), 'table') -%}
    {%- endfor -%}
{% endmacro %}

{% macro mysql_part(name) %}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__dbt_' ~ name}, type='table')) }}
{% endmacro %}
