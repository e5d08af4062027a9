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
