with

known_runs as (
    select * from {{ ref('int_known_runs') }}
    where is_out_of_sequence and next_run_number - run_number - 1 <= {{ setting('max_gap') }}
),

ignored_runs as (
    select * from {{ ref('ignored_runs') }}
),

days as (
    select * from {{ ref('dim_days') }}
),

-- Each number between two consecutive known ones; the arrival of the second reveals the gap.
never_arrived as (
    {{ expand_range(
        'known_runs',
        ['instrument', 'next_arrived_at as noticed_at', 'next_arrived_day as noticed_day'],
        'run_number + 1',
        'next_run_number - 1',
        'run_number'
    ) }}
    where next_run_number > run_number + 1
),

ignored as (
    select
        never_arrived.instrument,
        never_arrived.run_number,
        min(ignored_runs.reason) as reason
    from never_arrived
    inner join ignored_runs
        on never_arrived.instrument = ignored_runs.instrument
        and never_arrived.run_number between ignored_runs.first_run_number and ignored_runs.last_run_number
    group by never_arrived.instrument, never_arrived.run_number
),

missing as (
    select
        never_arrived.instrument,
        never_arrived.run_number,
        case when ignored.run_number is null then 'open' else 'ignored' end as state,
        ignored.reason as ignored_reason,
        {{ cast_as('null', 'timestamp') }} as arrived_at,
        never_arrived.noticed_at,
        never_arrived.noticed_day
    from never_arrived
    left join ignored
        on never_arrived.instrument = ignored.instrument
        and never_arrived.run_number = ignored.run_number

    union all

    -- Known now, but only since a later day than the number after it.
    select
        instrument,
        run_number,
        'arrived' as state,
        {{ cast_as('null', 'varchar') }} as ignored_reason,
        arrived_at,
        next_arrived_at as noticed_at,
        next_arrived_day as noticed_day
    from known_runs
    where arrived_day > next_arrived_day
),

final as (
    select
        missing.instrument,
        'gap' as kind,
        missing.state,
        missing.ignored_reason,
        days.cycle,

        missing.run_number,

        missing.noticed_at,
        missing.arrived_at,
        missing.noticed_day
    from missing
    left join days on missing.noticed_day = days.day
)

select * from final
