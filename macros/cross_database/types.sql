{#-
    `expression` as one of the types in the models' YAML: bigint, integer, double precision, varchar, boolean,
    timestamp, date.
-#}
{% macro cast_as(expression, type) -%}
    {{ adapter.dispatch('cast_as', 'autostats')(expression, type) }}
{%- endmacro %}

{% macro default__cast_as(expression, type) -%}
    cast({{ expression }} as {{ type }})
{%- endmacro %}

{#- The types that MySQL casts to are not its column types. -#}
{% macro mysql__cast_as(expression, type) -%}
    {%- if type in ('bigint', 'integer') -%}
        cast({{ expression }} as signed)
    {%- elif type == 'double precision' -%}
        cast({{ expression }} as double)
    {%- elif type == 'varchar' -%}
        (cast({{ expression }} as char character set utf8mb4) collate {{ mysql_collation() }})
    {%- elif type == 'boolean' -%}
        (({{ expression }}) <> 0)
    {%- elif type == 'timestamp' -%}
        cast({{ expression }} as datetime(6))
    {%- else -%}
        cast({{ expression }} as {{ type }})
    {%- endif -%}
{%- endmacro %}


{#- A text, quoted, as a varchar; NULL if there is none. -#}
{% macro text_literal(text) -%}
    {{ cast_as('null' if text is none else quoted(text | string), 'varchar') }}
{%- endmacro %}

{#-
    Rows of texts as a query that returns literals, to be cast in the step after it. All are quoted in one call: for
    hundreds of rows, one call per text takes longer than the query.
-#}
{% macro text_rows(names, rows) -%}
    {%- set next_text, next_row, no_text = '\x1f', '\x1e', '\x1d' -%}
    {%- set texts -%}
        {%- for row in rows -%}
            {{ next_row if not loop.first }}
            {%- for name in names -%}
                {{ next_text if not loop.first }}{{ no_text if row[name] is none else row[name] }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endset -%}
    {%- set form = literal_rows() -%}
    select {% for name in names %}null as {{ name }}{{ ', ' if not loop.last }}{% endfor %} where 1 = 0
    {%- if rows %}
    union all
    {{ form.opening ~ quoted(texts)
        .replace(next_text, "', '").replace(next_row, "'" ~ form.between ~ "'").replace("'" ~ no_text ~ "'", 'null')
        ~ form.closing }}
    {%- endif -%}
{%- endmacro %}

{#- What stands before, between and after rows of literals. -#}
{% macro literal_rows() -%}
    {{ return(adapter.dispatch('literal_rows', 'autostats')()) }}
{%- endmacro %}

{% macro default__literal_rows() -%}
    {{ return({'opening': 'values (', 'between': '), (', 'closing': ')'}) }}
{%- endmacro %}

{#- MySQL and MariaDB spell VALUES differently. -#}
{% macro mysql__literal_rows() -%}
    {{ return({'opening': 'select ', 'between': ' union all select ', 'closing': ''}) }}
{%- endmacro %}

{% macro quoted(text) -%}
    {{ return(adapter.dispatch('quoted', 'autostats')(text)) }}
{%- endmacro %}

{% macro default__quoted(text) -%}
    {{ return("'" ~ text | replace("'", "''") ~ "'") }}
{%- endmacro %}

{#- Here a backslash has a meaning in a text. -#}
{% macro mysql__quoted(text) -%}
    {{ return("'" ~ text | replace('\\', '\\\\') | replace("'", "''") ~ "'") }}
{%- endmacro %}


{#- `number` divided by `divisor`, which is not zero: floating point, whatever their types. -#}
{% macro divide(number, divisor) -%}
    ({{ cast_as(number, 'double precision') }} / {{ divisor }})
{%- endmacro %}


{#-
    A key of the source, of the type that it has there. A cast would hide it from the index in PostgreSQL and
    MySQL; DuckDB's readers see through it.
-#}
{% macro source_key(column) -%}
    {{ adapter.dispatch('source_key', 'autostats')(column) }}
{%- endmacro %}

{% macro default__source_key(column) -%}
    {{ column }}
{%- endmacro %}

{% macro duckdb__source_key(column) -%}
    cast({{ column }} as bigint)
{%- endmacro %}

{#- A key of the source as a bigint. MySQL widens it on insert; a cast would hide it from joins until then. -#}
{% macro wide_key(column) -%}
    {{ adapter.dispatch('wide_key', 'autostats')(column) }}
{%- endmacro %}

{% macro default__wide_key(column) -%}
    {{ cast_as(column, 'bigint') }}
{%- endmacro %}

{% macro mysql__wide_key(column) -%}
    {{ column }}
{%- endmacro %}


{#-
    The indexes of a table, on servers: lists of columns, of which the first is its key. In DuckDB, scanning
    costs less than maintaining indexes.
-#}
{% macro server_indexes(columns) %}
    {%- set indexes = [] -%}
    {%- if target.type != 'duckdb' -%}
        {%- for names in columns -%}
            {%- do indexes.append({'columns': names}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(indexes) }}
{% endmacro %}
