{#-
    The era of the source's schema, A, B or C: var schema_era, or what the columns that are there say.
    C keeps run numbers in a table of their own; A still has the retry columns.
-#}
{% macro schema_era() %}
    {%- if var('schema_era') != 'auto' -%}
        {{ return(var('schema_era') | upper) }}
    {%- endif -%}
    {%- if not execute -%}
        {{ return('C') }}
    {%- endif -%}
    {%- set columns = source_columns('reduction_viewer_reductionrun') -%}
    {%- if 'run_number' not in columns -%}
        {{ return('C') }}
    {%- endif -%}
    {{ return('A' if 'cancel' in columns else 'B') }}
{% endmacro %}

{#- The lower-case column names of one of the source's tables. -#}
{% macro source_columns(table) %}
    {%- set columns = adapter.get_columns_in_relation(source('autoreduction', table)) -%}
    {%- if columns | length == 0 -%}
        {{ exceptions.raise_compiler_error("The source has no table " ~ table ~ ": this is not an Autoreduction database, or var source_schema names another schema.") }}
    {%- endif -%}
    {{ return(columns | map(attribute='name') | map('lower') | list) }}
{% endmacro %}
