-- The daily counts of runs hold each row of fct_run_daily once.
with

counted as (
    select coalesce(sum(runs_total), 0) as runs from {{ ref('int_instrument_days') }}
),

present as (
    select count(*) as runs from {{ ref('fct_run_daily') }}
)

select
    counted.runs as runs_counted,
    present.runs as runs_present
from counted
cross join present
where counted.runs <> present.runs
