with

collections as (
    select * from {{ observed('obs_collections', {'collection_id': 'bigint', 'state': 'varchar'}) }}
),

polls as (
    select * from {{ observed('obs_polls', {
        'instrument': 'varchar', 'state': 'varchar', 'polled_at': 'timestamp', 'reason': 'varchar', 'collection_id': 'bigint'
    }) }}
),

final as (
    select
        {{ cast_as('polls.instrument', 'varchar') }} as instrument,
        {{ cast_as('polls.state', 'varchar') }} as state,
        {{ cast_as('polls.reason', 'varchar') }} as reason,
        {{ cast_as('polls.polled_at', 'timestamp') }} as polled_at,
        {{ cast_as('polls.collection_id', 'bigint') }} as collection_id
    from polls
    inner join collections on polls.collection_id = collections.collection_id
    where collections.state = 'complete'
)

select * from final
