{#- The counts that the daily and hourly records share, as columns of a GROUP BY. -#}

{#- For jobs with `status` and `is_batch`. -#}
{% macro count_statuses() -%}
    count(*) as jobs_total,
    count(case when status = 'completed' then 1 end) as jobs_passed,
    count(case when status = 'error' then 1 end) as jobs_failed,
    count(case when status = 'skipped' then 1 end) as jobs_skipped,
    count(case when status in ('queued', 'processing') then 1 end) as jobs_pending,
    count(case when status = 'other' then 1 end) as jobs_other,
    count(case when is_batch then 1 end) as jobs_batch
{%- endmacro %}

{#- For jobs with `exe_time_us`. -#}
{% macro sum_exe_times() -%}
    count(exe_time_us) as exe_time_count,
    {{ cast_as('coalesce(sum(exe_time_us), 0)', 'bigint') }} as exe_time_sum_us
{%- endmacro %}

{#- For jobs with all of these and `starter`, from `with_ranks` of `exe_time_us`. -#}
{% macro count_jobs() -%}
    {{ count_statuses() }},
    count(case when starter = 'auto' then 1 end) as started_by_auto,
    count(case when starter = 'devs' then 1 end) as started_by_devs,
    count(case when starter = 'users' then 1 end) as started_by_users,
    count(case when starter = 'unknown' then 1 end) as started_by_unknown,
    {{ sum_exe_times() }},
    {{ nearest_rank('exe_time_us', 50) }} as median_exe_time_us,
    {{ nearest_rank('exe_time_us', 95) }} as p95_exe_time_us,
    max(exe_time_us) as max_exe_time_us
{%- endmacro %}

{#- For runs with an `outcome`. -#}
{% macro count_runs() -%}
    count(*) as runs_total,
    count(case when outcome = 'passed' then 1 end) as runs_passed,
    count(case when outcome = 'failed' then 1 end) as runs_failed,
    count(case when outcome = 'other' then 1 end) as runs_other
{%- endmacro %}

{#- The outcome of a run whose last job has this status. -#}
{% macro run_outcome(status) -%}
    {{ cast_as(
        'case ' ~ status ~ " when 'completed' then 'passed' when 'error' then 'failed' else 'other' end",
        'varchar'
    ) }}
{%- endmacro %}


{#- The record's columns from the counts of jobs, in the relation `jobs`; NULL if there are none. -#}
{% macro recorded_jobs(jobs) -%}
    {%- for name in ['total', 'passed', 'failed', 'skipped', 'pending', 'other', 'batch'] -%}
    coalesce({{ jobs }}.jobs_{{ name }}, 0) as jobs_{{ name }},
    {% endfor -%}
    {{ pass_rate(jobs ~ '.jobs_passed', jobs ~ '.jobs_failed') }} as pass_rate,

    {% for name in ['auto', 'devs', 'users', 'unknown'] -%}
    coalesce({{ jobs }}.started_by_{{ name }}, 0) as started_by_{{ name }},
    {% endfor %}
    coalesce({{ jobs }}.exe_time_count, 0) as exe_time_count,
    {{ divide('coalesce(' ~ jobs ~ '.exe_time_sum_us, 0)', 1000000) }} as exe_time_sum,
    case
        when {{ jobs }}.exe_time_count > 0
            then {{ divide(jobs ~ '.exe_time_sum_us', 1000000) }} / {{ jobs }}.exe_time_count
    end as avg_exe_time,
    {%- for name in ['median', 'p95', 'max'] %}
    {{ divide(jobs ~ '.' ~ name ~ '_exe_time_us', 1000000) }} as {{ name }}_exe_time{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The same from the counts of runs, in the relation `runs`. -#}
{% macro recorded_runs(runs) -%}
    {%- for name in ['total', 'passed', 'failed', 'other'] -%}
    coalesce({{ runs }}.runs_{{ name }}, 0) as runs_{{ name }}{{ ',' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#- The share of passed among passed and failed: NULL if there are none, or either is NULL. -#}
{% macro pass_rate(passed, failed) -%}
    case
        when {{ passed }} + {{ failed }} > 0
            then {{ cast_as(passed, 'double precision') }} / ({{ passed }} + {{ failed }})
    end
{%- endmacro %}
