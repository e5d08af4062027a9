-- One day's records as a hand-written nightly script would make them: the jobs created on that day, by primary
-- key from a remembered id on; no look-back, no missing runs, nothing about earlier days.
-- $first_id, $starts_at and $ends_at are bound.
create or replace temp table day_jobs as
select
    runs.id,
    coalesce(instruments.name, 'unknown') as instrument,
    lower(statuses.value) as status,
    runs.started_by,
    runs.batch_run,
    runs.created,
    numbers.run_number,
    case
        when lower(statuses.value) = 'c' and runs.finished >= runs.started
            then epoch(runs.finished - runs.started)
    end as exe_time
from source.reduction_viewer_reductionrun as runs
join source.reduction_viewer_status as statuses on statuses.id = runs.status_id
left join source.reduction_viewer_instrument as instruments on instruments.id = runs.instrument_id
left join (
    select reduction_run_id, min(run_number) as run_number
    from source.reduction_viewer_runnumber
    where reduction_run_id >= $first_id
    group by reduction_run_id
) as numbers on numbers.reduction_run_id = runs.id
where runs.id >= $first_id and runs.created >= $starts_at and runs.created < $ends_at;

create or replace temp table day_records as
with

last_of_run as (
    select instrument, status
    from day_jobs
    where not batch_run and run_number is not null
    qualify row_number() over (partition by instrument, run_number order by created desc, id desc) = 1
),

runs as (
    select
        instrument,
        count(*) as runs_total,
        count(*) filter (status = 'c') as runs_passed,
        count(*) filter (status = 'e') as runs_failed
    from last_of_run
    group by instrument
)

select
    day_jobs.instrument,
    $day as day,
    count(*) as jobs_total,
    count(*) filter (status = 'c') as jobs_passed,
    count(*) filter (status = 'e') as jobs_failed,
    count(*) filter (started_by = 0) as started_by_auto,
    count(*) filter (started_by = -1) as started_by_devs,
    count(*) filter (started_by > 0) as started_by_users,
    avg(exe_time) as avg_exe_time,
    quantile_disc(exe_time, 0.5) as median_exe_time,
    quantile_disc(exe_time, 0.95) as p95_exe_time,
    any_value(runs.runs_total) as runs_total,
    any_value(runs.runs_passed) as runs_passed,
    any_value(runs.runs_failed) as runs_failed
from day_jobs
left join runs using (instrument)
group by day_jobs.instrument;

begin;
create table if not exists day_by_day as select * from day_records where false;
delete from day_by_day where day = $day;
insert into day_by_day select * from day_records;
commit;
