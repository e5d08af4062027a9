{%- set from_collection = first_new_look('archive', 'fct_file_counts') -%}

with

collections as (
    select * from {{ observed('obs_collections', {
        'collection_id': 'bigint', 'state': 'varchar', 'started_at': 'timestamp', 'ended_at': 'timestamp'
    }) }}
),

counts as (
    select * from {{ observed('obs_file_counts', {
        'location': 'varchar', 'file_type': 'varchar', 'instrument': 'varchar', 'experiment': 'varchar',
        'cycle': 'varchar', 'count': 'bigint', 'bytes': 'bigint', 'newest_modified_at': 'timestamp',
        'expected': 'bigint', 'settle_seconds': 'bigint', 'last_run_number': 'bigint', 'accepts_loss': 'bigint',
        'collection_id': 'bigint'
    }, from_collection) }}
),

final as (
    select
        {{ file_count_key('counts') }} as file_count_key,
        {{ cast_as('counts.location', 'varchar') }} as location,
        {{ cast_as('counts.file_type', 'varchar') }} as file_type,
        {{ cast_as('counts.instrument', 'varchar') }} as instrument,
        {{ cast_as('counts.experiment', 'varchar') }} as experiment,
        {{ cast_as('counts.cycle', 'varchar') }} as cycle,

        {{ cast_as('counts.count', 'bigint') }} as files,
        {{ cast_as('counts.bytes', 'bigint') }} as bytes,
        {{ cast_as('counts.expected', 'bigint') }} as expected,
        {{ cast_as('counts.settle_seconds', 'bigint') }} as settle_seconds,
        {{ cast_as('counts.last_run_number', 'bigint') }} as announced_run_number,
        counts.accepts_loss = 1 as accepts_loss,

        {{ cast_as('counts.newest_modified_at', 'timestamp') }} as newest_modified_at,
        {{ cast_as('collections.started_at', 'timestamp') }} as started_at,
        {{ cast_as('collections.ended_at', 'timestamp') }} as ended_at,
        {{ cast_as('counts.collection_id', 'bigint') }} as collection_id
    from counts
    inner join collections on counts.collection_id = collections.collection_id
    where collections.state = 'complete'
)

select * from final
