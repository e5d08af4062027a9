-- The jobs created from `batch_first` to `batch_last`, both days included, in the order of creation.
create or replace temp table batch_jobs as
with created as (
    select * exclude (day) from first_jobs
    where not is_late and day between getvariable('batch_first') and getvariable('batch_last')
    union all by name
    select * exclude (day) from later_jobs
    where
        created >= getvariable('batch_first')::timestamp
        and created < getvariable('batch_last')::timestamp + interval 1 day
),

seen as (
    select
        *, job_started(created, outcome, wait) as started,
        job_finished(created, outcome, wait, seconds) as finished
    from created
)

select
    row_number() over (
        order by s.created, s.instrument, s.sequence, s.run_version, s.runs_spanned, s.rb_number
    ) + getvariable('jobs_before') as id,
    s.*, i.name, e.id as experiment_id, b.first_run, b.jump_sequence,
    -- As in the table of statuses: 1 q, 2 p, 3 e, 4 s, 5 c.
    case
        when s.finished is not null then case s.outcome when 'e' then 3 when 's' then 4 else 5 end
        when s.started is not null then 2
        else 1
    end as status_id
from seen as s
join demo_instrument as i on s.instrument = i.id
join demo_run_base as b on s.instrument = b.instrument
join demo_experiment as e on s.rb_number = e.rb_number;

insert into target.reduction_viewer_reductionrun
    (id, run_version, started_by, admin_log, graph, message, reduction_log, created, finished, last_updated,
     started, hidden_in_failviewer, experiment_id, instrument_id, software_id, status_id, run_description,
     reduction_host, batch_run, run_title, script_id, arguments_id, overwrite)
select
    id, run_version, started_by,
    case
        when status_id = 3 and started is null then 'The reduction script cannot be read' || chr(10)
        when status_id in (3, 5)
            then 'Running reduction script: /isis/NDX' || name || '/user/scripts/reduce.py' || chr(10)
        else ''
    end,
    case when status_id = 5 then '' end,
    '{"run_number": ' || run_number || ', "instrument": "' || name || '", "rb_number": ' || rb_number
    || ', "run_version": ' || run_version || ', "facility": "ISIS", "started_by": '
    || coalesce(started_by::varchar, 'null') || '}',
    case
        when status_id = 3 and started is not null
            then [
                'RuntimeError: LoadRaw: the file cannot be read',
                'ValueError: no vanadium run for this cycle',
                'RuntimeError: the workspace has no proton charge', 'MemoryError'
            ][1 + (run_number % 4)]
        when status_id = 4 then 'The instrument is paused, or the message is not valid'
        when status_id = 5
            then 'Load started' || chr(10) || 'Load successful' || chr(10)
                || 'NormaliseByCurrent successful' || chr(10) || 'AlignAndFocusPowder successful, bank '
                || (1 + run_number % 5) || chr(10) || 'SaveNexus successful' || chr(10)
        else ''
    end,
    created, finished, coalesce(finished, started, created), started, false, experiment_id,
    case when not is_nameless then instrument end,
    -- Mantid was upgraded ten days ago, and months before.
    case
        when started is null then null
        when created >= getvariable('last_day')::timestamp - interval 10 day then 3
        when created >= getvariable('last_day')::timestamp - interval 120 day then 2
        else 1
    end,
    status_id,
    case when runs_spanned > 1 then 'Summed runs' when started_by > 0 then 'Other calibration' else '' end,
    case when started is not null then 'reduce-0' || (1 + run_number % 6) else '' end,
    runs_spanned > 1,
    [
        'Vanadium', 'Empty instrument', 'Sample 4 K', 'Sample 20 K', 'Sample 100 K', 'Sample 300 K'
    ][1 + (run_number % 6)],
    instrument, instrument, run_version > 0
from batch_jobs
order by id;

create or replace temp table batch_numbers as
with spans as (
    select id, instrument, name, sequence, run_number, status_id, created, first_run, jump_sequence
    from batch_jobs
    where runs_spanned = 1
    union all by name
    select
        id, instrument, name, unnest(range(sequence - runs_spanned + 1, sequence + 1)) as sequence,
        first_run, jump_sequence, status_id, created
    from batch_jobs
    where runs_spanned > 1
)

select
    row_number() over (order by id, sequence) + getvariable('numbers_before') as number_id,
    id, instrument, name,
    coalesce(run_number, first_run + sequence + case when sequence >= jump_sequence then 5000 else 0 end)
        as run_number,
    status_id, strftime(created, '%y') as year
from spans
where run_number is not null or not is_missing(instrument, sequence);

insert into target.reduction_viewer_runnumber (id, run_number, reduction_run_id)
select number_id, run_number, id from batch_numbers order by number_id;

insert into target.reduction_viewer_datalocation (id, file_path, reduction_run_id)
select
    number_id, '/isis/NDX' || name || '/Instrument/data/cycle_' || year || '_1/' || name
    || lpad(run_number::varchar, 8, '0') || '.nxs', id
from batch_numbers
order by number_id;

insert into target.reduction_viewer_reductionlocation (id, file_path, reduction_run_id)
select
    row_number() over (order by number_id) + getvariable('outputs_before'),
    '/instrument/' || name || '/autoreduced/' || name || run_number, id
from batch_numbers
where status_id = 5
order by 1;
