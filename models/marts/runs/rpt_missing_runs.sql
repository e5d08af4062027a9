with

missing_runs as (
    select * from {{ ref('fct_missing_runs') }}
),

-- Neighbours that share everything else differ from their rank by the same number.
ranked as (
    select
        *,
        run_number - row_number() over (
            partition by instrument, kind, state, noticed_at, arrived_at, ignored_reason
            order by run_number
        ) as hole
    from missing_runs
),

final as (
    select
        instrument,
        kind,
        state,
        ignored_reason,
        cycle,

        min(run_number) as first_run_number,
        max(run_number) as last_run_number,
        count(*) as runs,
        case
            when state = 'open' then {{ cast_as(dbt.datediff('noticed_day', as_of_day(), 'day'), 'bigint') }}
        end as age_days,

        noticed_at,
        arrived_at,
        noticed_day
    from ranked
    group by instrument, kind, state, ignored_reason, cycle, noticed_at, arrived_at, noticed_day, hole
)

select * from final
