with

flagged_jobs as (
    select * from {{ ref('int_job_versions') }}
    where has_problem and superseded_load is null and not is_deleted
),

future_jobs as (
    select * from {{ ref('int_job_versions') }}
    where created_at > {{ as_of() }} and superseded_load is null and not is_deleted
),

problems as (
    {% for problem in data_problems() -%}
    select
        job_id,
        '{{ problem.name }}' as problem,
        {{ problem.detail }} as detail,
        instrument,
        day,
        run_number
    from flagged_jobs
    where {{ problem.condition }}

    union all

    {% endfor -%}
    select
        job_id,
        'created_in_future' as problem,
        'counted from that day on' as detail,
        instrument,
        day,
        run_number
    from future_jobs
),

final as (
    select
        instrument,
        problem,
        detail,

        job_id,
        run_number,

        day
    from problems
)

select * from final
