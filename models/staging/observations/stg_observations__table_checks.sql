{%- set from_collection = first_new_collection('freshness', 'int_table_checks') -%}

with

collections as (
    select * from {{ observed('obs_collections', {'collection_id': 'bigint', 'state': 'varchar'}) }}
),

checks as (
    select * from {{ observed('obs_table_checks', {
        'dbobject': 'varchar', '_table': 'varchar', '_column': 'varchar', '_server': 'varchar', '_db_type': 'varchar',
        '_last_update': 'timestamp', '_query_timestamp': 'timestamp', '_status': 'varchar',
        'duration_seconds': 'double precision', 'interval_seconds': 'bigint', 'warn_seconds': 'bigint',
        'error_seconds': 'bigint', 'collection_id': 'bigint'
    }, from_collection) }}
),

final as (
    select
        {{ table_key('checks.dbobject', 'checks._table', 'checks._column') }} as table_key,
        {{ cast_as('checks.dbobject', 'varchar') }} as dbobject,
        {{ cast_as('checks._table', 'varchar') }} as table_name,
        {{ cast_as('checks._column', 'varchar') }} as column_name,
        {{ cast_as('checks._server', 'varchar') }} as server,
        {{ cast_as('checks._db_type', 'varchar') }} as db_type,
        {{ cast_as('checks._status', 'varchar') }} as status,

        {{ cast_as('checks.duration_seconds', 'double precision') }} as duration_seconds,
        {{ cast_as('checks.interval_seconds', 'bigint') }} as interval_seconds,
        {{ cast_as('checks.warn_seconds', 'bigint') }} as warn_after_seconds,
        {{ cast_as('checks.error_seconds', 'bigint') }} as error_after_seconds,

        {{ cast_as('checks._last_update', 'timestamp') }} as last_update,
        {{ cast_as('checks._query_timestamp', 'timestamp') }} as checked_at,
        {{ cast_as('checks.collection_id', 'bigint') }} as collection_id
    from checks
    inner join collections on checks.collection_id = collections.collection_id
    where collections.state = 'complete'
)

select * from final
