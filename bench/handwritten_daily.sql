-- The daily table as one would write it by hand for DuckDB: one query over the attached source, no state.
-- $zone and $as_of are bound.
with

jobs as (
    select
        runs.id,
        coalesce(instruments.name, 'unknown') as instrument,
        lower(statuses.value) as status,
        runs.started_by,
        runs.batch_run,
        runs.created,
        runs.started,
        runs.finished,
        coalesce(runs.finished, runs.last_updated) as ended,
        cast(timezone($zone, timezone('UTC', runs.created)) as date) as day,
        numbers.run_number
    from source.reduction_viewer_reductionrun as runs
    join source.reduction_viewer_status as statuses on statuses.id = runs.status_id
    left join source.reduction_viewer_instrument as instruments on instruments.id = runs.instrument_id
    left join (
        select reduction_run_id, min(run_number) as run_number
        from source.reduction_viewer_runnumber
        group by reduction_run_id
    ) as numbers on numbers.reduction_run_id = runs.id
),

counts as (
    select
        instrument,
        day,
        count(*) as jobs_total,
        count(*) filter (status = 'c') as jobs_passed,
        count(*) filter (status = 'e') as jobs_failed,
        count(*) filter (status = 's') as jobs_skipped,
        count(*) filter (status in ('q', 'p')) as jobs_pending,
        count(*) filter (batch_run) as jobs_batch,
        count(*) filter (started_by = 0) as started_by_auto,
        count(*) filter (started_by = -1) as started_by_devs,
        count(*) filter (started_by > 0) as started_by_users,
        count(*) filter (started_by is null or started_by < -1) as started_by_unknown,
        count(exe_time) as exe_time_count,
        coalesce(sum(exe_time), 0) as exe_time_sum,
        quantile_disc(exe_time, 0.5) as median_exe_time,
        quantile_disc(exe_time, 0.95) as p95_exe_time,
        max(exe_time) as max_exe_time
    from (
        select
            *,
            case when status = 'c' and finished >= started then epoch(finished - started) end as exe_time
        from jobs
    )
    group by instrument, day
),

last_of_run as (
    select instrument, day, run_number, status
    from jobs
    where not batch_run and run_number is not null
    qualify row_number() over (partition by instrument, run_number, day order by created desc, id desc) = 1
),

runs as (
    select
        instrument,
        day,
        count(*) as runs_total,
        count(*) filter (status = 'c') as runs_passed,
        count(*) filter (status = 'e') as runs_failed,
        count(*) filter (status not in ('c', 'e')) as runs_other
    from last_of_run
    group by instrument, day
),

ends as (
    select
        instrument,
        run_number,
        status,
        cast(timezone($zone, timezone('UTC', ended)) as date) as day,
        lag(status) over run as status_before,
        row_number() over (
            partition by instrument, run_number, cast(timezone($zone, timezone('UTC', ended)) as date)
            order by ended desc, id desc
        ) as place_from_end
    from jobs
    where not batch_run and run_number is not null and status in ('c', 'e')
    window run as (partition by instrument, run_number order by ended, id)
),

resolved as (
    select instrument, day, count(*) as resolved_runs
    from (
        select instrument, run_number, day
        from ends
        group by instrument, run_number, day
        having bool_or(status = 'c' and status_before = 'e') and bool_or(place_from_end = 1 and status = 'c')
    )
    group by instrument, day
),

cells as (
    select
        instrument,
        unnest(generate_series(
            min(day), cast(timezone($zone, timezone('UTC', cast($as_of as timestamp))) as date), interval 1 day
        ))::date as day
    from counts
    group by instrument
)

select
    cells.instrument,
    cells.day,
    coalesce(jobs_total, 0) as jobs_total,
    coalesce(jobs_passed, 0) as jobs_passed,
    coalesce(jobs_failed, 0) as jobs_failed,
    coalesce(jobs_skipped, 0) as jobs_skipped,
    coalesce(jobs_pending, 0) as jobs_pending,
    coalesce(jobs_batch, 0) as jobs_batch,
    coalesce(started_by_auto, 0) as started_by_auto,
    coalesce(started_by_devs, 0) as started_by_devs,
    coalesce(started_by_users, 0) as started_by_users,
    coalesce(started_by_unknown, 0) as started_by_unknown,
    coalesce(exe_time_count, 0) as exe_time_count,
    coalesce(exe_time_sum, 0) as exe_time_sum,
    median_exe_time,
    p95_exe_time,
    max_exe_time,
    coalesce(runs_total, 0) as runs_total,
    coalesce(runs_passed, 0) as runs_passed,
    coalesce(runs_failed, 0) as runs_failed,
    coalesce(runs_other, 0) as runs_other,
    coalesce(resolved_runs, 0) as resolved_runs
from cells
left join counts using (instrument, day)
left join runs using (instrument, day)
left join resolved using (instrument, day)
