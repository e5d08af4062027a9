{#- Collectors keep their rows for `observation_days` only: this copy is never built from scratch. -#}
{{
    config(
        unique_key='message_id',
        full_refresh=false,
        tags=['live'],
        indexes=server_indexes([['message_id'], ['instrument', 'run_number'], ['announced_at'], ['received_at']])
    )
}}

with

messages as (
    select * from {{ ref('stg_observations__messages') }}
),

-- A message that comes again after the collector has forgotten it is the same one.
final as (
    select
        messages.message_id,
        messages.topic,
        messages.instrument,
        messages.rb_number,
        messages.run_number,
        messages.announced_at,
        messages.received_at,
        messages.collection_id
    from messages
    {% if is_incremental() -%}
    left join {{ this }} as known on messages.message_id = known.message_id
    where known.message_id is null
    {%- endif %}
)

select * from final
