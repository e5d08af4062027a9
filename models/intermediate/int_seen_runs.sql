{#- Collectors keep their rows for `observation_days` only: even a full refresh keeps what this copy has. -#}
{{
    config(
        unique_key='instrument',
        indexes=server_indexes([['instrument', 'first_run_number']])
    )
}}
{%- set copied = own_copy('int_seen_runs') -%}

with

file_counts as (
    select * from {{ ref('stg_observations__file_counts') }}
    where instrument <> '' and ended_at <= {{ as_of() }}
),

file_runs as (
    select * from {{ ref('stg_observations__file_runs') }}
),

new_ranges as (
    select
        file_counts.instrument,
        file_runs.first_run_number,
        file_runs.last_run_number
    from file_counts
    inner join file_runs
        on file_counts.file_count_key = file_runs.file_count_key
        and file_counts.collection_id = file_runs.collection_id
),

-- What was seen before stays, also when the file is gone.
ranges as (
    select * from new_ranges
    {%- if copied %}

    union all

    select
        instrument,
        first_run_number,
        last_run_number
    from {{ copied }}
    {%- if is_incremental() %}
    where instrument in (select instrument from new_ranges)
    {%- endif %}
    {%- endif %}
),

{{ merged_ranges('ranges') }},

final as (
    select * from merged_ranges
)

select * from final
