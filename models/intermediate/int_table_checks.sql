select
    {{ cast_as('null', 'varchar') }} as table_key,
    {{ cast_as('null', 'timestamp') }} as checked_at,
    {{ cast_as('null', 'timestamp') }} as last_update,
    {{ cast_as('null', 'bigint') }} as interval_seconds
where false
