{#- Collectors keep their rows for `observation_days` only: this copy is never built from scratch. -#}
{{
    config(
        unique_key=['instrument', 'polled_at'],
        full_refresh=false,
        indexes=server_indexes([['instrument', 'polled_at'], ['collection_id']])
    )
}}

with

polls as (
    select * from {{ ref('stg_observations__polls') }}
    {% if is_incremental() -%}
    where collection_id not in (select collection_id from {{ this }})
    {%- endif %}
),

-- Of two polls at one instant, the later import wins; within one import, down wins, and then up.
ranked as (
    select
        instrument,
        polled_at,
        max(collection_id * 4 + case state when 'down' then 3 when 'up' then 2 else 1 end) as winner
    from polls
    group by instrument, polled_at
),

winners as (
    select
        polls.instrument,
        polls.state,
        max(polls.reason) as reason,
        polls.polled_at,
        polls.collection_id
    from polls
    inner join ranked
        on polls.instrument = ranked.instrument
        and polls.polled_at = ranked.polled_at
        and polls.collection_id * 4 + case polls.state when 'down' then 3 when 'up' then 2 else 1 end = ranked.winner
    group by polls.instrument, polls.state, polls.polled_at, polls.collection_id
),

final as (
    select winners.*
    from winners
    {% if is_incremental() -%}
    left join {{ this }} as known
        on winners.instrument = known.instrument
        and winners.polled_at = known.polled_at
    where known.collection_id is null or known.collection_id < winners.collection_id
    {%- endif %}
)

select * from final
