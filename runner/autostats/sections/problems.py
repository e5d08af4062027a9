"""Jobs whose data needed a rule to be read, counted by rule."""

from autostats.queries.problems import problem_rows
from autostats.queries.scope import Scope
from autostats.render.section import Column, Kind, Section
from autostats.text import printable


def problems_section(scope: Scope) -> Section:
    """Return the table of data problems."""
    rows = [
        {**row, "examples": ", ".join(f"{job_id} ({printable(name)})" for job_id, name in row["examples"])}
        for row in problem_rows(scope)
    ]
    layout = ("problem", "detail", "jobs", "instruments", "last_day", "examples")
    return Section(
        name="problem_kinds",
        title="Jobs whose data needed a rule to be read",
        columns=(
            *scope.warehouse.catalogue.columns("fct_data_problems", "problem", "detail"),
            Column("jobs", Kind.COUNT, "Jobs"),
            Column("instruments", Kind.COUNT, "Instruments"),
            Column("last_day", Kind.DAY, "Last on"),
            Column("examples", Kind.TEXT, "Newest jobs"),
        ),
        rows=rows,
        layouts=[layout],
        empty="None in this period.",
        count=sum(row["jobs"] for row in rows),
    )
