{%- set rb_type = source_types('reduction_viewer_experiment').reference_number -%}
{%- set names_software = readable_columns('reduction_viewer_software') | length > 0 -%}
-- The account need not be able to read this table.
-- depends_on: {{ source('autoreduction', 'reduction_viewer_software') }}
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

{% if names_software -%}
{%- set types = source_types('reduction_viewer_software') -%}
softwares as (
    select
        {{ cast_as('id', 'bigint') }} as id,
        {{ dbt.concat([
            'coalesce(' ~ source_text('name', types.name) ~ ", '')", "' '",
            'coalesce(' ~ source_text('version', types.version) ~ ", '')",
        ]) }} as name
    from {{ source('autoreduction', 'reduction_viewer_software') }}
),

{% endif -%}
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

    {%- if names_software %}

    union all

    select
        'software' as subject,
        id as source_id,
        {{ source_text('name') }} as name
    from softwares
    {%- endif %}
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
