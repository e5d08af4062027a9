{{ config(materialized='table') }}

{%- set last_day = dbt.dateadd('day', -1, as_of_day()) -%}
{%- set key = ['instrument', 'subject'] %}

with

recorded_days as (
    select * from {{ ref('fct_instrument_daily') }}
    where day >= {{ dbt.dateadd('day', -57, as_of_day()) }} and day <= {{ last_day }}
),

-- A figure of few jobs says nothing, and teaches nothing.
figures as (
    select
        instrument,
        'failure_rate' as subject,
        day,
        jobs_failed as jobs_affected,
        jobs_passed + jobs_failed as jobs,
        {{ divide('jobs_failed', '(jobs_passed + jobs_failed)') }} as figure,
        pass_rate as rated
    from recorded_days
    where jobs_passed + jobs_failed >= 10

    union all

    select
        instrument,
        'execution_time' as subject,
        day,
        exe_time_count as jobs_affected,
        exe_time_count as jobs,
        median_exe_time as figure,
        p95_exe_time as rated
    from recorded_days
    where exe_time_count >= 10
),

judged as (
    select * from figures
    where day = {{ last_day }}
),

-- The eight days that are most like the judged one teach: the same weekdays first, then the newest others.
ranked as (
    select
        figures.instrument,
        figures.subject,
        figures.figure,
        row_number() over (
            partition by figures.instrument, figures.subject
            order by
                case when mod({{ dbt.datediff('figures.day', 'judged.day', 'day') }}, 7) = 0 then 0 else 1 end,
                figures.day desc
        ) as place,
        count(*) over (partition by figures.instrument, figures.subject) as known_days
    from figures
    inner join judged
        on figures.instrument = judged.instrument
        and figures.subject = judged.subject
        and figures.day < judged.day
),

teachers as (
    select * from ranked
    where place <= 8 and known_days >= 4
),

medians as (
    select
        instrument,
        subject,
        {{ nearest_rank('figure', 50) }} as usual
    from {{ with_ranks('teachers', 'figure', key) }}
    group by instrument, subject
),

deviations as (
    select
        teachers.instrument,
        teachers.subject,
        medians.usual,
        abs(teachers.figure - medians.usual) as deviation
    from teachers
    inner join medians
        on teachers.instrument = medians.instrument
        and teachers.subject = medians.subject
),

spreads as (
    select
        instrument,
        subject,
        max(usual) as usual,
        {{ nearest_rank('deviation', 50) }} as spread
    from {{ with_ranks('deviations', 'deviation', key) }}
    group by instrument, subject
),

-- The margin is never so small that chance alone exceeds it.
limits as (
    select
        judged.instrument,
        judged.subject,
        judged.day,
        judged.jobs,
        judged.jobs_affected,
        judged.figure,
        judged.rated,
        spreads.usual,
        spreads.usual + case judged.subject
            when 'failure_rate'
                then greatest(
                    5 * spreads.spread,
                    5 * sqrt(greatest(spreads.usual, 0.05) * (1 - spreads.usual) / judged.jobs),
                    0.1
                )
            else greatest(8 * spreads.spread, spreads.usual * greatest(1, 5 / sqrt(judged.jobs)), 10)
        end as unusual_above,
        case judged.subject
            when 'failure_rate' then {{ site_rule('pass_rate_below', 'judged.instrument') }}
            else {{ site_rule('p95_above', 'judged.instrument') }}
        end as site_rule
    from judged
    left join spreads
        on judged.instrument = spreads.instrument
        and judged.subject = spreads.subject
),

-- A rule of the site decides alone.
final as (
    select
        instrument,
        subject,
        day,
        jobs,
        jobs_affected,
        figure,
        rated,
        usual,
        unusual_above,
        site_rule,
        coalesce(
            case
                when site_rule is null then figure > unusual_above
                when subject = 'failure_rate' then rated < site_rule
                else rated > site_rule
            end,
            false
        ) as is_worse
    from limits
)

select * from final
