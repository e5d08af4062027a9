with

jobs as (
    select * from {{ ref('int_job_versions') }}
    where superseded_load is null and not is_deleted
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
    from jobs
    where has_problem and ({{ problem.condition }})

    union all

    {% endfor -%}
    select
        job_id,
        'created_in_future' as problem,
        'counted from that day on' as detail,
        instrument,
        day,
        run_number
    from jobs
    where created_at > {{ as_of() }}
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
