"""Jobs whose data needed a rule to be read, one by one, in a table."""

from autostats.catalogue import Catalogue
from autostats.queries.problem_jobs import problem_job_rows
from autostats.queries.scope import Scope
from autostats.render.section import Column, Section

_COLUMNS = ("instrument", "job_id", "run_number", "day", "problem", "detail")


def problem_job_columns(catalogue: Catalogue) -> tuple[Column, ...]:
    """Return the columns of the jobs with problems."""
    return catalogue.columns("fct_data_problems", *_COLUMNS)


def problem_jobs_section(scope: Scope) -> Section:
    """Return the jobs of the period whose data needed a rule, with the rule and how they are counted."""
    rows = problem_job_rows(scope)
    return Section(
        name="problems",
        title="Data problems",
        which="of jobs created in this period, or at an unknown time",
        columns=problem_job_columns(scope.warehouse.catalogue),
        rows=rows,
        layouts=[_COLUMNS, ("instrument", "job_id", "run_number", "problem", "detail")],
        count=len(rows),
        empty="None in this period.",
    )
