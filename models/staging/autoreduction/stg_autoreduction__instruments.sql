with

instruments as (
    select * from {{ source('autoreduction', 'reduction_viewer_instrument') }}
),

final as (
    select
        cast(id as bigint) as instrument_id,
        cast(name as varchar) as instrument,
        cast(is_active as boolean) as is_active,
        cast(is_paused as boolean) as is_paused
    from instruments
)

select * from final
