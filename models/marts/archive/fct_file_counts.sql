{#- Collectors keep their rows for `observation_days` only: this table keeps what it has. -#}
{{ config(indexes=server_indexes([['file_count_key'], ['ended_at']])) }}
{%- set copied = own_copy('fct_file_counts') -%}
{%- set kept = [
    'file_count_key', 'location', 'file_type', 'instrument', 'experiment', 'cycle', 'state', 'files', 'bytes', 'expected',
    'shortfall', 'newest_modified_at', 'started_at', 'ended_at', 'collection_id',
] -%}
-- Looks are passed over only once both have taken them.
-- depends_on: {{ ref('int_seen_runs') }}

with

file_counts as (
    select
        *,
        {{ dbt.dateadd('second', 'settle_seconds', 'newest_modified_at') }} as settled_at
    from {{ ref('stg_observations__file_counts') }}
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

looks as (
    select
        file_count_key,
        location,
        file_type,
        instrument,
        experiment,
        cycle,
        case
            when files = 0 then 'empty'
            when settled_at > started_at then 'settling'
            else 'settled'
        end as state,
        files,
        bytes,
        expected,
        case
            when expected > files then expected - files
            when expected is not null then 0
        end as shortfall,
        newest_modified_at,
        started_at,
        ended_at,
        collection_id
    from new_looks
    {%- if copied %}

    union all

    select known.{{ kept | join(', known.') }}
    from {{ copied }} as known
    left join new_looks on known.file_count_key = new_looks.file_count_key
    where new_looks.file_count_key is null
    {%- endif %}
),

-- The copy of the runs did not take over a look that lacks too many of them. What nobody has looked at for long is
-- nobody's concern.
final as (
    select
        looks.file_count_key,
        looks.location,
        looks.file_type,
        looks.instrument,
        looks.experiment,
        looks.cycle,
        looks.state,

        looks.files,
        looks.bytes,
        looks.expected,
        looks.shortfall,

        coalesce(file_runs.collection_id < looks.collection_id, false)
        and looks.ended_at > {{ dbt.dateadd('day', '-' ~ var('observation_days'), as_of()) }} as looks_unmounted,

        looks.newest_modified_at,
        looks.started_at,
        looks.ended_at,
        {{ local_day('looks.ended_at') }} as looked_day,
        looks.collection_id
    from looks
    left join file_runs on looks.file_count_key = file_runs.file_count_key
)

select * from final
