"""The days on which most failed."""

from collections.abc import Sequence

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.statistics.rows import Row, among, pass_rate
from autostats.warehouse import Warehouse


def failure_days(
    warehouse: Warehouse, period: Period, instruments: Sequence[str] | None, limit: int
) -> list[Row]:
    """Return the instruments' days with most failed jobs, at most `limit` of them, the worst first."""
    chosen, names = among("instrument", instruments)
    rows = warehouse.rows(
        f"""
        select instrument, day, jobs_total, jobs_passed, jobs_failed
        from fct_instrument_daily
        where jobs_failed > 0 and day between ? and ? and {chosen}
        order by jobs_failed desc, day desc, instrument
        limit ?
        """,
        [period.first, period.last, *names, limit],
    )
    return [{**row, "pass_rate": pass_rate(row)} for row in rows]


def failure_days_section(
    warehouse: Warehouse, period: Period, instruments: Sequence[str] | None, limit: int
) -> Section:
    """Return the table of the days with most failed jobs."""
    rows = failure_days(warehouse, period, instruments, limit)
    return Section(
        name="failure_days",
        title="The days with most failed jobs",
        columns=(
            Column("instrument", Kind.TEXT, "Instrument"),
            Column("day", Kind.DAY, "Day"),
            Column("jobs_failed", Kind.BAD_COUNT, "Failed"),
            Column("jobs_total", Kind.COUNT, "Jobs"),
            Column("pass_rate", Kind.SHARE, "Pass rate"),
        ),
        rows=rows,
        layouts=[("instrument", "day", "jobs_failed", "jobs_total", "pass_rate")],
        empty="No job failed in this period.",
    )
