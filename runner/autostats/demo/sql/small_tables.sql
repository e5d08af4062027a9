-- Everything but the jobs.
insert into target.reduction_viewer_status (id, value)
values (1, 'q'), (2, 'p'), (3, 'e'), (4, 's'), (5, 'c');

insert into target.reduction_viewer_software (id, name, version)
values (1, 'Mantid', '6.10.0'), (2, 'Mantid', '6.11.0'), (3, 'Mantid', '6.12.0');

insert into target.reduction_viewer_instrument (id, name, is_active, is_paused, is_flat_output)
select id, name, true, is_paused, id % 3 = 0 from demo_instrument order by id;

insert into target.reduction_viewer_reductionscript (id, text)
select
    id,
    'from mantid.simpleapi import *' || chr(10) || 'def main(input_file, output_dir):' || chr(10)
    || '    workspace = Load(input_file)' || chr(10) || '    SaveNexus(workspace, output_dir + "/' || name
    || '.nxs")' || chr(10)
from demo_instrument
order by id;

insert into target.reduction_viewer_reductionarguments
    (id, raw, start_run, experiment_reference, instrument_id)
select id, '{"standard_vars": {"bank": "both"}, "advanced_vars": {}}', first_run, null, id
from demo_instrument
order by id;

-- Some of the users who started jobs have left since: their rows are gone.
insert into target.auth_user
    (id, password, last_login, is_superuser, username, last_name, email, is_staff, is_active, date_joined,
     first_name)
select
    n, '!', null, n = 1, 'user' || n,
    ['Abara', 'Brook', 'Chen', 'Dimova', 'Evans', 'Fontana', 'Gupta'][1 + n % 7],
    'user' || n || '@example.org', n <= 3, true, getvariable('first_day')::timestamp,
    ['Ada', 'Ben', 'Chi', 'Dora', 'Eli'][1 + n % 5]
from range(1, 41) as numbers (n)
order by n;

create temp table demo_experiment as
with used as (
    select 0 as rb_number, 0 as instrument
    union
    select rb_number(instrument, day), instrument from plan where runs > 0
    union
    select rb_number, instrument from later_jobs where rb_number > 0
)

select rb_number, row_number() over (order by rb_number) as id from used;

insert into target.reduction_viewer_experiment (id, reference_number)
select id, rb_number from demo_experiment order by id;
