{%- set rb_type = source_types('reduction_viewer_experiment').reference_number -%}
with

instruments as (
    select * from {{ source('autoreduction', 'reduction_viewer_instrument') }}
),

statuses as (
    select * from {{ source('autoreduction', 'reduction_viewer_status') }}
),

experiments as (
    select * from {{ source('autoreduction', 'reduction_viewer_experiment') }}
),

-- What the foreign keys of a job stand for: everything that other tables say about it.
names as (
    select
        'instrument' as subject,
        {{ cast_as('id', 'bigint') }} as source_id,
        {{ cast_as('name', 'varchar') }} as name
    from instruments

    union all

    select
        'status' as subject,
        {{ cast_as('id', 'bigint') }} as source_id,
        {{ cast_as(normalise_status('value'), 'varchar') }} as name
    from statuses

    union all

    select
        'experiment' as subject,
        {{ cast_as('id', 'bigint') }} as source_id,
        {{ cast_as(source_number('reference_number', rb_type), 'varchar') }} as name
    from experiments
),

final as (
    select
        {{ cast_as('subject', 'varchar') }} as subject,
        source_id,
        name
    from names
    where name is not null
)

select * from final
