{#-
    The columns of the public models and of the statistics as described in their YAML, as dictionaries: model by model, in
    the order of the columns. `meta.autostats` says what does not follow from the column's name and type.
-#}
{% macro public_columns() %}
    {#- dbt-core 1.7 passes some types in the database's spelling. -#}
    {%- set kinds = {'varchar': 'text', 'date': 'day', 'timestamp': 'time', 'datetime': 'time', 'boolean': 'flag'} -%}
    {%- set units = {'seconds': 'seconds', 'minutes': 'minutes', 'hours': 'hours', 'share': 'ratio', 'percent': 'percent'} -%}
    {%- set found = [] -%}
    {%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') -%}
    {%- for model in models if model.access == 'public' or model.meta.get('autostats', {}).get('statistic') -%}
        {%- for column in model.columns.values() -%}
            {%- set said = column.meta.get('autostats', {}) -%}
            {%- set by_name = 'instrument' if column.name == 'instrument' -%}
            {%- set kind = said.kind or by_name or kinds.get(((column.data_type or '') | lower).split('(')[0], 'count') -%}
            {%- do found.append({
                'model': model.name,
                'name': column.name,
                'heading': said.heading or column.name | replace('_', ' ') | capitalize,
                'short_heading': said.short_heading or none,
                'spoken': said.spoken or none,
                'kind': kind,
                'unit': said.unit or units.get(kind),
                'metric': said.metric or none,
                'description': column.description.split() | join(' '),
                'position': loop.index,
                'is_nullable': not column.constraints | selectattr('type', 'equalto', 'not_null') | list,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#-
    The statistics that the models' YAML declares, as dictionaries. Its name is that of the model, unless the YAML says
    otherwise; the name and the length of its buckets together identify it.
-#}
{% macro declared_statistics() %}
    {%- set suffixes = {'second': '1s', '5s': '5s', 'minute': '1m', 'hour': '1h', 'day': '1d', 'week': '1w'} -%}
    {%- set found = [] -%}
    {%- for model in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') -%}
        {%- set said = model.meta.get('autostats', {}).get('statistic', []) -%}
        {%- set said = [said] if said is mapping else said -%}
        {%- for statistic in said -%}
            {%- set prefix = 5 if model.name[:5] == 'stat_' else 4 if model.name[:4] in ('fct_', 'rpt_', 'dim_') else 0 -%}
            {%- set name = statistic.name or model.name[prefix:] | replace('_', '-') -%}
            {%- do found.append({
                'ident': name ~ '-' ~ suffixes.get(statistic.bucket, statistic.bucket),
                'name': name,
                'model': model.alias,
                'package': model.package_name,
                'summary': statistic.summary.split() | join(' '),
                'bucket': statistic.bucket,
                'time_column': statistic.time_column,
                'dimensions': statistic.get('dimensions', []) | join(','),
                'measures': statistic.measures | join(','),
                'chart': statistic.chart or 'line',
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found | sort(attribute='ident')) }}
{% endmacro %}
