with

states as (
    select * from {{ ref('fct_instrument_states') }}
),

daily as (
    select * from {{ ref('fct_availability_daily') }}
),

polled_days as (
    select * from {{ ref('int_polled_days') }}
),

-- The running day is that of the instrument's own clock.
running_days as (
    select
        instrument,
        max(day) as running_day
    from daily
    group by instrument
),

in_order as (
    select
        instrument,
        state,
        ends_at,
        row_number() over (partition by instrument order by starts_at desc) as number
    from states
),

last_polls as (
    select
        instrument,
        max(last_state) as state
    from polled_days
    group by instrument
),

-- What it is within its operating hours. One that was down at closing time may have come back since.
states_now as (
    select
        in_order.instrument,
        case
            when in_order.state <> 'down' then in_order.state
            {%- if var('availability_first_state') %}
            when in_order.ends_at < {{ as_of() }} then 'unknown'
            else in_order.state
            {%- else %}
            else last_polls.state
            {%- endif %}
        end as state
    from in_order
    inner join last_polls on in_order.instrument = last_polls.instrument
    where in_order.number = 1
),

last_hour as (
    select
        instrument,
        state,
        greatest(starts_at, {{ dbt.dateadd('hour', -1, as_of()) }}) as starts_at,
        ends_at
    from states
    where ends_at > {{ dbt.dateadd('hour', -1, as_of()) }}
),

measured as (
    select
        instrument,
        state,
        {{ divide(dbt.datediff('starts_at', 'ends_at', 'microsecond'), 1000000) }} as seconds
    from last_hour
),

last_week as (
    select
        daily.instrument,
        daily.up_seconds,
        daily.down_seconds,
        daily.unknown_seconds,
        {{ dbt.datediff('daily.day', 'running_days.running_day', 'day') }} as days_ago
    from daily
    inner join running_days on daily.instrument = running_days.instrument
),

lately as (
    select
        instrument,
        'hour' as span,
        case when state = 'up' then seconds else 0 end as up_seconds,
        case when state = 'down' then seconds else 0 end as down_seconds,
        case when state = 'unknown' then seconds else 0 end as unknown_seconds
    from measured

    union all

    select
        instrument,
        'day' as span,
        up_seconds,
        down_seconds,
        unknown_seconds
    from last_week
    where days_ago = 1

    union all

    select
        instrument,
        'week' as span,
        up_seconds,
        down_seconds,
        unknown_seconds
    from last_week
    where days_ago between 1 and 7
),

sums as (
    select
        running_days.instrument,

        {{ divide("sum(case when span = 'hour' then up_seconds else 0 end)", 60) }} as uptime_last_hour,
        {{ divide("sum(case when span = 'day' then up_seconds else 0 end)", 3600) }} as uptime_last_day,
        {{ divide("sum(case when span = 'week' then up_seconds else 0 end)", 3600) }} as uptime_last_week,

        {{ divide("sum(case when span = 'hour' then down_seconds else 0 end)", 60) }} as downtime_last_hour,
        {{ divide("sum(case when span = 'day' then down_seconds else 0 end)", 3600) }} as downtime_last_day,
        {{ divide("sum(case when span = 'week' then down_seconds else 0 end)", 3600) }} as downtime_last_week,

        {{ divide("sum(case when span = 'hour' then unknown_seconds else 0 end)", 60) }} as unknown_last_hour,
        {{ divide("sum(case when span = 'day' then unknown_seconds else 0 end)", 3600) }} as unknown_last_day,
        {{ divide("sum(case when span = 'week' then unknown_seconds else 0 end)", 3600) }} as unknown_last_week
    from running_days
    left join lately on running_days.instrument = lately.instrument
    group by running_days.instrument
),

final as (
    select
        sums.instrument,
        states_now.state,
        sums.uptime_last_hour,
        sums.uptime_last_day,
        sums.uptime_last_week,
        sums.downtime_last_hour,
        sums.downtime_last_day,
        sums.downtime_last_week,
        sums.unknown_last_hour,
        sums.unknown_last_day,
        sums.unknown_last_week,
        100 * uptime_last_hour / nullif(uptime_last_hour + downtime_last_hour, 0) as availability_last_hour,
        100 * uptime_last_day / nullif(uptime_last_day + downtime_last_day, 0) as availability_last_day,
        100 * uptime_last_week / nullif(uptime_last_week + downtime_last_week, 0) as availability_last_week
    from sums
    left join states_now on sums.instrument = states_now.instrument
)

select * from final
