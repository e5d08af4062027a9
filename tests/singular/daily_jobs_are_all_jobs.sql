-- The daily counts hold each job of a day that is not deleted once: no cell was missed, and none written twice.
with

counted as (
    select coalesce(sum(jobs_total), 0) as jobs from {{ ref('int_instrument_days') }}
),

present as (
    select count(*) as jobs from {{ ref('int_job_versions') }}
    where superseded_load is null and not is_deleted and day is not null
)

select
    counted.jobs as jobs_counted,
    present.jobs as jobs_present
from counted
cross join present
where counted.jobs <> present.jobs
