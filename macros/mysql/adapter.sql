{#- Replacements for dbt's own macros that dbt-mysql inherits but that do not work on MySQL. -#}

{#- `||` is OR in MySQL. -#}
{% macro mysql__concat(fields) -%}
    concat({{ fields | join(', ') }})
{%- endmacro %}

{% macro mysql__date_trunc(datepart, date) -%}
    {%- set formats = {
        'minute': '%Y-%m-%d %H:%i:00', 'hour': '%Y-%m-%d %H:00:00', 'day': '%Y-%m-%d', 'week': '%Y-%m-%d', 'month': '%Y-%m-01',
    } -%}
    {%- set date = '(' ~ date ~ ' - interval weekday(' ~ date ~ ') day)' if datepart == 'week' else date -%}
    {{ cast_as('date_format(' ~ date ~ ", '" ~ formats[datepart] ~ "')", 'timestamp') }}
{%- endmacro %}

{#- dbt assumes UTC, but MySQL's CURRENT_TIMESTAMP is in the session's zone. -#}
{% macro mysql__current_timestamp() -%}
    utc_timestamp(6)
{%- endmacro %}

{#- In the collation of the tables that they are joined with. -#}
{% macro mysql__create_csv_table(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set sql -%}
        create table {{ this.render() }} (
        {%- for name in agate_table.column_names %}
            {{ adapter.quote(name) }} {{ types[name] }}{{ ', ' if not loop.last }}
        {%- endfor -%}
        ) engine = InnoDB default character set utf8mb4 collate {{ mysql_collation() }}
    {%- endset -%}
    {%- call statement('create_csv_table') -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}

{#- DELETE rather than TRUNCATE, which commits: a reader sees the old or the new rows. -#}
{% macro mysql__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
    {%- if full_refresh -%}
        {%- do adapter.drop_relation(old_relation) -%}
        {{ return(create_csv_table(model, agate_table)) }}
    {%- endif -%}
    {%- set sql = 'delete from ' ~ old_relation -%}
    {%- call statement('delete_csv_rows') -%}
        {{ sql }}
    {%- endcall -%}
    {{ return(sql) }}
{% endmacro %}
