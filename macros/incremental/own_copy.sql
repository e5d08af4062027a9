{#- A model that is our own copy of something, as it is before this run, or none; also under --full-refresh. -#}
{% macro own_copy(model) %}
    {{ return(adapter.get_relation(target.database, target.schema, model) if execute else none) }}
{% endmacro %}

{#- Our copy of the jobs. -#}
{% macro job_versions() %}
    {{ return(own_copy('int_job_versions')) }}
{% endmacro %}

{#- Whether this run reads the whole source, as the first run and a full refresh do. -#}
{% macro reads_all() %}
    {{ return(should_full_refresh() or not job_versions()) }}
{% endmacro %}

{% macro existing_columns(relation) %}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{% endmacro %}

{#- The number of the load that this run makes, if it finds a change in what `versions` copies. -#}
{% macro next_load(versions) %}
    {{ return(((query_value('select max(load_number) from ' ~ versions) or 0) if versions else 0) | int + 1) }}
{% endmacro %}

{#-
    The instruments, statuses, experiments and software that were renamed since the newest load: {subject: [ids]}. Software
    counts as renamed when its name is first seen: the account may not have been able to read it before.
-#}
{% macro renamed_in(load) %}
    {%- set renamed = {} -%}
    {%- set query -%}
        select distinct subject, source_id from {{ ref('int_source_names') }}
        where superseded_load >= {{ load }} or (subject = 'software' and load_number >= {{ load }})
        order by subject, source_id
    {%- endset -%}
    {%- if execute -%}
        {%- for row in run_query(query).rows -%}
            {%- do renamed.setdefault(row[0], []).append(row[1] | int) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(renamed) }}
{% endmacro %}

{#- Whether a job of our copy has one of the ids that `renamed_in` returns. -#}
{% macro bears_one_of(renamed, prefix='') -%}
    (
    {%- for subject, ids in renamed.items() -%}
        {{ prefix }}{{ subject }}_id in ({{ ids | join(', ') }}){{ ' or ' if not loop.last }}
    {%- endfor -%}
    )
{%- endmacro %}
