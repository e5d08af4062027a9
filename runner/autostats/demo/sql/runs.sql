-- The runs, as functions of instrument and sequence number. Variables, besides those of the plan: runs.
create temp table plan as
with running as (
    select
        instrument, day, weight, sum(weight) over (order by day, instrument) as up_to,
        sum(weight) over () as total
    from plan_weights
),

-- Rounding the running total, not each day, keeps the sum.
counted as (
    select
        instrument, day,
        (floor(up_to / total * getvariable('runs')) - floor((up_to - weight) / total * getvariable('runs')))
            ::bigint as runs
    from running
    where total > 0
)

select
    instrument, day, runs,
    coalesce(
        sum(runs) over (
            partition by instrument order by day rows between unbounded preceding and 1 preceding
        ),
        0
    )::bigint as runs_before
from counted;

-- The run numbers of one instrument jump when its data acquisition is renewed.
create temp table demo_jump as
select instrument, min(runs_before) as sequence
from plan
where
    instrument = least(3, (select max(id) from demo_instrument))
    and date_diff('day', getvariable('first_day'), day)
    >= date_diff('day', getvariable('first_day'), getvariable('last_day')) * 2 // 5
group by instrument;

create temp table demo_run_base as
select i.id as instrument, i.first_run, coalesce(j.sequence, 9223372036854775807) as jump_sequence
from demo_instrument as i
left join demo_jump as j on i.id = j.instrument;

-- Half of the missing run numbers come one by one, half in threes.
create macro is_missing(instrument, sequence) as
    dice(4, instrument, sequence) < 0.0025 or dice(5, instrument, sequence // 3) < 0.0025;

create macro later(moment, seconds) as moment + to_microseconds((seconds * 1000000)::bigint);

-- The experiment of an instrument changes every three days; the odd numbers are for mistaken ones.
create macro rb_number(instrument, day) as
    (year(day) - 2000) * 100000 + 10000 + instrument * 1000 + (dayofyear(day) // 3) * 2;

create macro normal(salt, a, b) as
    sqrt(-2 * ln(1 - dice(salt, a, b))) * cos(2 * pi() * dice(salt + 500, a, b));

create macro exe_seconds(typical, salt, a, b) as
    least(greatest(typical * exp(0.45 * normal(salt, a, b)), 4), 10800);

-- When a job starts and ends, and the status that can be seen now. The outcome is what it comes to in the
-- end: c, e, s, or q and p for a job that is stuck; wait is NULL for an error before the start.
create macro job_started(created, outcome, wait) as
    case
        when outcome in ('s', 'q') or wait is null then null
        when later(created, wait) > getvariable('now') then null
        else later(created, wait)
    end;
create macro job_finished(created, outcome, wait, seconds) as
    case
        when outcome in ('q', 'p') then null
        when outcome = 's' or wait is null
            then case when later(created, 2) <= getvariable('now') then later(created, 2) end
        when later(created, wait + seconds) <= getvariable('now') then later(created, wait + seconds)
    end;

create view first_jobs as
with runs as (
    select
        p.instrument, p.day, i.seconds as typical, i.is_paused, b.first_run, b.jump_sequence, p.runs,
        unnest(range(p.runs)) as k, p.runs_before
    from plan as p
    join demo_instrument as i on p.instrument = i.id
    join demo_run_base as b on p.instrument = b.instrument
),

numbered as (
    select
        *, runs_before + k as sequence,
        (k + dice(6, instrument, runs_before + k)) / runs as x
    from runs
    where not is_missing(instrument, runs_before + k)
),

timed as (
    select
        *,
        -- More work by day than by night; the last day is as long as it has lasted.
        later(day::timestamp, 3600 * case
            when day = getvariable('now')::date
                then x * (epoch(getvariable('now')) - epoch(getvariable('now')::date)) / 3600
            when x < 0.25 then x * 32
            when x < 0.875 then 8 + (x - 0.25) * 19.2
            else 20 + (x - 0.875) * 32
        end) as taken
    from numbered
),

arrived as (
    select
        *,
        -- A few arrive a day or two late.
        case
            when dice(7, instrument, sequence) < 0.0015
                then later(taken, 72000 + 140000 * dice(8, instrument, sequence))
            else taken
        end as arrival
    from timed
),

decided as (
    select
        instrument, sequence, day, typical,
        first_run + sequence + case when sequence >= jump_sequence then 5000 else 0 end as run_number,
        case when arrival <= getvariable('now') then arrival else taken end as created,
        arrival > taken and arrival <= getvariable('now') as is_late,
        case
            when dice(9, instrument, sequence) < 0.03 then 0 else rb_number(instrument, day)
        end as rb_number,
        case
            when dice(10, instrument, sequence) < 6.0 / getvariable('runs')
                then case when dice(11, instrument, sequence) < 0.4 then 'q' else 'p' end
            when
                created > getvariable('now') - interval 2 day and dice(10, instrument, sequence) < 0.002
                then case when dice(11, instrument, sequence) < 0.6 then 'q' else 'p' end
            when is_paused and created > getvariable('now') - interval 3 day then 's'
            -- Failures come in bursts of six hours, and now and then alone.
            when
                dice(12, instrument, sequence)
                < case when dice(13, instrument, epoch(created)::bigint // 21600) < 0.03 then 0.25 else 0.009 end
                then 'e'
            when
                dice(14, instrument, sequence)
                < case when dice(15, instrument, epoch(created)::bigint // 21600) < 0.02 then 0.3 else 0.002 end
                then 's'
            else 'c'
        end as outcome,
        case
            when dice(16, instrument, sequence) < 0.002 then null
            when dice(16, instrument, sequence) < 0.02 then -1
            else 0
        end as started_by,
        -- In the last hour there is a queue.
        case when outcome = 'e' and dice(17, instrument, sequence) < 0.08 then null else
            2 - 18 * ln(1 - dice(18, instrument, sequence))
            + case
                when created > getvariable('now') - interval 1 hour then 2400 * dice(19, instrument, sequence)
                else 0
            end
        end as wait,
        exe_seconds(typical, 20, instrument, sequence)
            * case when outcome = 'e' then 0.3 else 1 end as seconds,
        dice(21, instrument, sequence) < least(0.0001, 4.0 / getvariable('runs')) as is_nameless
    from arrived
)

select
    instrument, sequence, day, typical, run_number, created, is_late, is_nameless, 0 as run_version,
    case when is_nameless then 0 else rb_number end as rb_number,
    case when is_nameless then 's' else outcome end as outcome, started_by, wait, seconds, 1 as runs_spanned
from decided;
