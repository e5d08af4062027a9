with

polled_days as (
    select * from {{ ref('int_polled_days') }}
    where number >= 0
),

states as (
    select * from {{ ref('fct_instrument_states') }}
),

sums as (
    select
        instrument,
        day,
        sum(seconds) as scheduled_seconds,
        sum(case when state = 'up' then seconds else 0 end) as up_seconds,
        sum(case when state = 'down' then seconds else 0 end) as down_seconds,
        sum(case when state = 'unknown' then seconds else 0 end) as unknown_seconds,
        count(case when is_failure then 1 end) as failures
    from states
    group by instrument, day
),

-- What touches is one time down, whatever reasons were given for its parts.
down as (
    select
        instrument,
        day,
        starts_at,
        seconds,
        case
            when starts_at = lag(ends_at) over (
                partition by instrument, day
                order by starts_at
            ) then 0 else 1
        end as is_new
    from states
    where state = 'down'
),

numbered as (
    select
        *,
        sum(is_new) over (
            partition by instrument, day
            order by starts_at
            rows between unbounded preceding and current row
        ) as down_number
    from down
),

times_down as (
    select
        instrument,
        day,
        sum(seconds) as seconds
    from numbered
    group by instrument, day, down_number
),

longest as (
    select
        instrument,
        day,
        max(seconds) as seconds
    from times_down
    group by instrument, day
),

-- Every day since the first poll: a day on which the instrument is not meant to be available has no scheduled second.
final as (
    select
        {{ dbt.concat([
            'polled_days.instrument', "'|'", cast_as('polled_days.day', 'varchar')
        ]) }} as availability_day_key,
        polled_days.day,
        polled_days.instrument,

        coalesce(sums.scheduled_seconds, 0) as scheduled_seconds,
        coalesce(sums.up_seconds, 0) as up_seconds,
        coalesce(sums.down_seconds, 0) as down_seconds,
        coalesce(sums.unknown_seconds, 0) as unknown_seconds,
        coalesce(sums.failures, 0) as failures,
        coalesce(longest.seconds, 0) as longest_down_seconds
    from polled_days
    left join sums
        on polled_days.instrument = sums.instrument
        and polled_days.day = sums.day
    left join longest
        on polled_days.instrument = longest.instrument
        and polled_days.day = longest.day
)

select * from final
