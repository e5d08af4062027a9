with

states as (
    select * from {{ ref('fct_instrument_states') }}
),

polled_days as (
    select * from {{ ref('int_polled_days') }}
),

-- How long the instrument had been up in all before each interval.
counted as (
    select
        *,
        sum(case when state = 'up' then seconds else 0 end) over (
            partition by instrument
            order by starts_at
            rows between unbounded preceding and current row
        ) as up_seconds_before,
        max(ends_at) over (partition by instrument) as last_ends_at
    from states
),

down as (
    select
        *,
        up_seconds_before - lag(up_seconds_before) over (
            partition by instrument
            order by starts_at
        ) as up_seconds_between
    from counted
    where state = 'down'
),

-- Short spells of up between two of them do not end an outage.
begun as (
    select
        *,
        case
            when is_failure and (up_seconds_between is null or up_seconds_between >= {{ var('short_uptime') }})
                then 1
            else 0
        end as is_new
    from down
),

numbered as (
    select
        *,
        sum(is_new) over (
            partition by instrument
            order by starts_at
            rows between unbounded preceding and current row
        ) as outage_number
    from begun
),

reasons as (
    select
        instrument,
        outage_number,
        min(starts_at) as starts_at
    from numbered
    where reason is not null
    group by instrument, outage_number
),

outages as (
    select
        instrument,
        outage_number,
        min(starts_at) as started_at,
        max(ends_at) as ended_at,
        max(last_ends_at) as last_ends_at,
        sum(seconds) as down_seconds
    from numbered
    group by instrument, outage_number
),

-- Outside the windows, polls alone tell whether an outage goes on.
states_now as (
    select
        instrument,
        max(last_state) as state
    from polled_days
    group by instrument
),

final as (
    select
        outages.instrument,
        numbered.reason,

        outages.down_seconds,

        outages.started_at,
        case
            when outages.ended_at < outages.last_ends_at then outages.ended_at
            {%- if var('availability_first_state') %}
            when outages.ended_at < {{ as_of() }} then outages.ended_at
            {%- else %}
            when states_now.state <> 'down' then outages.ended_at
            {%- endif %}
        end as ended_at
    from outages
    left join reasons
        on outages.instrument = reasons.instrument
        and outages.outage_number = reasons.outage_number
    left join numbered
        on reasons.instrument = numbered.instrument
        and reasons.starts_at = numbered.starts_at
    inner join states_now on outages.instrument = states_now.instrument
)

select * from final
