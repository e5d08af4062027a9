{%- set era = schema_era() -%}
{%- set types = source_types('reduction_viewer_reductionrun') -%}
{%- set readable = readable_columns('reduction_viewer_reductionrun') -%}
{%- set host = (
    source_text('reduction_host', types.reduction_host) if 'reduction_host' in readable else cast_as('null', 'varchar')
) -%}
{%- set title = (
    source_text('run_title', types.run_title) if 'run_title' in readable else cast_as('null', 'varchar')
) -%}
{%- set software_id = (
    source_number('software_id', types.software_id) if 'software_id' in readable else cast_as('null', 'bigint')
) -%}
{%- set times = {'created': 365, 'started': 1, 'finished': 1, 'last_updated': 1} -%}
with

jobs as (
    select * from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
),

-- One row per job, with its times in UTC, NULL if they cannot be read; the log columns are left out.
cells as (
    select
        {{ source_key('id') }} as job_id,

        {{ host }} as reduction_host,
        {{ title }} as run_title,

        {{ source_number('instrument_id', types.instrument_id) }} as instrument_id,
        {{ source_number('status_id', types.status_id) }} as status_id,
        {{ source_number('experiment_id', types.experiment_id) }} as experiment_id,
        {{ software_id }} as software_id,
        {{ source_number('started_by', types.started_by) }} as started_by,
        {{ cast_as(source_number('run_version', types.run_version), 'integer') }} as run_version,

        {{ source_flag('batch_run') if era == 'C' else 'false' }} as is_batch,

    {% for time in times -%}
    {{ source_time(time, types[time]) }} as {{ time }}_read,
    {{ source_says_time(time) }} as has_{{ time }}{{ ',' if not loop.last }}
    {% endfor %}
    from jobs
),

-- A time before var earliest_time, or too far ahead of the moment of the statistics, means nothing either.
final as (
    select
        job_id,

        reduction_host,
        run_title,

        instrument_id,
        status_id,
        experiment_id,
        software_id,
        started_by,
        run_version,

        is_batch,
        {% for time, days_ahead in times.items() -%}
        coalesce({{ time }}_read > {{ days_after_as_of(days_ahead) }}, false){{ ' or ' if not loop.last }}
        {%- endfor %} as has_future_time,

        {% for time, days_ahead in times.items() -%}
        {{ plausible_time(time ~ '_read', days_ahead) }} as {{ time }}_at,
        {% endfor -%}

        nullif(trim({{ dbt.concat(unread_cells(times)) }}), '') as unread_cells
    from cells
)

select * from final
