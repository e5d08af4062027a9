{#-
    The public models' columns as described in their YAML, as dictionaries: model by model, in the order of the columns.
    `meta.autostats` says what does not follow from the column's name and type.
-#}
{% macro public_columns() %}
    {#- dbt-core 1.7 passes some types in the database's spelling. -#}
    {%- set kinds = {'varchar': 'text', 'date': 'day', 'timestamp': 'time', 'datetime': 'time', 'boolean': 'flag'} -%}
    {%- set units = {'seconds': 'seconds', 'minutes': 'minutes', 'hours': 'hours', 'share': 'ratio', 'percent': 'percent'} -%}
    {%- set found = [] -%}
    {%- set models = graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'model') | selectattr('access', 'equalto', 'public') -%}
    {%- for model in models | sort(attribute='name') -%}
        {%- for column in model.columns.values() -%}
            {%- set said = column.meta.get('autostats', {}) -%}
            {%- set kind = said.kind or kinds.get((column.data_type | lower).split('(')[0], 'count') -%}
            {%- do found.append({
                'model': model.name,
                'name': column.name,
                'position': loop.index,
                'heading': said.heading or column.name | replace('_', ' ') | capitalize,
                'short_heading': said.short_heading or none,
                'spoken': said.spoken or none,
                'kind': kind,
                'unit': said.unit or units.get(kind),
                'metric': said.metric or none,
                'is_nullable': not column.constraints | selectattr('type', 'equalto', 'not_null') | list,
                'description': column.description.split() | join(' '),
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
