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
        count(case when is_failure then 1 end) as failures,
        sum({{ dbt.datediff('starts_at', 'ends_at', 'microsecond') }}) as microseconds
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

-- The running day ends at the moment of the statistics.
days as (
    select
        instrument,
        day,
        starts_at,
        least(ends_at, {{ as_of() }}) as ends_at
    from polled_days
),

measured as (
    select
        instrument,
        day,
        {{ dbt.datediff('starts_at', 'ends_at', 'microsecond') }} as microseconds
    from days
),

-- Every day since the first poll: a day on which the instrument is not meant to be available has no scheduled second.
final as (
    select
        {{ dbt.concat([
            'measured.instrument', "'|'", cast_as('measured.day', 'varchar')
        ]) }} as availability_day_key,
        measured.day,
        measured.instrument,

        coalesce(sums.scheduled_seconds, 0) as scheduled_seconds,
        {{ divide("measured.microseconds - coalesce(sums.microseconds, 0)", 1000000) }} as unscheduled_seconds,
        coalesce(sums.up_seconds, 0) as up_seconds,
        coalesce(sums.down_seconds, 0) as down_seconds,
        coalesce(sums.unknown_seconds, 0) as unknown_seconds,
        coalesce(sums.failures, 0) as failures,
        coalesce(longest.seconds, 0) as longest_down_seconds
    from measured
    left join sums
        on measured.instrument = sums.instrument
        and measured.day = sums.day
    left join longest
        on measured.instrument = longest.instrument
        and measured.day = longest.day
)

select * from final
