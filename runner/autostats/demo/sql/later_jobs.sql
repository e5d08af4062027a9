-- The jobs that are not the first of their run, or come late: few, so they are made once and kept.
create temp table later_jobs as
with first_ended as (
    select *, job_finished(created, outcome, wait, seconds) as ended
    from first_jobs
    where
        outcome = 'e' or is_late
        or dice(30, instrument, sequence) < 0.035 or dice(31, instrument, sequence) < 0.004
        or dice(32, instrument, sequence) < 0.0107
),

late as (
    select * from first_ended where is_late
),

-- A failed run is tried again in two cases of three; one that passed, when a user wants it otherwise.
second as (
    select
        instrument, sequence, day, typical, run_number,
        later(
            ended,
            180 - case when outcome = 'e' then 20000 else 50000 end * ln(1 - dice(33, instrument, sequence))
        ) as created,
        false as is_late, false as is_nameless, 1 as run_version, rb_number,
        case
            when dice(34, instrument, sequence) < case when outcome = 'e' then 0.2 else 0.03 end then 'e'
            else 'c'
        end as outcome,
        case
            when dice(35, instrument, sequence) < case when outcome = 'e' then 0.4 else 0.1 end then -1
            when dice(35, instrument, sequence) > 0.99 then null
            else 1 + floor(dice(36, instrument, sequence) * 43)::int
        end as started_by,
        2 - 18 * ln(1 - dice(37, instrument, sequence)) as wait,
        exe_seconds(typical, 38, instrument, sequence) as seconds, 1 as runs_spanned
    from first_ended
    where
        ended is not null and not is_nameless
        and (
            (outcome = 'e' and dice(39, instrument, sequence) < 0.65)
            or (outcome = 'c' and dice(30, instrument, sequence) < 0.035)
        )
),

second_ended as (
    select *, job_finished(created, outcome, wait, seconds) as ended from second
),

third as (
    select
        instrument, sequence, day, typical, run_number,
        later(ended, 300 - 15000 * ln(1 - dice(40, instrument, sequence))) as created,
        false as is_late, false as is_nameless, 2 as run_version, rb_number,
        case when dice(41, instrument, sequence) < 0.15 then 'e' else 'c' end as outcome, started_by,
        2 - 18 * ln(1 - dice(42, instrument, sequence)) as wait,
        exe_seconds(typical, 43, instrument, sequence) as seconds, 1 as runs_spanned
    from second_ended
    where
        ended is not null
        and dice(44, instrument, sequence) < case when outcome = 'e' then 0.7 else 0.15 end
),

-- Submitted again under the right experiment: the version starts again at 0.
other_experiment as (
    select
        instrument, sequence, day, typical, run_number,
        later(ended, 3600 + 90000 * dice(45, instrument, sequence)) as created,
        false as is_late, false as is_nameless, 0 as run_version, rb_number(instrument, day) + 1 as rb_number,
        'c' as outcome, -1 as started_by, 2 - 18 * ln(1 - dice(46, instrument, sequence)) as wait,
        exe_seconds(typical, 47, instrument, sequence) as seconds, 1 as runs_spanned
    from first_ended
    where ended is not null and outcome = 'c' and dice(31, instrument, sequence) < 0.004
),

batches as (
    select
        instrument, sequence, day, typical, run_number,
        later(ended, 7200 + 100000 * dice(48, instrument, sequence)) as created,
        false as is_late, false as is_nameless, 0 as run_version, rb_number,
        case when dice(49, instrument, sequence) < 0.03 then 'e' else 'c' end as outcome,
        1 + floor(dice(50, instrument, sequence) * 43)::int as started_by,
        2 - 18 * ln(1 - dice(51, instrument, sequence)) as wait,
        3 * exe_seconds(typical, 52, instrument, sequence) as seconds,
        2 + floor(dice(53, instrument, sequence) * 11)::bigint as runs_spanned
    from first_ended
    where ended is not null and outcome = 'c' and sequence >= 12 and dice(32, instrument, sequence) < 0.0107
),

final as (
    select * from late
    union all by name select * exclude (ended) from second_ended
    union all by name select * from third
    union all by name select * from other_experiment
    union all by name select * from batches
)

select * exclude (ended) from final where created <= getvariable('now');
