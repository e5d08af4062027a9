{#-
    What a run reads from the source, known from our own copy, so that the source is read by its primary key:
    every id from the smallest of the look-back on (new ids included), the ids of older jobs that are still
    open, and on a rebuild the ids of the days from_day to to_day.

    Returns {'lowest': id, 'open': [ids], 'rebuilt': [id, id] or none}.
-#}
{% macro source_reach(versions) %}
    {%- set current = "select * from " ~ versions ~ " where superseded_load is null" -%}
    {%- set recent -%}
        select min(job_id)
        from ({{ current }}) as jobs
        where created_at <= {{ as_of() }} and created_at >= {{ lookback_start(versions) }}
    {%- endset -%}
    {%- set newest = "select max(job_id) + 1 from " ~ versions -%}
    {%- set lowest = (query_value(recent) or query_value(newest) or 0) | int -%}

    {%- set rebuilt = none -%}
    {%- if var('from_day') -%}
        {%- set ids -%}
            select min(job_id), max(job_id)
            from ({{ current }}) as jobs
            where day between {{ rebuilt_days() }} and job_id < {{ lowest }}
        {%- endset -%}
        {%- set row = run_query(ids).rows[0] -%}
        {%- set rebuilt = [row[0] | int, row[1] | int] if row[0] is not none else none -%}
    {%- endif -%}

    {%- set still_open -%}
        select job_id
        from ({{ current }}) as jobs
        where is_open and job_id < {{ lowest }}
        {% if rebuilt %} and not job_id between {{ rebuilt[0] }} and {{ rebuilt[1] }} {% endif %}
        order by job_id
    {%- endset -%}
    {%- set open = run_query(still_open).columns[0].values() | map('int') | list -%}

    {{ return({'lowest': lowest, 'open': open, 'rebuilt': rebuilt}) }}
{% endmacro %}

{#- Disjoint conditions on job_id, each of which the source answers from its primary key. -#}
{% macro reach_conditions(reach) %}
    {%- set conditions = ['job_id >= ' ~ reach.lowest] -%}
    {%- if reach.open -%}
        {%- do conditions.append('job_id in (' ~ reach.open | join(', ') ~ ')') -%}
    {%- endif -%}
    {%- if reach.rebuilt -%}
        {%- do conditions.append('job_id between ' ~ reach.rebuilt[0] ~ ' and ' ~ reach.rebuilt[1]) -%}
    {%- endif -%}
    {{ return(conditions) }}
{% endmacro %}

{#- The same jobs in our own copy, where the flag of the open ones is at hand. -#}
{% macro own_reach_conditions(reach) %}
    {%- set conditions = ['job_id >= ' ~ reach.lowest] -%}
    {%- if reach.rebuilt -%}
        {%- set rebuilt = 'job_id between ' ~ reach.rebuilt[0] ~ ' and ' ~ reach.rebuilt[1] -%}
        {%- do conditions.append(rebuilt) -%}
        {%- do conditions.append('is_open and job_id < ' ~ reach.lowest ~ ' and not ' ~ rebuilt) -%}
    {%- else -%}
        {%- do conditions.append('is_open and job_id < ' ~ reach.lowest) -%}
    {%- endif -%}
    {{ return(conditions) }}
{% endmacro %}

{#-
    The look-back counts from the last load that saw a change, not only from now: a job that was recent at that
    time may have changed at any moment since, however long ago the last run was.
-#}
{% macro lookback_start(versions) -%}
    {%- set last_loaded_at = query_value("select " ~ cast_as('max(loaded_at)', 'varchar') ~ " from " ~ versions) -%}
    {%- set reference = as_of() if last_loaded_at is none else 'least(' ~ as_of() ~ ', ' ~ timestamp_literal(last_loaded_at) ~ ')' -%}
    {{ add_seconds(reference, '-86400 * ' ~ var('lookback_days')) }}
{%- endmacro %}

{#- The bounds of a BETWEEN over the local days that a rebuild names. -#}
{% macro rebuilt_days() -%}
    date '{{ var("from_day") }}' and date '{{ var("to_day") or var("from_day") }}'
{%- endmacro %}

{#- The single value that a query returns. -#}
{% macro query_value(query) %}
    {{ return(run_query(query).rows[0][0]) }}
{% endmacro %}
