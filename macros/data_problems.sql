{#-
    Every rule that a job's data may need to be read, as {name, condition, detail}: SQL over the columns of
    int_job_versions. One list for both the flag has_problem and fct_data_problems.
-#}
{% macro data_problems() %}
    {{ return([
        {'name': 'meaningless_value', 'condition': 'unread_cells is not null',
         'detail': dbt.concat(["'read as empty: '", "replace(unread_cells, ' ', ', ')"])},
        {'name': 'no_creation', 'condition': 'created_at is null',
         'detail': "'counted on no day'"},
        {'name': 'unknown_status', 'condition': "status = 'other'",
         'detail': "'the status is none of completed, error, skipped, queued, processing'"},
        {'name': 'unknown_starter', 'condition': "starter = 'unknown'",
         'detail': "'started_by is empty or below -1'"},
        {'name': 'no_instrument', 'condition': "instrument = 'unknown'",
         'detail': "'counted under the instrument unknown'"},
        {'name': 'no_run_number', 'condition': 'run_number is null and run_numbers is null',
         'detail': "'counted as a job, in no run'"},
        {'name': 'several_run_numbers', 'condition': 'run_numbers is not null and not is_flagged_batch',
         'detail': "'counted as a batch job'"},
        {'name': 'no_end', 'condition': 'finished_at is null and ended_at is not null',
         'detail': "'last_updated is taken as its end'"},
        {'name': 'no_start', 'condition': "started_at is null and status = 'completed'",
         'detail': "'left out of the execution times'"},
        {'name': 'finished_before_started', 'condition': 'finished_at < started_at',
         'detail': "'left out of the execution times'"},
        {'name': 'times_out_of_order', 'condition': 'started_at < created_at or finished_at < created_at',
         'detail': "'started or finished before it was created'"},
    ]) }}
{% endmacro %}
