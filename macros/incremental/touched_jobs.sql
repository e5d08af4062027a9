{#-
    Each incremental model remembers in its rows the newest load it has seen, and takes up all later ones: a run
    that stopped half-way, or a model that failed, catches up by itself.

    `touched_jobs` selects the old and the new image of every job that changed since then, plus the jobs of the
    days that a rebuild names. The cells those images fall into are recomputed whole. A cell that has become
    empty is written with zero jobs, which removes the old row, and swept by `sweep_empty` in the same
    transaction.
-#}
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

{#- The newest load that this model's rows come from. -#}
{% macro seen_load() %}
    {{ return((query_value('select max(load_number) from ' ~ this) or 0) | int if execute else 0) }}
{% endmacro %}

{#- The newest load of the copied jobs, as an expression. -#}
{% macro newest_load() -%}
    (select max(load_number) from {{ ref('int_job_versions') }})
{%- endmacro %}

{% macro sweep_empty(count_column) -%}
    delete from {{ this }} where {{ count_column }} = 0
{%- endmacro %}
