with

instruments as (
    select * from {{ source('autoreduction', 'reduction_viewer_instrument') }}
),

final as (
    select
        {{ cast_as('id', 'bigint') }} as instrument_id,
        {{ cast_as('name', 'varchar') }} as instrument,
        {{ source_flag('is_active') }} as is_active,
        {{ source_flag('is_paused') }} as is_paused
    from instruments
)

select * from final
