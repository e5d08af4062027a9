with

missing_runs as (
    select * from {{ ref('fct_missing_runs') }}
),

-- What was announced is noticed one by one, and told by the day.
told as (
    select
        *,
        case when kind <> 'announced_only' then noticed_at end as told_at
    from missing_runs
),

-- Neighbours that share everything else differ from their rank by the same number.
ranked as (
    select
        *,
        run_number - row_number() over (
            partition by instrument, kind, state, noticed_day, told_at, arrived_at, ignored_reason
            order by run_number
        ) as hole
    from told
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

        min(noticed_at) as noticed_at,
        arrived_at,
        noticed_day
    from ranked
    group by instrument, kind, state, ignored_reason, cycle, told_at, arrived_at, noticed_day, hole
)

select * from final
