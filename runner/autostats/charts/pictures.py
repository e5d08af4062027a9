"""Which picture each chart is."""

from collections.abc import Callable, Mapping

import altair as alt

from autostats.charts.along_time import exe_time, jobs, pass_rate, starters
from autostats.charts.availability import availability
from autostats.charts.calendar import failures
from autostats.charts.chart import Chart, ChartName
from autostats.charts.numbering import missing
from autostats.charts.palette import Look


def nothing(chart: Chart, look: Look) -> alt.Chart:
    """Draw nothing, as wide as the other charts: the text beside it has to suffice."""
    empty: alt.Chart = alt.Chart(alt.InlineData(values=[])).mark_text()
    return empty.properties(width=look.width, height=1)


PICTURES: Mapping[ChartName, Callable[[Chart, Look], alt.Chart | alt.LayerChart]] = {
    ChartName.JOBS: jobs,
    ChartName.PASS_RATE: pass_rate,
    ChartName.EXE_TIME: exe_time,
    ChartName.STARTERS: starters,
    ChartName.MISSING: missing,
    ChartName.FAILURES: failures,
    ChartName.AVAILABILITY: availability,
}
