{{
    config(
        materialized='table',
        indexes=server_indexes([['job_id']])
    )
}}
{%- set own_copy = job_versions() -%}
{%- set reach = source_reach(own_copy) if own_copy else none -%}
{%- set conditions = ['true'] if reads_all() else reach_conditions(reach) -%}
{%- set within_reach = reach_conditions(reach) | join(' or ') if own_copy else 'false' -%}
{%- set renamed = renamed_in(next_load(own_copy)) -%}
{%- set looked_at = within_reach ~ (' or ' ~ bears_one_of(renamed) if renamed else '') -%}
{%- set columns = [
    'job_id', 'instrument', 'status', 'software', 'reduction_host', 'run_title', 'run_numbers', 'unread_cells',
    'instrument_id', 'status_id', 'experiment_id', 'software_id', 'rb_number', 'run_version', 'run_number',
    'started_by', 'is_batch', 'is_flagged_batch', 'is_deleted', 'created_at', 'started_at', 'finished_at',
    'last_updated_at',
] -%}
{%- set lacking = columns | reject('in', existing_columns(own_copy)) | list if own_copy else [] -%}
{%- set ids = ['instrument_id', 'status_id', 'experiment_id', 'software_id'] -%}
{%- do lacking.extend(ids if var('accept_source') else []) -%}

with

-- What the source now says about every job within reach. Each condition reads the source separately: combined
-- with OR, or over one shared CTE, they would no longer use its primary key.
jobs_read as (
    {% for condition in conditions -%}
    select * from {{ ref('stg_autoreduction__reduction_runs') }}
    where {{ condition }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
),

numbers_read as (
    {% for condition in conditions -%}
    select * from {{ ref('stg_autoreduction__run_numbers') }}
    where {{ condition }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
),

first_numbers as (
    select
        job_id,
        min(run_number) as lowest_number,
        max(run_number) as highest_number,
        count(*) > count(run_number) as has_unread_number
    from numbers_read
    group by job_id
),

-- Only a job with several numbers has a list.
number_lists as (
    select
        numbers_read.job_id,
        {{ join_numbers('numbers_read.run_number') }} as run_numbers
    from numbers_read
    inner join first_numbers on numbers_read.job_id = first_numbers.job_id
    where first_numbers.lowest_number < first_numbers.highest_number and numbers_read.run_number is not null
    group by numbers_read.job_id
),

-- A job with several numbers is a batch, whatever its flag says.
jobs_now as (
    select
        {{ wide_key('jobs_read.job_id') }} as job_id,
        {{ cast_as('null', 'varchar') }} as instrument,
        {{ cast_as('null', 'varchar') }} as status,
        {{ cast_as('null', 'varchar') }} as software,
        jobs_read.reduction_host,
        jobs_read.run_title,
        number_lists.run_numbers,
        case
            when first_numbers.has_unread_number
                then trim({{ dbt.concat(["coalesce(jobs_read.unread_cells, '')", "' run_number'"]) }})
            else jobs_read.unread_cells
        end as unread_cells,
        jobs_read.instrument_id,
        jobs_read.status_id,
        jobs_read.experiment_id,
        jobs_read.software_id,
        {{ cast_as('null', 'bigint') }} as rb_number,
        jobs_read.run_version,
        case when number_lists.run_numbers is null then first_numbers.lowest_number end as run_number,
        jobs_read.started_by,
        jobs_read.is_batch or number_lists.run_numbers is not null as is_batch,
        jobs_read.is_batch as is_flagged_batch,
        false as is_deleted,
        jobs_read.created_at,
        jobs_read.started_at,
        jobs_read.finished_at,
        jobs_read.last_updated_at,
        jobs_read.has_future_time
    from jobs_read
    left join first_numbers on jobs_read.job_id = first_numbers.job_id
    left join number_lists on jobs_read.job_id = number_lists.job_id
),

{% if own_copy %}
-- The jobs within reach and those that were renamed as our copy has them; under a full refresh, all jobs.
jobs_known as (
    select
        versions.*,
        versions.is_deleted or {{ 'true' if var('accept_source') else '(' ~ within_reach ~ ')' }} as is_deleted_now
    from {{ own_copy }} as versions
    where versions.superseded_load is null{% if not reads_all() %} and ({{ looked_at }}){% endif %}
),

-- Jobs that are only in our copy: those within reach have vanished. A copy from an older version may lack a
-- column, and ids mean nothing in another source: both become a NULL of the current type.
jobs_kept as (
    select
        {% for column in columns -%}
        {%- if column == 'is_deleted' -%}
        jobs_known.is_deleted_now as is_deleted,
        {%- elif column in lacking -%}
        (
            select {{ column }} from jobs_now
            where false
        ) as {{ column }},
        {%- else -%}
        jobs_known.{{ column }},
        {%- endif %}
        {% endfor -%}
        false as has_future_time
    from jobs_known
    left join jobs_read on jobs_known.job_id = jobs_read.job_id
    where jobs_read.job_id is null
),
{% endif %}

final as (
    select * from jobs_now
    {% if own_copy %}

    union all

    select * from jobs_kept
    {% endif %}
)

select * from final
