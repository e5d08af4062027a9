"""The numbers that a chart is drawn from, as a table beside it."""

from autostats.catalogue import Catalogue
from autostats.charts.chart import Chart
from autostats.queries.availability import STATES
from autostats.queries.missing import State
from autostats.render.section import Column, Kind, Section
from autostats.sections.availability import POLLED
from autostats.sections.breakdown import DAYS
from autostats.sections.counted import DAILY
from autostats.sections.missing import missing_columns

_SPAN = Column("label", Kind.TEXT, "Days")


def _known(catalogue: Catalogue) -> dict[str, Column]:
    """Return the columns that the table may have; a chart's other columns only serve to draw it."""
    daily = catalogue.columns(DAILY, *DAYS)
    ranges = missing_columns(catalogue, State.OPEN)
    states = catalogue.columns(POLLED, *STATES)
    return {column.name: column for column in (*ranges, *daily, *states, _SPAN)}


def chart_section(catalogue: Catalogue, chart: Chart) -> Section:
    """Return the table of the chart's rows."""
    known = _known(catalogue)
    columns = [known[name] for name in (chart.rows[0] if chart.rows else ()) if name in known]
    return Section(
        name=f"{chart.name}-numbers",
        title=f"{chart.title}: the numbers",
        columns=columns,
        rows=chart.rows,
        layouts=[[column.name for column in columns]],
    )
