-- A run that still passes is not among the unresolved ones, and a resolved run that no longer passes is.
select
    resolved_runs.instrument,
    resolved_runs.run_number,
    resolved_runs.resolved_day
from {{ ref('fct_resolved_runs') }} as resolved_runs
left join {{ ref('fct_unresolved_runs') }} as unresolved_runs
    on resolved_runs.instrument = unresolved_runs.instrument
    and resolved_runs.run_number = unresolved_runs.run_number
where resolved_runs.is_still_passing = (unresolved_runs.run_number is not null)
