{{ config(materialized='table') }}

with

beam_cycles as (
    select * from {{ ref('beam_cycles') }}
),

-- The seed holds a cycle's days in one cell.
days as (
    {{ expand_list('beam_cycles', ['cycle'], 'maintenance_days', ' ', 'day_text', 'varchar(10)') }}
),

final as (
    select distinct
        cycle,
        {{ cast_as('day_text', 'date') }} as day
    from days
    where day_text <> ''
)

select * from final
