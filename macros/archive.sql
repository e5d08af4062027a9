{#- What tells one count of files from others; two lists of names that are the same when put together have two keys. -#}
{% macro file_count_key(relation) -%}
    {%- set parts = [] -%}
    {%- for name in ['location', 'file_type', 'instrument', 'cycle'] -%}
        {%- set column = relation ~ '.' ~ name -%}
        {%- do parts.extend([cast_as('length(' ~ column ~ ')', 'varchar'), "' '", column]) -%}
    {%- endfor -%}
    {{ cast_as('md5(' ~ dbt.concat(parts) ~ ')', 'varchar') }}
{%- endmacro %}

{#-
    The ranges of run numbers that the archive has, of the looks that the statistics may rely on: complete before
    as_of, and not so long ago that nobody seems to look any more.
-#}
{% macro present_files() -%}
    select * from {{ ref('int_file_runs') }}
    where
        ended_at <= {{ as_of() }}
        and ended_at > {{ dbt.dateadd('day', '-' ~ var('observation_days'), as_of()) }}
{%- endmacro %}

{#-
    CTEs that merge ranges of run numbers of an instrument which overlap or follow each other. `ranges` has instrument,
    first_run_number and last_run_number; so does the last CTE, `merged_ranges`.
-#}
{% macro merged_ranges(ranges) -%}
-- One per first number, so that their order is certain.
longest_ranges as (
    select
        instrument,
        first_run_number,
        max(last_run_number) as last_run_number
    from {{ ranges }}
    group by instrument, first_run_number
),

reached as (
    select
        *,
        max(last_run_number) over (
            partition by instrument
            order by first_run_number
            rows between unbounded preceding and 1 preceding
        ) as reached_run_number
    from longest_ranges
),

islands as (
    select
        instrument,
        first_run_number,
        last_run_number,
        sum(case when first_run_number <= reached_run_number + 1 then 0 else 1 end) over (
            partition by instrument
            order by first_run_number
            rows between unbounded preceding and current row
        ) as island
    from reached
),

merged_ranges as (
    select
        instrument,
        min(first_run_number) as first_run_number,
        max(last_run_number) as last_run_number
    from islands
    group by instrument, island
)
{%- endmacro %}
