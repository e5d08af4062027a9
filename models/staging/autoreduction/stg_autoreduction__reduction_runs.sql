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
        {{ source_key('runs.id') }} as job_id,

        {{ cast_as("coalesce(instruments.name, 'unknown')", 'varchar') }} as instrument,
        {{ normalise_status('statuses.value') }} as status,

        {{ cast_as('experiments.reference_number', 'bigint') }} as rb_number,
        {{ cast_as('runs.run_version', 'integer') }} as run_version,
        {{ cast_as('runs.started_by', 'bigint') }} as started_by,

        {% if era == 'C' -%}
        coalesce({{ cast_as('runs.batch_run', 'boolean') }}, false)
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
