with

instrument_days as (
    select * from {{ ref('int_instrument_days') }}
),

resolved_runs as (
    select * from {{ ref('fct_resolved_runs') }}
),

days as (
    select * from {{ ref('dim_days') }}
),

first_days as (
    select
        instrument,
        min(day) as first_day
    from instrument_days
    group by instrument
),

-- Every day since the instrument's first: a day without a job is a zero, not a gap.
cells as (
    select
        first_days.instrument,
        days.day,
        days.ends_at,
        days.cycle,
        days.is_maintenance_day
    from first_days
    inner join days on first_days.first_day <= days.day
    where days.day <= {{ as_of_day() }}
),

resolved as (
    select
        instrument,
        resolved_day,
        count(*) as resolved_runs
    from resolved_runs
    group by instrument, resolved_day
),

final as (
    select
        {{ dbt.concat(['cells.instrument', "'|'", cast_as('cells.day', 'varchar')]) }} as instrument_day_key,
        cells.day,
        cells.instrument,

        coalesce(instrument_days.jobs_total, 0) as jobs_total,
        coalesce(instrument_days.jobs_passed, 0) as jobs_passed,
        coalesce(instrument_days.jobs_failed, 0) as jobs_failed,
        coalesce(instrument_days.jobs_skipped, 0) as jobs_skipped,
        coalesce(instrument_days.jobs_pending, 0) as jobs_pending,
        coalesce(instrument_days.jobs_other, 0) as jobs_other,
        coalesce(instrument_days.jobs_batch, 0) as jobs_batch,

        coalesce(instrument_days.started_by_auto, 0) as started_by_auto,
        coalesce(instrument_days.started_by_devs, 0) as started_by_devs,
        coalesce(instrument_days.started_by_users, 0) as started_by_users,
        coalesce(instrument_days.started_by_unknown, 0) as started_by_unknown,

        coalesce(instrument_days.exe_time_count, 0) as exe_time_count,
        {{ divide('coalesce(instrument_days.exe_time_sum_us, 0)', 1000000) }} as exe_time_sum,
        case
            when instrument_days.exe_time_count > 0
                then {{ divide('instrument_days.exe_time_sum_us', 1000000) }} / instrument_days.exe_time_count
        end as avg_exe_time,
        {{ divide('instrument_days.median_exe_time_us', 1000000) }} as median_exe_time,
        {{ divide('instrument_days.p95_exe_time_us', 1000000) }} as p95_exe_time,
        {{ divide('instrument_days.max_exe_time_us', 1000000) }} as max_exe_time,

        coalesce(instrument_days.runs_total, 0) as runs_total,
        coalesce(instrument_days.runs_passed, 0) as runs_passed,
        coalesce(instrument_days.runs_failed, 0) as runs_failed,
        coalesce(instrument_days.runs_other, 0) as runs_other,
        coalesce(resolved.resolved_runs, 0) as resolved_runs,

        cells.cycle,
        cells.is_maintenance_day,
        cells.ends_at <= {{ as_of() }} as is_complete
    from cells
    left join instrument_days
        on cells.instrument = instrument_days.instrument
        and cells.day = instrument_days.day
    left join resolved
        on cells.instrument = resolved.instrument
        and cells.day = resolved.resolved_day
)

select * from final
