{#-
    CREATE TABLE from the columns in the model's YAML, because a table made from a query would get its types
    from the rows of that day. Includes the indexes that the model asks for.
-#}
{% macro mysql_create_table(relation, is_temporary=false) %}
    {%- set indexes = [] if is_temporary else config.get('indexes', []) -%}
    {%- call statement('create_table') -%}
        create {{ 'temporary ' if is_temporary }}table {{ relation }} (
        {%- for column in model.columns.values() %}
            {{ adapter.quote(column.name) }} {{ mysql_column_type(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- for index in indexes %},
            index (
            {%- for name in index.columns -%}
                {{ adapter.quote(name) }}{{ ', ' if not loop.last }}
            {%- endfor -%}
            )
        {%- endfor %}
        ) engine = InnoDB default character set utf8mb4 collate {{ mysql_collation() }}
    {%- endcall -%}
{% endmacro %}

{#- MySQL's TIMESTAMP ends in 2038 and follows the session's zone, so moments are stored as DATETIME. -#}
{% macro mysql_column_type(column) -%}
    {#- dbt-core 1.7 already passes some types in MySQL's spelling. -#}
    {%- set type = column.data_type | lower -%}
    {%- set types = {
        'varchar': 'varchar(255)',
        'timestamp': 'datetime(6)',
        'datetime': 'datetime(6)',
        'double precision': 'double',
        'boolean': 'tinyint(1)',
    } -%}
    {#- A batch job may have any number of run numbers, and a description any number of words. -#}
    {%- if column.name in ('run_numbers', 'description') -%}
        mediumtext
    {%- else -%}
        {{ types.get(type, type) }}
    {%- endif -%}
    {{ ' not null' if column.constraints | default([]) | selectattr('type', 'equalto', 'not_null') | list }}
{%- endmacro %}

{% macro mysql_column_list() -%}
    {%- for column in model.columns.values() -%}
        {{ adapter.quote(column.name) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro mysql_fill_table(relation, sql) -%}
    insert into {{ relation }} ({{ mysql_column_list() }})
    select {{ mysql_column_list() }}
    from (
        {{ sql }}
    ) as model_rows
{%- endmacro %}

{#-
    Build the table under another name and replace the old one with a single RENAME, which is atomic:
    dbt-mysql drops and renames in steps, between which a reader finds no table.
-#}
{% macro mysql_replace_table(existing, target, sql) %}
    {%- set new = target.incorporate(path={'identifier': target.identifier ~ '__dbt_new'}, type='table') -%}
    {%- set old = target.incorporate(path={'identifier': target.identifier ~ '__dbt_old'}, type='table') -%}
    {%- do mysql_drop(new, 'table') -%}
    {%- do mysql_drop(old, 'table') -%}
    {%- do mysql_create_table(new) -%}
    {%- call statement('main') -%}
        {{ mysql_fill_table(new, sql) }}
    {%- endcall -%}
    {#- The server counts a new table a while later; until then it may read a million rows for each of a join. -#}
    {%- call statement('count_rows', fetch_result=true) -%}
        analyze table {{ new }}
    {%- endcall -%}
    {%- if existing is not none and existing.is_view -%}
        {%- do mysql_drop(existing, 'view') -%}
    {%- endif -%}
    {%- call statement('replace_table') -%}
        rename table
        {%- if existing is not none and existing.is_table %} {{ target }} to {{ old }},{% endif %}
            {{ new }} to {{ target }}
    {%- endcall -%}
    {%- do mysql_drop(old, 'table') -%}
{% endmacro %}

{% macro mysql_drop(relation, type) %}
    {%- call statement('drop_relation') -%}
        drop {{ type }} if exists {{ relation }}
    {%- endcall -%}
{% endmacro %}
