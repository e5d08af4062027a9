"""The numbers that a chart is drawn from, as a table beside it."""

from autostats.charts.chart import Chart
from autostats.render.section import Column, Kind, Section

_COLUMNS = {
    column.name: column
    for column in (
        Column("instrument", Kind.TEXT, "Instrument"),
        Column("day", Kind.DAY, "Day"),
        Column("label", Kind.TEXT, "Days"),
        Column("state", Kind.TEXT, "State"),
        Column("first_run_number", Kind.NUMBER, "First run"),
        Column("last_run_number", Kind.NUMBER, "Last run"),
        Column("runs", Kind.COUNT, "Runs"),
        Column("jobs_total", Kind.COUNT, "Jobs"),
        Column("jobs_passed", Kind.COUNT, "Passed"),
        Column("jobs_failed", Kind.BAD_COUNT, "Failed"),
        Column("jobs_skipped", Kind.COUNT, "Skipped"),
        Column("jobs_pending", Kind.COUNT, "Pending"),
        Column("jobs_other", Kind.COUNT, "Other"),
        Column("pass_rate", Kind.SHARE, "Pass rate"),
        Column("exe_time_count", Kind.COUNT, "Timed jobs"),
        Column("median_exe_time", Kind.SECONDS, "Median"),
        Column("p95_exe_time", Kind.SECONDS, "95th percentile"),
        Column("started_by_auto", Kind.COUNT, "Service"),
        Column("started_by_devs", Kind.COUNT, "Development team"),
        Column("started_by_users", Kind.COUNT, "Users"),
        Column("started_by_unknown", Kind.COUNT, "Unknown"),
    )
}


def chart_section(chart: Chart) -> Section:
    """Return the table of the chart's rows."""
    columns = [_COLUMNS[name] for name in (chart.rows[0] if chart.rows else ()) if name in _COLUMNS]
    return Section(
        name=f"{chart.name}-numbers",
        title=f"{chart.title}: the numbers",
        columns=columns,
        rows=chart.rows,
        layouts=[[column.name for column in columns]],
    )
