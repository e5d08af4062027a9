{#- Collectors keep their rows for `observation_days` only: even a full refresh keeps what this copy has. -#}
{{
    config(
        unique_key='file_count_key',
        indexes=server_indexes([['file_count_key'], ['instrument', 'first_run_number']])
    )
}}
{%- set copied = own_copy('int_file_runs') -%}

with

file_counts as (
    select * from {{ ref('stg_observations__file_counts') }}
    where instrument <> '' and ended_at <= {{ as_of() }}
),

file_runs as (
    select * from {{ ref('stg_observations__file_runs') }}
),

{% if copied -%}
known as (
    select * from {{ copied }}
),

known_looks as (
    select
        file_count_key,
        max(collection_id) as collection_id
    from known
    group by file_count_key
),

{% endif -%}
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
    left join known_looks on newest.file_count_key = known_looks.file_count_key
    where known_looks.file_count_key is null or known_looks.collection_id < newest.collection_id
    {%- endif %}
),

{% if copied -%}
instrument_sizes as (
    select
        location,
        instrument,
        sum(last_run_number - first_run_number + 1) as runs
    from known
    group by location, instrument
),

runs_before as (
    select
        new_looks.collection_id,
        new_looks.location,
        new_looks.instrument,
        sum(known.last_run_number - known.first_run_number + 1) as runs
    from new_looks
    inner join known on new_looks.file_count_key = known.file_count_key
    group by new_looks.collection_id, new_looks.location, new_looks.instrument
),

runs_kept as (
    select
        new_looks.collection_id,
        sum(least(known.last_run_number, file_runs.last_run_number) + 1)
        - sum(greatest(known.first_run_number, file_runs.first_run_number)) as runs
    from new_looks
    inner join known on new_looks.file_count_key = known.file_count_key
    inner join file_runs
        on new_looks.file_count_key = file_runs.file_count_key
        and new_looks.collection_id = file_runs.collection_id
        and known.first_run_number <= file_runs.last_run_number
        and known.last_run_number >= file_runs.first_run_number
    group by new_looks.collection_id
),

-- More than a hundredth of an instrument's files gone at once: a disk that is not mounted, rather.
unmounted as (
    select runs_before.collection_id
    from runs_before
    inner join instrument_sizes
        on runs_before.location = instrument_sizes.location
        and runs_before.instrument = instrument_sizes.instrument
    left join runs_kept on runs_before.collection_id = runs_kept.collection_id
    where (runs_before.runs - coalesce(runs_kept.runs, 0)) * 100 > instrument_sizes.runs
),

{% endif -%}
trusted as (
    select new_looks.*
    from new_looks
    {% if copied -%}
    left join unmounted on new_looks.collection_id = unmounted.collection_id
    where new_looks.accepts_loss or unmounted.collection_id is null
    {%- endif %}
),

-- A look that found no file has one row, without numbers.
final as (
    select
        trusted.file_count_key,
        trusted.location,
        trusted.instrument,

        file_runs.first_run_number,
        file_runs.last_run_number,
        file_runs.is_settled,
        trusted.announced_run_number,
        trusted.settle_seconds,

        trusted.started_at,
        trusted.ended_at,
        trusted.collection_id
    from trusted
    left join file_runs
        on trusted.file_count_key = file_runs.file_count_key
        and trusted.collection_id = file_runs.collection_id
    {%- if copied and not is_incremental() %}

    union all

    select known.*
    from known
    left join trusted on known.file_count_key = trusted.file_count_key
    where trusted.file_count_key is null
    {%- endif %}
)

select * from final
