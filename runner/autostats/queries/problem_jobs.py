"""Jobs whose data needed a rule to be read, one by one."""

from autostats.queries.rows import Row
from autostats.queries.scope import Scope


def problem_job_rows(scope: Scope) -> list[Row]:
    """Return each problem of each job of the period, and of jobs without a day, the newest first."""
    chosen, names = scope.among()
    return scope.warehouse.rows(
        f"""
        select instrument, job_id, run_number, day, problem, detail
        from fct_data_problems
        where (day between ? and ? or day is null) and {chosen}
        order by day desc nulls first, job_id desc, problem
        """,
        [scope.period.first, scope.period.last, *names],
    )
