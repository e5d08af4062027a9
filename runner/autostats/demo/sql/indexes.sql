-- The only indexes besides the primary keys: those of the foreign keys.
create unique index experiment_reference on reduction_viewer_experiment (reference_number);
create index reductionrun_experiment on reduction_viewer_reductionrun (experiment_id);
create index reductionrun_instrument on reduction_viewer_reductionrun (instrument_id);
create index reductionrun_software on reduction_viewer_reductionrun (software_id);
create index reductionrun_status on reduction_viewer_reductionrun (status_id);
create index reductionrun_script on reduction_viewer_reductionrun (script_id);
create index reductionrun_arguments on reduction_viewer_reductionrun (arguments_id);
create index runnumber_reduction_run on reduction_viewer_runnumber (reduction_run_id);
create index datalocation_reduction_run on reduction_viewer_datalocation (reduction_run_id);
create index reductionlocation_reduction_run on reduction_viewer_reductionlocation (reduction_run_id);
create index reductionarguments_instrument on reduction_viewer_reductionarguments (instrument_id);
