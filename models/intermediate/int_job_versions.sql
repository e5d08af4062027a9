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
{%- set own_copy = existing_relation() -%}
{%- set reach = source_reach(own_copy) if own_copy else none -%}
{%- set conditions = reach_conditions(reach) if is_incremental() else ['true'] -%}
{%- set own_conditions = own_reach_conditions(reach) if own_copy else [] -%}
{%- set this_load = next_load(own_copy) -%}
{%- set content = [
    'job_id', 'instrument', 'status', 'starter', 'run_numbers', 'rb_number', 'run_version', 'run_number',
    'started_by', 'exe_time_us', 'is_batch', 'is_flagged_batch', 'is_open', 'is_deleted', 'has_problem',
    'created_at', 'started_at', 'finished_at', 'last_updated_at', 'ended_at', 'day', 'ended_day',
] -%}

with

-- What the source says now of every job within reach. Each condition reads the source by itself: joined by OR,
-- or over one shared CTE, they would no longer reach its primary key.
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
        max(run_number) as highest_number
    from numbers_read
    group by job_id
),

-- The list is kept only where there is one: a job of a single number needs none.
number_lists as (
    select
        numbers_read.job_id,
        {{ join_numbers('numbers_read.run_number') }} as run_numbers
    from numbers_read
    inner join first_numbers on numbers_read.job_id = first_numbers.job_id
    where first_numbers.lowest_number < first_numbers.highest_number
    group by numbers_read.job_id
),

-- A job of several numbers is a batch, whatever its flag says.
numbered as (
    select
        {{ wide_key('jobs_read.job_id') }} as job_id,
        jobs_read.instrument,
        jobs_read.status,
        jobs_read.rb_number,
        jobs_read.run_version,
        jobs_read.started_by,
        jobs_read.created_at,
        jobs_read.started_at,
        jobs_read.finished_at,
        jobs_read.last_updated_at,
        jobs_read.is_batch as is_flagged_batch,
        number_lists.run_numbers,
        jobs_read.is_batch or number_lists.run_numbers is not null as is_batch,
        case when number_lists.run_numbers is null then first_numbers.lowest_number end as run_number,
        {{ starter('jobs_read.started_by') }} as starter,
        case
            when jobs_read.status in ('completed', 'error')
                then coalesce(jobs_read.finished_at, jobs_read.last_updated_at)
        end as ended_at
    from jobs_read
    left join first_numbers on jobs_read.job_id = first_numbers.job_id
    left join number_lists on jobs_read.job_id = number_lists.job_id
),

derived as (
    select
        *,
        status in ('queued', 'processing') as is_open,
        {{ local_day('created_at') }} as day,
        {{ local_day('ended_at') }} as ended_day,
        case
            when status = 'completed' and finished_at >= started_at
                then {{ microseconds_between('started_at', 'finished_at') }}
        end as exe_time_us,
        {% for problem in data_problems() -%}
        coalesce({{ problem.condition }}, false){{ ' or ' if not loop.last }}
        {%- endfor %} as has_problem,
        false as is_deleted
    from numbered
),

jobs_now as (
    select {{ content | join(', ') }}
    from derived
),
{{ store_here('jobs_now', content) }}

{% if is_incremental() %}
-- The same jobs as our copy has them.
jobs_known as (
    {% for condition in own_conditions -%}
    select * from {{ this }}
    where superseded_load is null and {{ condition }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
),
{{ store_here('jobs_known', model.columns.keys() | list) }}

changed as (
    select * from jobs_now
    except
    select {{ content | join(', ') }} from jobs_known
),

vanished as (
    select jobs_known.*
    from jobs_known
    left join jobs_now on jobs_known.job_id = jobs_now.job_id
    where jobs_now.job_id is null and not jobs_known.is_deleted
),

new_versions as (
    select {{ content | join(', ') }} from changed
    union all
    select {{ content | map('replace', 'is_deleted', 'true') | join(', ') }} from vanished
),
{{ store_here('new_versions', content) }}

-- A version that is no longer current stays, as the old image of its job.
superseded as (
    select
        jobs_known.version_id,
        jobs_known.load_number,
        {{ cast_as(this_load, 'bigint') }} as superseded_load,
        jobs_known.loaded_at,
        jobs_known.{{ content | join(', jobs_known.') }}
    from jobs_known
    inner join new_versions on jobs_known.job_id = new_versions.job_id
),

{% elif own_copy %}
-- A full refresh reads the whole source, and keeps the jobs that only our copy still has. A copy of an older
-- version may lack a column: a NULL of the type that the column has now.
jobs_known as (
    select
        {% for column in content -%}
        {{ column if column in existing_columns(own_copy) else '(select ' ~ column ~ ' from jobs_now where false)' }} as {{ column }}{{ ', ' if not loop.last }}
        {%- endfor %}
    from {{ own_copy }}
    where superseded_load is null
),

vanished as (
    select jobs_known.*
    from jobs_known
    left join jobs_now on jobs_known.job_id = jobs_now.job_id
    where jobs_now.job_id is null
),

new_versions as (
    select * from jobs_now
    union all
    select {% for column in content -%}
        {%- if column == 'is_deleted' -%}
        is_deleted
        {%- for condition in own_conditions %} or ({{ condition }}){% endfor %}
        {%- else -%}{{ column }}{%- endif -%}
        {{ ', ' if not loop.last }}
    {%- endfor %}
    from vanished
),

{% else %}
new_versions as (
    select * from jobs_now
),

{% endif %}
final as (
    select
        {{ cast_as(this_load, 'bigint') }} * 100000000000 + job_id as version_id,
        {{ cast_as(this_load, 'bigint') }} as load_number,
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
