"""Jobs whose data had to be read with a rule, counted by the rule."""

from collections.abc import Sequence

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.render.text import plain
from autostats.statistics.rows import Row, among
from autostats.warehouse import Warehouse

_EXAMPLES = 3


def problem_rows(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> list[Row]:
    """Return each problem of the period's jobs, the most frequent first, with its newest jobs as examples.

    `examples` are pairs of a job's id and its instrument.
    """
    chosen, names = among("instrument", instruments)
    rows = warehouse.rows(
        f"""
        select problem, min(detail) as detail, count(*) as jobs, count(distinct instrument) as instruments,
            max(day) as last_day,
            list([cast(job_id as varchar), instrument] order by job_id desc)[1:{_EXAMPLES}] as examples
        from fct_data_problems
        where day between ? and ? and {chosen}
        group by problem
        order by jobs desc, problem
        """,
        [period.first, period.last, *names],
    )
    return [{**row, "examples": [tuple(example) for example in row["examples"]]} for row in rows]


def problems_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    """Return the table of data problems."""
    rows = [
        {**row, "examples": ", ".join(f"{job_id} ({plain(name)})" for job_id, name in row["examples"])}
        for row in problem_rows(warehouse, period, instruments)
    ]
    layout = ("problem", "detail", "jobs", "instruments", "last_day", "examples")
    return Section(
        name="problems",
        title="Jobs whose data had to be read with a rule",
        columns=(
            Column("problem", Kind.TEXT, "Problem"),
            Column("detail", Kind.TEXT, "How they are counted"),
            Column("jobs", Kind.COUNT, "Jobs"),
            Column("instruments", Kind.COUNT, "Instruments"),
            Column("last_day", Kind.DAY, "Last on"),
            Column("examples", Kind.TEXT, "Newest jobs"),
        ),
        rows=rows,
        layouts=[layout],
        empty="None in this period.",
    )
