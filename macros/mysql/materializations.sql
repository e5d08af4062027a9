{#- dbt-mysql's materialisations leave a moment without the table, and derive its types from the query. -#}
{% materialization table, adapter='mysql' %}
    {%- set existing = load_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- do mysql_session() -%}
    {{ run_hooks(pre_hooks) }}
    {%- do mysql_replace_table(existing, target_relation, sql) -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#-
    Delete and insert in one transaction: the temporary table needs none of the statements after which MySQL
    commits. The join is for MariaDB, which reads the whole table for a
    DELETE ... WHERE (a, b) IN (SELECT ...).
-#}
{% materialization incremental, adapter='mysql' %}
    {%- set existing = load_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set keys = [config.get('unique_key')] if config.get('unique_key') is string else config.get('unique_key') -%}
    {%- do mysql_session() -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- do mysql_replace_table(existing, target_relation, sql) -%}
        {{ run_hooks(post_hooks) }}
        {%- do adapter.commit() -%}
    {%- else -%}
        {%- set changes = this.incorporate(path={'identifier': this.identifier ~ '__dbt_changes'}, type='table') -%}
        {%- do mysql_create_table(changes, is_temporary=true) -%}
        {%- call statement('changes') -%}
            {{ mysql_fill_table(changes, sql) }}
        {%- endcall -%}
        {%- call statement('delete') -%}
            delete {{ target_relation }}
            from {{ target_relation }}
            inner join (
                {{ mysql_keys_to_delete(keys, changes) }}
            ) as outdated
                on {% for key in keys %}{{ target_relation }}.{{ key }} = outdated.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
        {%- endcall -%}
        {%- call statement('main') -%}
            insert into {{ target_relation }} ({{ mysql_column_list() }})
            select {{ mysql_column_list() }} from {{ changes }}
        {%- endcall -%}
        {{ run_hooks(post_hooks) }}
        {%- do adapter.commit() -%}
        {%- call statement('drop_changes') -%}
            drop temporary table if exists {{ changes }}
        {%- endcall -%}
    {%- endif -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}


{#- By the model's incremental strategy, either `replace_touched` or `delete+insert`. -#}
{% macro mysql_keys_to_delete(keys, changes) -%}
    {%- if config.get('incremental_strategy') == 'replace_touched' -%}
        {{ cells_to_replace(keys, changes) }}
    {%- else -%}
        select distinct {{ keys | join(', ') }} from {{ changes }}
    {%- endif -%}
{%- endmacro %}


{#- With the reader's privileges, so that it outlives the account that created it. -#}
{% materialization view, adapter='mysql' %}
    {%- set existing = load_relation(this) -%}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- do mysql_session() -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and existing.is_table -%}
        {%- do mysql_drop(existing, 'table') -%}
    {%- endif -%}
    {%- call statement('main') -%}
        create or replace sql security invoker view {{ target_relation }} as
        {{ sql }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
