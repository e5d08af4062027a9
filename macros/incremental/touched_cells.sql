{#-
    An incremental model whose rows belong to cells (an instrument's day, a run) replaces each cell that a
    changed job was in or is in now, so that no row is ever adjusted. Its rows record the newest load that it
    has seen, and it processes all later ones: after a run that stopped halfway, or a failure of the model, it
    catches up by itself. A load that left no row behind, because its cells are now empty, is processed again.

    A model in whose config `meta` has touched_by replaces others: with `polls`, all days of an instrument from the first
    of its new rows on; with `as_of`, the tables' days from that of the statistics on.

    The model selects the rows of the cells that `touched_cells` returns. Its incremental strategy
    `replace_touched` deletes these cells and inserts the rows, in one transaction: a cell that has become
    empty is gone. `unique_key` names the columns of the cell. Cells that the model selects beyond the touched
    ones are replaced as well.
-#}
{% macro get_incremental_replace_touched_sql(arg_dict) %}
    {%- set target = arg_dict.target_relation -%}
    {%- set columns = arg_dict.dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }}
    using (
        {{ cells_to_replace(arg_dict.unique_key, arg_dict.temp_relation) }}
    ) as touched
    where {% for key in arg_dict.unique_key %}{{ target }}.{{ key }} = touched.{{ key }}{{ ' and ' if not loop.last }}{% endfor %};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict.temp_relation }};
{% endmacro %}

{% macro cells_to_replace(cell, new_rows) -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- if meta.get('touched_by') == 'polls' -%}
    {{ polled_days_to_replace(new_rows) }}
    {%- else -%}
    {{ table_days_from_as_of(cell) if meta.get('touched_by') == 'as_of' else touched_cells(cell, meta.get('counts_ends', false)) }}
    union
    select {{ cell | join(', ') }} from {{ new_rows }}
    {%- endif %}
{%- endmacro %}

{#-
    The cells of the old and the new image of every job that changed; a batch job touches each of its runs. A model that
    counts runs on the days on which their jobs ended (in its config, meta: counts_ends) gets those of all images of
    these runs, because one job decides what another means to its run.
-#}
{% macro touched_cells(cell, counts_ends=false) %}
    {%- set columns = cell | join(', ') -%}
    {%- set is_whole = cell | join(' is not null and ') ~ ' is not null' -%}
    select distinct {{ columns }}
    from (
        {{ touched_jobs() }}
    ) as touched_jobs
    where {{ is_whole }}
    {%- if 'run_number' in cell %}
    union
    select {{ columns }}
    from (
        {{ expand_list('(' ~ touched_jobs() ~ ') as batch_jobs', ['instrument', 'day'], 'run_numbers', ',', 'run_number', 'bigint') }}
    ) as touched_batches
    where {{ is_whole }}
    {%- endif %}
    {%- if counts_ends %}
    union
    select
        jobs.instrument,
        jobs.ended_day as day
    from {{ ref('int_job_versions') }} as jobs
    inner join (
        {{ touched_cells(['instrument', 'run_number']) }}
    ) as touched_runs
        on jobs.instrument = touched_runs.instrument
        and jobs.run_number = touched_runs.run_number
    where jobs.ended_day is not null
    {%- endif %}
{% endmacro %}

{#- The images of the jobs that changed since this model last ran, and those on the days that a rebuild names. -#}
{% macro touched_jobs() %}
    {%- set seen = seen_load() -%}
    {%- set columns = 'instrument, day, run_number, run_numbers' -%}
        select {{ columns }} from {{ ref('int_job_versions') }} where load_number > {{ seen }}
        union
        select {{ columns }} from {{ ref('int_job_versions') }} where superseded_load > {{ seen }}
    {%- if var('from_day') %}
        union
        select {{ columns }} from {{ ref('int_job_versions') }} where day between {{ rebuilt_days() }}
    {%- endif %}
{% endmacro %}

{#- The newest load from which this model has rows. -#}
{% macro seen_load() %}
    {{ return((query_value('select max(load_number) from ' ~ this) or 0) | int if execute else 0) }}
{% endmacro %}

{#- The newest load of the copied jobs, or of another copy, as an expression. -#}
{% macro newest_load(copy='int_job_versions') -%}
    (select max(load_number) from {{ ref(copy) }})
{%- endmacro %}
