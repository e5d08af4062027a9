with

instruments as (
    select * from {{ ref('dim_instruments') }}
    where instrument <> 'unknown'
),

recorded_days as (
    select * from {{ ref('fct_instrument_daily') }}
    where day <= {{ as_of_day() }}
),

jobs as (
    select * from {{ ref('fct_jobs') }}
    where not is_deleted and created_at <= {{ as_of() }}
),

cycles as (
    select * from {{ ref('dim_cycles') }}
    where last_day >= {{ dbt.dateadd('day', -365, as_of_day()) }} and first_day <= {{ as_of_day() }}
),

-- The newest job is on one of these days: all jobs of the last day may be after the moment of the statistics.
latest_days as (
    select
        instrument,
        day
    from recorded_days
    where day = {{ as_of_day() }}

    union all

    select
        instrument,
        max(day) as day
    from recorded_days
    where jobs_total > 0 and day < {{ as_of_day() }}
    group by instrument
),

newest_jobs as (
    select
        jobs.instrument,
        max(jobs.created_at) as last_created_at
    from jobs
    inner join latest_days
        on jobs.instrument = latest_days.instrument
        and jobs.day = latest_days.day
    group by jobs.instrument
),

-- Jobs are expected on whole days with beam; if no cycle is known in the last year, on all whole days.
days as (
    select
        instrument,
        day,
        jobs_total,
        is_complete
        and not is_maintenance_day
        and (cycle is not null or not exists (select * from cycles)) as is_expected
    from recorded_days
    where day >= {{ dbt.dateadd('day', -365, as_of_day()) }}
),

-- A stretch begins on a day with a job; the one before the first such day has none.
stretches as (
    select
        instrument,
        day,
        jobs_total,
        is_expected,
        count(case when jobs_total > 0 then 1 end) over (
            partition by instrument
            order by day
        ) as stretch
    from days
),

silences as (
    select
        instrument,
        stretch,
        count(case when jobs_total = 0 and is_expected then 1 end) as silent_days
    from stretches
    group by instrument, stretch
),

compared as (
    select
        instrument,
        stretch,
        silent_days,
        max(silent_days) over (
            partition by instrument
            order by stretch
            rows between unbounded preceding and 1 preceding
        ) as longest_before,
        row_number() over (
            partition by instrument
            order by stretch desc
        ) as place
    from silences
),

final as (
    select
        instruments.instrument,

        {{ divide(dbt.datediff('newest_jobs.last_created_at', as_of(), 'microsecond'), 3600000000) }} as age_hours,
        compared.silent_days,
        compared.longest_before,

        instruments.is_active,
        instruments.is_paused,
        -- One day is not worth reporting, however busy the instrument was before.
        coalesce(
            instruments.is_active
            and not instruments.is_paused
            and compared.silent_days >= 2
            and compared.silent_days > coalesce(compared.longest_before, 0),
            false
        ) as is_unusual,

        newest_jobs.last_created_at
    from instruments
    left join newest_jobs on instruments.instrument = newest_jobs.instrument
    left join compared
        on instruments.instrument = compared.instrument
        and compared.place = 1
        and compared.stretch > 0
)

select * from final
