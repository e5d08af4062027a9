{#-
    The buckets of a statistic, as a subquery: the half-open intervals from `bucket_start` to `bucket_end`, UTC timestamps.
    `second`, `5s`, `minute` and `hour` are aligned in UTC. `day`, `week` (from Monday), `month` and `cycle` are the
    facility's: they also have `bucket_day`, their first local day, and a cycle has its name, `cycle`.

    The first bucket is the one that holds `start`, and the last the one that holds `stop`: SQL for UTC timestamps, by
    default the start of the first day in dim_days, and the moment of the statistics. Whoever wants short ones should
    name both: there are 86,400 seconds in a day.
-#}
{% macro statistic_buckets(bucket, start=none, stop=none) -%}
    {%- set seconds = {'second': 1, '5s': 5, 'minute': 60, 'hour': 3600} -%}
    {%- set start = start or '(select min(starts_at) from ' ~ ref('dim_days') ~ ')' -%}
    {%- set stop = stop or as_of() -%}
    {%- if bucket in seconds -%}
        {{ utc_buckets(seconds[bucket], start, stop) }}
    {%- elif bucket in ('day', 'week', 'month', 'cycle') -%}
        {{ local_buckets(bucket, start, stop) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("'" ~ bucket ~ "' is no bucket: use second, 5s, minute, hour, day, week, month or cycle.") }}
    {%- endif -%}
{%- endmacro %}

{% macro utc_buckets(seconds, start, stop) -%}
    {%- set epoch = timestamp_literal('1970-01-01 00:00:00') -%}
    {%- set bounds -%}
        (
            select
                {{ bucket_number(start, seconds) }} as first_number,
                {{ bucket_number(stop, seconds) }} as last_number
        ) as bounds
    {%- endset -%}
    (
        select
            {{ dbt.dateadd('second', 'number * ' ~ seconds, epoch) }} as bucket_start,
            {{ dbt.dateadd('second', '(number + 1) * ' ~ seconds, epoch) }} as bucket_end
        from (
            {{ expand_range(bounds, ['first_number'], 'first_number', 'last_number', 'number') }}
        ) as numbers
    )
{%- endmacro %}

{#- How many buckets of so many seconds there are from 1970 to the one that holds a moment. -#}
{% macro bucket_number(moment, seconds) -%}
    {{ cast_as('floor(' ~ divide(epoch_seconds(moment), seconds) ~ ')', 'bigint') }}
{%- endmacro %}

{% macro local_buckets(bucket, start, stop) -%}
    {%- set changes = utc_offset_changes(facility_timezone()) -%}
    (
        select *
        from (
            select
                {{ utc_time(midnight('bucket_day'), changes=changes) }} as bucket_start,
                {{ utc_time(midnight('day_after'), changes=changes) }} as bucket_end,
                bucket_day{{ ', cycle' if bucket == 'cycle' }}
            from ({{ first_days_of(bucket) }}) as first_days
        ) as buckets
        where bucket_start < bucket_end and bucket_start <= {{ stop }} and bucket_end > {{ start }}
    )
{%- endmacro %}

{#- The first day of each local bucket, and the day after its last. -#}
{% macro first_days_of(bucket) -%}
    {%- if bucket == 'cycle' -%}
        select
            cycle,
            first_day as bucket_day,
            {{ dbt.dateadd('day', 1, midnight('last_day')) }} as day_after
        from {{ ref('dim_cycles') }}
    {%- else -%}
        {%- set number, unit = (7, 'day') if bucket == 'week' else (1, bucket) -%}
        select
            bucket_day,
            {{ dbt.dateadd(unit, number, midnight('bucket_day')) }} as day_after
        from (
            select distinct {{ cast_as(dbt.date_trunc(bucket, midnight('day')), 'date') }} as bucket_day
            from {{ ref('dim_days') }}
        ) as days
    {%- endif -%}
{%- endmacro %}
