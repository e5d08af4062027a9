with

instruments as (
    select * from {{ ref('stg_autoreduction__instruments') }}
),

instrument_days as (
    select * from {{ ref('int_instrument_days') }}
),

job_versions as (
    select * from {{ ref('int_job_versions') }}
),

known_runs as (
    select * from {{ ref('int_known_runs') }}
),

present_files as (
    {{ present_files() }}
),

-- Those in the source, and those that only our copy of the jobs still names, even if only on a deleted job.
names as (
    select instrument from instruments
    where instrument is not null
    union
    select instrument from job_versions
    where superseded_load is null
),

flags as (
    select
        instrument,
        max(case when is_active then 1 else 0 end) = 1 as is_active,
        max(case when is_paused then 1 else 0 end) = 1 as is_paused
    from instruments
    group by instrument
),

days as (
    select
        instrument,
        min(day) as first_day,
        max(day) as last_day
    from instrument_days
    group by instrument
),

last_runs as (
    select
        instrument,
        run_number
    from known_runs
    where next_run_number is null
),

-- The highest number that has a file, or that the instrument has announced.
archives as (
    select
        instrument,
        greatest(
            coalesce(max(last_run_number), max(announced_run_number)),
            coalesce(max(announced_run_number), max(last_run_number))
        ) as run_number
    from present_files
    group by instrument
),

-- Two runs may be on their way.
final as (
    select
        names.instrument,

        last_runs.run_number as last_run_number,
        archives.run_number as archive_last_run_number,

        coalesce(flags.is_active, false) as is_active,
        coalesce(flags.is_paused, false) as is_paused,
        coalesce(coalesce(last_runs.run_number, 0) < archives.run_number - 2, false) as is_behind,

        days.first_day,
        days.last_day
    from names
    left join flags on names.instrument = flags.instrument
    left join days on names.instrument = days.instrument
    left join last_runs on names.instrument = last_runs.instrument
    left join archives on names.instrument = archives.instrument
)

select * from final
