{#- Collectors keep their rows for `observation_days` only: even a full refresh keeps what this copy has. -#}
{{
    config(
        unique_key=['instrument', 'polled_at'],
        indexes=server_indexes([['instrument', 'polled_at'], ['collection_id'], ['load_number']])
    )
}}
{%- set copied = own_copy('int_polls') -%}
{%- set has_loads = copied and 'load_number' in existing_columns(copied) -%}

with

polls as (
    select * from {{ ref('stg_observations__polls') }}
    {% if copied -%}
    where collection_id not in (select collection_id from {{ copied }})
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
    select
        winners.*,
        {{ cast_as(next_load(copied if has_loads else none), 'bigint') }} as load_number
    from winners
    {% if copied -%}
    left join {{ copied }} as known
        on winners.instrument = known.instrument
        and winners.polled_at = known.polled_at
    where known.collection_id is null or known.collection_id < winners.collection_id
    {%- endif %}
    {%- if copied and not is_incremental() %}

    union all

    select
        known.instrument,
        known.state,
        known.reason,
        known.polled_at,
        known.collection_id,
        {{ 'known.load_number' if has_loads else '0' }} as load_number
    from {{ copied }} as known
    left join winners
        on known.instrument = winners.instrument
        and known.polled_at = winners.polled_at
    where winners.collection_id is null or winners.collection_id < known.collection_id
    {%- endif %}
)

select * from final
