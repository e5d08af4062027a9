{#-
    The era of the source's schema, A, B or C: from var schema_era, or from the columns that exist.
    C keeps run numbers in a separate table; A still has the retry columns.
-#}
{% macro schema_era() %}
    {%- if var('schema_era') != 'auto' -%}
        {{ return(var('schema_era') | upper) }}
    {%- endif -%}
    {%- if not execute -%}
        {{ return('C') }}
    {%- endif -%}
    {%- set columns = source_types('reduction_viewer_reductionrun') -%}
    {%- if 'run_number' not in columns -%}
        {{ return('C') }}
    {%- endif -%}
    {{ return('A' if 'cancel' in columns else 'B') }}
{% endmacro %}

{#- The columns of one of the source's tables with their types there: {name: type}, in lower case. -#}
{% macro source_types(table) %}
    {%- if not execute -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set types = {} -%}
    {%- for column in adapter.get_columns_in_relation(source('autoreduction', table)) -%}
        {%- do types.update({column.name | lower: column.dtype | lower}) -%}
    {%- endfor -%}
    {%- if not types -%}
        {{ exceptions.raise_compiler_error("The source has no table " ~ table ~ ": this is not an Autoreduction database, or var source_schema names another schema.") }}
    {%- endif -%}
    {{ return(types) }}
{% endmacro %}

{#- The columns of one of the source's tables that the account may read, in lower case; none without such a table. -#}
{% macro readable_columns(table) %}
    {%- set relation = source('autoreduction', table) -%}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {{ return(run_query(readable_columns_query(relation)).columns[0].values() | map('lower') | list) }}
{% endmacro %}

{% macro readable_columns_query(relation) -%}
    {{ adapter.dispatch('readable_columns_query', 'autostats')(relation) }}
{%- endmacro %}

{#- Attaching the source leaves out what the account may not read. -#}
{% macro duckdb__readable_columns_query(relation) -%}
    select column_name from duckdb_columns()
    where database_name = '{{ relation.database }}' and schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}

{% macro postgres__readable_columns_query(relation) -%}
    select cast(attribute.attname as varchar) from pg_attribute as attribute
    where
        attribute.attrelid = to_regclass('{{ relation.include(database=false) }}')
        and attribute.attnum > 0
        and not attribute.attisdropped
        and has_column_privilege(attribute.attrelid, attribute.attnum, 'select')
{%- endmacro %}

{% macro mysql__readable_columns_query(relation) -%}
    select column_name from information_schema.columns
    where table_schema = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}' and privileges like '%select%'
{%- endmacro %}
