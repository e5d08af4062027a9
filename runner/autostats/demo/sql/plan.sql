-- How many runs each instrument makes on each day. Variables: seed, first_day, last_day, now, anchor.

-- A number from 0 up to 1 that depends on nothing but its arguments and the seed.
create macro dice(salt, a, b) as
    (hash(salt, a, b, getvariable('seed')) >> 11)::double / 9007199254740992.0;

create temp table plan_weights as
with days as (
    select unnest(generate_series(getvariable('first_day'), getvariable('last_day'), interval 1 day))::date
        as day
),

phases as (
    select day, ((date_diff('day', getvariable('anchor'), day) % 70) + 70) % 70 as cycle_day from days
),

activity as (
    select
        i.id as instrument, p.day, i.weight,
        case
            when p.cycle_day in (14, 28) then 0.12
            -- An instrument is now and then without an experiment for some days.
            when p.cycle_day < 42 and i.id > 1 and dice(1, i.id, epoch(p.day)::bigint // 432000) < 0.06 then 0
            when p.cycle_day < 42 then 0.75 + 0.5 * dice(2, i.id, p.day)
            -- Between cycles: calibration on some days, nothing on most.
            when dice(3, i.id, p.day) < 0.35 then 0.05
            else 0
        end as activity
    from phases as p
    cross join demo_instrument as i
)

select
    instrument, day,
    weight * activity * case
        when day = getvariable('now')::date
            then (epoch(getvariable('now')) - epoch(getvariable('now')::date)) / 86400
        when day > getvariable('now')::date then 0
        else 1
    end as weight
from activity;
