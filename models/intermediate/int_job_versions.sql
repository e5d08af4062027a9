{#- Not a dbt snapshot, which would compare the whole source each night and take a row that it did not get as
    deleted. -#}
{{
    config(
        unique_key='version_id',
        full_refresh=none,
        on_schema_change='append_new_columns',
        indexes=server_indexes([
            ['version_id'],
            ['job_id'],
            ['load_number'],
            ['superseded_load'],
            ['instrument', 'run_number'],
            ['instrument', 'day'],
            ['created_at'],
            ['day'],
            ['is_open'],
            ['has_problem'],
        ])
    )
}}
{%- set this_load = cast_as(next_load(job_versions()), 'bigint') -%}
{%- set content = [
    'job_id', 'instrument', 'status', 'starter', 'software', 'reduction_host', 'run_title', 'run_numbers',
    'unread_cells', 'instrument_id', 'status_id', 'experiment_id', 'software_id', 'rb_number', 'run_version',
    'run_number', 'started_by', 'exe_time_us', 'is_batch', 'is_flagged_batch', 'is_open', 'is_deleted',
    'has_problem', 'created_at', 'started_at', 'finished_at', 'last_updated_at', 'ended_at', 'day', 'ended_day',
] -%}

with

jobs as (
    select * from {{ ref('int_jobs_read') }}
),

names as (
    select * from {{ ref('int_source_names') }}
    where superseded_load is null
),

-- Names are the current ones in the source. What it no longer names keeps its last name.
named as (
    select
        jobs.job_id,
        jobs.reduction_host,
        jobs.run_title,
        jobs.run_numbers,
        jobs.unread_cells,
        jobs.instrument_id,
        jobs.status_id,
        jobs.experiment_id,
        jobs.software_id,
        jobs.run_version,
        jobs.run_number,
        jobs.started_by,
        jobs.is_batch,
        jobs.is_flagged_batch,
        jobs.is_deleted,
        jobs.has_future_time,
        jobs.created_at,
        jobs.started_at,
        jobs.finished_at,
        jobs.last_updated_at,
        coalesce(instruments.name, jobs.instrument, 'unknown') as instrument,
        coalesce(statuses.name, jobs.status, 'other') as status,
        coalesce({{ cast_as('experiments.name', 'bigint') }}, jobs.rb_number) as rb_number,
        coalesce(softwares.name, jobs.software) as software
    from jobs
    left join names as instruments
        on instruments.subject = 'instrument' and jobs.instrument_id = instruments.source_id
    left join names as statuses
        on statuses.subject = 'status' and jobs.status_id = statuses.source_id
    left join names as experiments
        on experiments.subject = 'experiment' and jobs.experiment_id = experiments.source_id
    left join names as softwares
        on softwares.subject = 'software' and jobs.software_id = softwares.source_id
),

ended as (
    select
        *,
        case
            when status in ('completed', 'error') then coalesce(finished_at, last_updated_at)
        end as ended_at
    from named
),

derived as (
    select
        *,
        {{ starter('started_by') }} as starter,
        status in ('queued', 'processing') or has_future_time as is_open,
        {{ local_day('created_at') }} as day,
        {{ local_day('ended_at') }} as ended_day,
        case
            when status = 'completed' and finished_at >= started_at
                then {{ cast_as(dbt.datediff('started_at', 'finished_at', 'microsecond'), 'bigint') }}
        end as exe_time_us
    from ended
),

flagged as (
    select
        *,
        {% for problem in data_problems() -%}
        coalesce({{ problem.condition }}, false){{ ' or ' if not loop.last }}
        {%- endfor %} as has_problem
    from derived
),

{% if is_incremental() %}
-- The same jobs as they are in our copy.
known as (
    select versions.*
    from {{ this }} as versions
    inner join jobs on versions.job_id = jobs.job_id
    where versions.superseded_load is null
),

new_versions as (
    select {{ content | join(', ') }} from flagged
    except
    select {{ content | join(', ') }} from known
),

-- A version that is no longer current stays, as the old image of its job.
superseded as (
    select
        known.version_id,
        known.load_number,
        {{ this_load }} as superseded_load,
        known.loaded_at,
        known.{{ content | join(', known.') }}
    from known
    inner join new_versions on known.job_id = new_versions.job_id
),
{% else %}
new_versions as (
    select {{ content | join(', ') }} from flagged
),
{% endif %}

final as (
    select
        {{ this_load }} * 100000000000 + job_id as version_id,
        {{ this_load }} as load_number,
        {{ cast_as('null', 'bigint') }} as superseded_load,
        {{ as_of() }} as loaded_at,
        {{ content | join(', ') }}
    from new_versions

    {% if is_incremental() %}
    union all

    select * from superseded
    {% endif %}
)

select * from final
