{#- Collectors keep their rows for `observation_days` only: even a full refresh keeps what this copy has. -#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='file_count_key',
        indexes=server_indexes([['file_count_key'], ['ended_at']])
    )
}}
{%- set copied = own_copy('fct_file_counts') -%}
-- Looks are passed over only once both have taken them.
-- depends_on: {{ ref('int_seen_runs') }}

with

file_counts as (
    select * from {{ ref('stg_observations__file_counts') }}
    where ended_at <= {{ as_of() }}
),

file_runs as (
    select distinct
        file_count_key,
        collection_id
    from {{ ref('int_file_runs') }}
),

newest as (
    select
        file_count_key,
        max(collection_id) as collection_id
    from file_counts
    group by file_count_key
),

new_looks as (
    select file_counts.*
    from file_counts
    inner join newest
        on file_counts.file_count_key = newest.file_count_key
        and file_counts.collection_id = newest.collection_id
    {%- if copied %}
    left join {{ copied }} as known on newest.file_count_key = known.file_count_key
    where known.file_count_key is null or known.collection_id < newest.collection_id
    {%- endif %}
),

measured as (
    select
        *,
        {{ dbt.dateadd('second', 'settle_seconds', 'newest_modified_at') }} as settled_at
    from new_looks
),

-- The copy of the runs did not take over a look that lacks too many of them.
final as (
    select
        measured.file_count_key,
        measured.location,
        measured.file_type,
        measured.instrument,
        measured.experiment,
        measured.cycle,
        case
            when measured.files = 0 then 'empty'
            when measured.settled_at > measured.started_at then 'settling'
            else 'settled'
        end as state,

        measured.files,
        measured.bytes,
        measured.expected,
        case
            when measured.expected > measured.files then measured.expected - measured.files
            when measured.expected is not null then 0
        end as shortfall,

        coalesce(file_runs.collection_id < measured.collection_id, false) as looks_unmounted,

        measured.newest_modified_at,
        measured.started_at,
        measured.ended_at,
        measured.collection_id
    from measured
    left join file_runs on measured.file_count_key = file_runs.file_count_key
    {%- if copied and not is_incremental() %}

    union all

    select known.*
    from {{ copied }} as known
    left join new_looks on known.file_count_key = new_looks.file_count_key
    where new_looks.file_count_key is null
    {%- endif %}
)

select * from final
