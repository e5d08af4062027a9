with

instruments as (
    select * from {{ source('autoreduction', 'reduction_viewer_instrument') }}
),

final as (
    select
        {{ cast_as('id', 'bigint') }} as instrument_id,
        {{ cast_as('name', 'varchar') }} as instrument,
        {{ cast_as('is_active', 'boolean') }} as is_active,
        {{ cast_as('is_paused', 'boolean') }} as is_paused
    from instruments
)

select * from final
