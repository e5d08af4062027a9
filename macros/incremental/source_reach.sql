{#-
    What a run reads from the source, determined from our own copy, so that the source is read by its primary key:
    every id from the smallest of the look-back on (new ids included), the ids of older jobs that may still change by
    themselves, lower ids that turned up late, and on a rebuild the ids of the days from_day to to_day.

    Returns {'lowest': id, 'open': [ids], 'late': [ids], 'rebuilt': [id, id] or none}.
-#}
{% macro source_reach(versions) %}
    {%- set reach = known_reach(versions) -%}
    {%- do reach.update({'late': late_jobs(current_versions(versions), reach)}) -%}
    {{ return(reach) }}
{% endmacro %}

{#- The same without the ids that turned up late, and so without querying the source. -#}
{% macro known_reach(versions) %}
    {%- set current = current_versions(versions) -%}
    {%- set last_loaded_at = query_value("select " ~ cast_as('max(loaded_at)', 'varchar') ~ " from " ~ versions) -%}
    {%- set recent -%}
        select min(job_id)
        from ({{ current }}) as jobs
        where created_at <= {{ as_of() }} and created_at >= {{ lookback_start(last_loaded_at) }}
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

    {%- set may_change -%}
        select job_id
        from ({{ current }}) as jobs
        where {{ may_change_by_itself(last_loaded_at) }} and {{ is_older({'lowest': lowest, 'rebuilt': rebuilt}, 'job_id') }}
        order by job_id
    {%- endset -%}
    {{ return({'lowest': lowest, 'open': numbers_of(may_change), 'late': [], 'rebuilt': rebuilt}) }}
{% endmacro %}

{% macro current_versions(versions) -%}
    select * from {{ versions }} where superseded_load is null
{%- endmacro %}

{#- Ids that are not in any range of `reach`. -#}
{% macro is_older(reach, column) -%}
    {{ column }} < {{ reach.lowest }}
    {%- if reach.rebuilt %} and not {{ column }} between {{ reach.rebuilt[0] }} and {{ reach.rebuilt[1] }}{% endif %}
{%- endmacro %}

{#-
    Jobs that are queued or processing, or have a time that was in the future when they were read. A run in
    the past may see a future that an earlier run with a later as_of did not.
-#}
{% macro may_change_by_itself(last_loaded_at) -%}
    (
        is_open
        {%- if last_loaded_at is not none and last_loaded_at[:19] > as_of_text()[:19] %}
        or created_at > {{ days_after_as_of(365) }}
        or started_at > {{ days_after_as_of(1) }}
        or finished_at > {{ days_after_as_of(1) }}
        or last_updated_at > {{ days_after_as_of(1) }}
        {%- endif %}
    )
{%- endmacro %}

{#-
    Ids are not time: one below the look-back may be new, if a row was restored, a counter restarted or an id was
    assigned late. Both sides count the ids in each ten thousand, using only an index; where the counts differ, the
    ids themselves are compared. (We have more where the source has cleaned up old jobs.)
-#}
{% macro late_jobs(current, reach) %}
    {%- set blocks -%}
        select theirs.block
        from ({{ source_id_counts() }}) as theirs
        left join ({{ id_counts('(' ~ current ~ ' and not is_deleted) as jobs', 'job_id') }}) as ours
            on theirs.block = ours.block
        where
            theirs.block <= {{ reach.lowest // 10000 }}
            and (
                ours.block is null
                or theirs.ids <> ours.ids
                or theirs.sum_1 <> ours.sum_1
                or theirs.sum_2 <> ours.sum_2
                or theirs.sum_3 <> ours.sum_3
            )
        order by theirs.block
    {%- endset -%}
    {%- set late = [] -%}
    {%- for block in numbers_of(blocks) -%}
        {%- set ids -%}
            select theirs.job_id
            from (
                select {{ source_key('id') }} as job_id
                from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
                where {{ source_key('id') }} between {{ block * 10000 }} and {{ block * 10000 + 9999 }}
            ) as theirs
            left join (
                {{ current }} and not is_deleted and job_id between {{ block * 10000 }} and {{ block * 10000 + 9999 }}
            ) as ours on theirs.job_id = ours.job_id
            where ours.job_id is null and {{ is_older(reach, 'theirs.job_id') }}
            {%- if reach.open %} and not theirs.job_id in ({{ reach.open | join(', ') }}){% endif %}
            order by theirs.job_id
        {%- endset -%}
        {%- do late.extend(numbers_of(ids)) -%}
    {%- endfor -%}
    {{ return(late) }}
{% endmacro %}

{#- How many ids there are in each ten thousand, and sums that differ between different sets of them. -#}
{% macro id_counts(relation, id) -%}
    {{ adapter.dispatch('id_counts', 'autostats')(relation, id) }}
{%- endmacro %}

{% macro default__id_counts(relation, id) -%}
    select
        {{ id }} / 10000 as block,
        count(*) as ids,
        sum({{ id }} % 10000) as sum_1,
        sum(({{ id }} % 10000) * ({{ id }} % 10000)) as sum_2,
        sum(cast({{ id }} % 10000 as bigint) * ({{ id }} % 10000) * ({{ id }} % 10000)) as sum_3
    from {{ relation }}
    group by 1
{%- endmacro %}

{% macro duckdb__id_counts(relation, id) -%}
    {{ default__id_counts(relation, id) | replace(' / ', ' // ') }}
{%- endmacro %}

{% macro mysql__id_counts(relation, id) -%}
    {{ default__id_counts(relation, id) | replace(' / ', ' div ') | replace('as bigint', 'as signed') }}
{%- endmacro %}

{#- The same for the source; on DuckDB, counted by the server that holds it. -#}
{% macro source_id_counts() -%}
    {{ adapter.dispatch('source_id_counts', 'autostats')() }}
{%- endmacro %}

{% macro default__source_id_counts() -%}
    {{ id_counts(source('autoreduction', 'reduction_viewer_reductionrun'), 'id') }}
{%- endmacro %}

{% macro duckdb__source_id_counts() -%}
    select * from autoreduction.main.job_id_counts
{%- endmacro %}

{#- Disjoint conditions on a job's id, each of which the source answers from its primary key. -#}
{% macro reach_conditions(reach, column='job_id') %}
    {%- set conditions = [column ~ ' >= ' ~ reach.lowest] -%}
    {%- if reach.open or reach.late -%}
        {%- do conditions.append(column ~ ' in (' ~ (reach.open + reach.late) | join(', ') ~ ')') -%}
    {%- endif -%}
    {%- if reach.rebuilt -%}
        {%- do conditions.append(column ~ ' between ' ~ reach.rebuilt[0] ~ ' and ' ~ reach.rebuilt[1]) -%}
    {%- endif -%}
    {{ return(conditions) }}
{% endmacro %}

{#-
    The look-back counts from the last load that saw a change, not only from now: a job that was recent at that
    time may have changed at any moment since, however long ago the last run was.
-#}
{% macro lookback_start(last_loaded_at) -%}
    {%- set reference = as_of() if last_loaded_at is none else 'least(' ~ as_of() ~ ', ' ~ timestamp_literal(last_loaded_at) ~ ')' -%}
    {{ dbt.dateadd('second', '-86400 * ' ~ setting('lookback_days'), reference) }}
{%- endmacro %}

{#- The bounds of a BETWEEN over the local days that a rebuild names. -#}
{% macro rebuilt_days() -%}
    date '{{ var("from_day") }}' and date '{{ var("to_day") or var("from_day") }}'
{%- endmacro %}

{#- The single value that a query returns. -#}
{% macro query_value(query) %}
    {{ return(run_query(query).rows[0][0]) }}
{% endmacro %}

{#- The whole numbers in the only column that a query returns. -#}
{% macro numbers_of(query) %}
    {{ return(run_query(query).columns[0].values() | map('int') | list) }}
{% endmacro %}
