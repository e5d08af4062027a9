with

missing_runs as (
    select * from {{ ref('fct_missing_runs') }}
    where state = 'open'
),

-- Neighbours in a hole differ from their rank by the same number.
ranked as (
    select
        *,
        run_number - row_number() over (
            partition by instrument, kind, noticed_at
            order by run_number
        ) as hole
    from missing_runs
),

final as (
    select
        instrument,
        kind,
        cycle,

        min(run_number) as first_run_number,
        max(run_number) as last_run_number,
        count(*) as runs,
        {{ cast_as(days_between('noticed_day', as_of_day()), 'bigint') }} as age_days,

        noticed_at,
        noticed_day
    from ranked
    group by instrument, kind, cycle, noticed_at, noticed_day, hole
)

select * from final
