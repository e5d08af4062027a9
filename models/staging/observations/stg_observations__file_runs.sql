{%- set from_collection = first_new_look('archive', 'fct_file_counts') -%}

with

file_runs as (
    select * from {{ observed('obs_file_runs', {
        'location': 'varchar', 'file_type': 'varchar', 'instrument': 'varchar', 'cycle': 'varchar',
        'first_run_number': 'bigint', 'last_run_number': 'bigint', 'is_settled': 'bigint', 'collection_id': 'bigint'
    }, from_collection) }}
),

final as (
    select
        {{ file_count_key('file_runs') }} as file_count_key,

        {{ cast_as('first_run_number', 'bigint') }} as first_run_number,
        {{ cast_as('last_run_number', 'bigint') }} as last_run_number,
        is_settled = 1 as is_settled,

        {{ cast_as('collection_id', 'bigint') }} as collection_id
    from file_runs
)

select * from final
