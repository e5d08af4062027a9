-- The era C schema as Django's migrations make it. {id} and {time} differ between SQLite and DuckDB.
create table auth_user (
    id {id}, password varchar(128) not null, last_login {time}, is_superuser bool not null,
    username varchar(150) not null, last_name varchar(150) not null, email varchar(254) not null,
    is_staff bool not null, is_active bool not null, date_joined {time} not null,
    first_name varchar(150) not null
);
create table reduction_viewer_status (id {id}, value varchar(1) not null);
create table reduction_viewer_software (
    id {id}, name varchar(100) not null, version varchar(20) not null
);
create table reduction_viewer_instrument (
    id {id}, name varchar(80) not null, is_active bool not null, is_paused bool not null,
    is_flat_output bool not null
);
create table reduction_viewer_experiment (id {id}, reference_number integer not null);
create table reduction_viewer_reductionscript (id {id}, text text not null);
create table reduction_viewer_reductionarguments (
    id {id}, raw text not null, start_run integer, experiment_reference integer,
    instrument_id bigint not null
);
create table reduction_viewer_reductionrun (
    id {id}, run_version integer not null, started_by integer, admin_log text not null, graph text,
    message text, reduction_log text not null, created {time} not null, finished {time},
    last_updated {time} not null, started {time}, hidden_in_failviewer bool not null,
    experiment_id bigint not null, instrument_id bigint, software_id bigint, status_id bigint not null,
    run_description varchar(200) not null, reduction_host text not null, batch_run bool not null,
    run_title varchar(200) not null, script_id bigint not null, arguments_id bigint not null,
    overwrite bool not null
);
create table reduction_viewer_runnumber (
    id {id}, run_number integer not null, reduction_run_id bigint not null
);
create table reduction_viewer_datalocation (
    id {id}, file_path varchar(255) not null, reduction_run_id bigint not null
);
create table reduction_viewer_reductionlocation (
    id {id}, file_path varchar(255) not null, reduction_run_id bigint not null
);
create table reduction_viewer_notification (
    id {id}, message varchar(255) not null, is_active bool not null, severity varchar(1) not null,
    is_staff_only bool not null
);
