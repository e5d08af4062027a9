{#- The model's own table as it is before this run, or none: also under --full-refresh, where is_incremental() is false. -#}
{% macro existing_relation() %}
    {{ return(load_relation(this) if execute else none) }}
{% endmacro %}

{% macro existing_columns(relation) %}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{% endmacro %}

{#- The number of the load that this run makes, if it finds a change. -#}
{% macro next_load(versions) %}
    {{ return(((query_value('select max(load_number) from ' ~ versions) or 0) if versions else 0) | int + 1) }}
{% endmacro %}
