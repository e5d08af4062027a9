"""Jobs whose data needed a rule to be read, counted by rule."""

from autostats.queries.rows import Row
from autostats.queries.scope import Scope

_EXAMPLES = 3


def problem_rows(scope: Scope) -> list[Row]:
    """Return each problem of the period's jobs, and of jobs without a day, the most frequent first.

    `examples` are its newest jobs, as pairs of job id and instrument.
    """
    chosen, names = scope.among()
    rows = scope.warehouse.rows(
        f"""
        select problem, min(detail) as detail, count(*) as jobs, count(distinct instrument) as instruments,
            max(day) as last_day,
            list([cast(job_id as varchar), instrument] order by job_id desc)[1:{_EXAMPLES}] as examples
        from fct_data_problems
        where (day between ? and ? or day is null) and {chosen}
        group by problem
        order by jobs desc, problem
        """,
        [scope.period.first, scope.period.last, *names],
    )
    return [{**row, "examples": [tuple(example) for example in row["examples"]]} for row in rows]
