{{ config(tags=['live']) }}
{%- set from_collection = first_new_look('listen', 'int_messages', 'received_at') -%}

with

collections as (
    select * from {{ observed('obs_collections', {'collection_id': 'bigint', 'state': 'varchar'}) }}
),

messages as (
    select * from {{ observed('obs_messages', {
        'message_id': 'varchar', 'topic': 'varchar', 'instrument': 'varchar', 'run_number': 'bigint', 'rb_number': 'varchar',
        'sent_at': 'timestamp', 'received_at': 'timestamp', 'collection_id': 'bigint'
    }, from_collection) }}
),

-- No message was sent after it was received, whatever the sender's clock says.
final as (
    select
        {{ cast_as('messages.message_id', 'varchar') }} as message_id,
        {{ cast_as('messages.topic', 'varchar') }} as topic,
        {{ cast_as('messages.instrument', 'varchar') }} as instrument,
        {{ cast_as('messages.rb_number', 'varchar') }} as rb_number,

        {{ cast_as('messages.run_number', 'bigint') }} as run_number,

        least(
            {{ cast_as('coalesce(messages.sent_at, messages.received_at)', 'timestamp') }},
            {{ cast_as('messages.received_at', 'timestamp') }}
        ) as announced_at,
        {{ cast_as('messages.received_at', 'timestamp') }} as received_at,
        {{ cast_as('messages.collection_id', 'bigint') }} as collection_id
    from messages
    inner join collections on messages.collection_id = collections.collection_id
    where collections.state = 'complete'
)

select * from final
