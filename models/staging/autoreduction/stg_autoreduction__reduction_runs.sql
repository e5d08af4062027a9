{%- set era = schema_era() -%}
with

runs as (
    select * from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
),

statuses as (
    select * from {{ source('autoreduction', 'reduction_viewer_status') }}
),

instruments as (
    select * from {{ source('autoreduction', 'reduction_viewer_instrument') }}
),

experiments as (
    select * from {{ source('autoreduction', 'reduction_viewer_experiment') }}
),

-- One row per job, in one vocabulary for all eras and in UTC; the log columns stay where they are.
final as (
    select
        cast(runs.id as bigint) as job_id,

        cast(coalesce(instruments.name, 'unknown') as varchar) as instrument,
        {{ normalise_status('statuses.value') }} as status,

        cast(experiments.reference_number as bigint) as rb_number,
        cast(runs.run_version as integer) as run_version,
        cast(runs.started_by as bigint) as started_by,

        {% if era == 'C' -%}
        coalesce(cast(runs.batch_run as boolean), false)
        {%- else -%}
        false
        {%- endif %} as is_batch,

        {{ source_time('runs.created') }} as created_at,
        {{ source_time('runs.started') }} as started_at,
        {{ source_time('runs.finished') }} as finished_at,
        {{ source_time('runs.last_updated') }} as last_updated_at

    from runs
    left join statuses on runs.status_id = statuses.id
    left join instruments on runs.instrument_id = instruments.id
    left join experiments on runs.experiment_id = experiments.id
)

select * from final
