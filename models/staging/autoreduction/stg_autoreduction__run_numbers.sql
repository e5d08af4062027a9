{%- set era = schema_era() -%}
with

{% if era == 'C' %}
run_numbers as (
    select
        reduction_run_id as job_id,
        run_number
    from {{ source('autoreduction', 'reduction_viewer_runnumber') }}
),
{% else %}
-- Before era C a job has one number, kept in its own row.
run_numbers as (
    select
        id as job_id,
        run_number
    from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
),
{% endif %}

final as (
    select
        {{ source_key('job_id') }} as job_id,
        {{ cast_as('run_number', 'bigint') }} as run_number
    from run_numbers
    where run_number is not null
)

select * from final
