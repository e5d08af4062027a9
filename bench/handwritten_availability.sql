-- What a careful person would write for this data: a poll every five minutes, one window a day, one time zone.
with polls as (
    select
        instrument,
        state,
        polled_at,
        lead(polled_at, 1, $as_of) over (partition by instrument order by polled_at) as until
    from source.autostats.int_polls
    where polled_at <= $as_of
),

days as (
    select
        instrument,
        unnest(generate_series(
            cast(timezone($zone, timezone('UTC', min(polled_at))) as date),
            cast(timezone($zone, timezone('UTC', $as_of)) as date),
            interval 1 day
        )) as day
    from source.autostats.int_polls
    group by instrument
),

windows as (
    select
        days.instrument,
        cast(days.day as date) as day,
        timezone('UTC', timezone($zone, days.day + coalesce(cast(hours.start_time_local as interval), interval 0 hour)))
            as starts_at,
        least(
            timezone('UTC', timezone($zone, days.day + coalesce(cast(hours.end_time_local as interval), interval 24 hour))),
            $as_of
        ) as ends_at
    from days
    left join source.autostats.operating_hours as hours
        on days.instrument = hours.instrument and isodow(days.day) = hours.day + 1
    where hours.day is not null or days.instrument not in (select instrument from source.autostats.operating_hours)
),

-- An interval that passes midnight is in two days.
pieces as (
    select instrument, state, polled_at, until, cast(timezone($zone, timezone('UTC', polled_at)) as date) as day
    from polls
    union all
    select instrument, state, polled_at, until, cast(timezone($zone, timezone('UTC', until)) as date) as day
    from polls
    where cast(timezone($zone, timezone('UTC', until)) as date)
        > cast(timezone($zone, timezone('UTC', polled_at)) as date)
),

sums as (
    select
        windows.instrument,
        windows.day,
        pieces.state,
        sum(epoch(least(pieces.until, windows.ends_at) - greatest(pieces.polled_at, windows.starts_at))) as seconds
    from pieces
    inner join windows on pieces.instrument = windows.instrument and pieces.day = windows.day
    where pieces.polled_at < windows.ends_at and pieces.until > windows.starts_at
    group by all
)

select
    windows.instrument,
    windows.day,
    epoch(any_value(windows.ends_at) - any_value(windows.starts_at)) as scheduled_seconds,
    coalesce(sum(sums.seconds) filter (where sums.state = 'up'), 0) as up_seconds,
    coalesce(sum(sums.seconds) filter (where sums.state = 'down'), 0) as down_seconds
from windows
left join sums on windows.instrument = sums.instrument and windows.day = sums.day
where windows.starts_at < windows.ends_at
group by all
