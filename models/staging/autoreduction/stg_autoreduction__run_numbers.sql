{%- set era = schema_era() -%}
{%- set table = 'reduction_viewer_runnumber' if era == 'C' else 'reduction_viewer_reductionrun' -%}
with

-- Before era C a job has one number, kept in its own row.
run_numbers as (
    select
        {{ 'reduction_run_id' if era == 'C' else 'id' }} as job_id,
        run_number
    from {{ source('autoreduction', table) }}
),

numbers as (
    select
        {{ source_key('job_id') }} as job_id,
        {{ source_number('run_number', source_types(table).run_number) }} as run_number
    from run_numbers
    where run_number is not null
),

-- What is not a number, or is below 1, is NULL.
final as (
    select
        job_id,
        case when run_number >= 1 then run_number end as run_number
    from numbers
)

select * from final
