{{ config(materialized='view') }}

with

names as (
    select * from {{ ref('int_source_names') }}
    where subject = 'instrument'
),

-- The next name of the same instrument, however briefly it applies.
followed_names as (
    select
        *,
        lead(loaded_at) over (partition by source_id order by load_number) as renamed_at
    from names
),

names_now as (
    select
        source_id,
        name
    from names
    where superseded_load is null
),

final as (
    select
        followed_names.name_key as renaming_key,

        followed_names.name as instrument_before,
        names_now.name as instrument,

        followed_names.loaded_at as named_at,
        followed_names.renamed_at
    from followed_names
    inner join names_now on followed_names.source_id = names_now.source_id
    where
        followed_names.superseded_load is not null
        and followed_names.name <> names_now.name
)

select * from final
