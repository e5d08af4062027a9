"""The sections of the report: which columns each has, and which it gives up where there is little room."""

from collections.abc import Sequence
from dataclasses import replace

from autostats.period import Period
from autostats.render.section import Column, Kind, Section
from autostats.statistics.buckets import Bucket, By, calendar_buckets
from autostats.statistics.comparison import Comparison, coverage
from autostats.statistics.cycles import cycle_buckets
from autostats.statistics.days import daily_rows, recorded_days
from autostats.statistics.hours import hourly_rows
from autostats.statistics.missing import State, missing_ranges, open_runs
from autostats.statistics.missing_sections import MISSING_LAYOUTS, missing_columns
from autostats.statistics.rows import Row
from autostats.statistics.runs import resolved_rows, unresolved_before, unresolved_rows
from autostats.statistics.settings import Settings
from autostats.statistics.summary import jobs_per_day, summarise
from autostats.warehouse import Warehouse

_INSTRUMENT = Column("instrument", Kind.TEXT, "Instrument", "{}")
_COUNTED = (
    Column("jobs_total", Kind.COUNT, "Jobs", "{} job(s)"),
    Column("jobs_passed", Kind.COUNT, "Passed", "{} passed"),
    Column("jobs_failed", Kind.BAD_COUNT, "Failed", "{} failed"),
    Column("jobs_skipped", Kind.COUNT, "Skipped", "{} skipped"),
    Column("jobs_pending", Kind.COUNT, "Pending", "{} pending"),
    Column("jobs_other", Kind.COUNT, "Other", "{} of another status"),
    Column("jobs_rest", Kind.COUNT, "Rest", "{} of the rest", machine=False),
    Column("jobs_batch", Kind.COUNT, "Batch", "{} batch job(s)"),
    Column("pass_rate", Kind.SHARE, "Pass\nrate"),
    Column("exe_time_count", Kind.COUNT, "Timed", "{} with an execution time"),
    Column("avg_exe_time", Kind.SECONDS, "Mean", "mean execution time {}"),
    Column("median_exe_time", Kind.SECONDS, "Median", "median {}"),
    Column("p95_exe_time", Kind.SECONDS, "p95", "95th percentile {}"),
    Column("runs_total", Kind.COUNT, "Runs", "{} run(s)"),
    Column("runs_passed", Kind.COUNT, "Runs\npassed", "{} run(s) passed"),
    Column("runs_failed", Kind.BAD_COUNT, "Runs\nfailed", "{} run(s) failed"),
    Column("runs_other", Kind.COUNT, "Runs\nother", "{} run(s) of another outcome"),
    Column("resolved_runs", Kind.COUNT, "Resolved", "{} run(s) resolved"),
    Column("missing_runs", Kind.BAD_COUNT, "Missing", "{} run(s) missing"),
)
SUMMARY_COLUMNS = (
    _INSTRUMENT,
    *_COUNTED,
    Column("jobs_per_day", Kind.SERIES, "Jobs per day", "{} jobs a day"),
)
DAY_COLUMNS = (
    Column("day", Kind.DAY, "Day", "{}"),
    _INSTRUMENT,
    *_COUNTED,
    Column("exe_time_sum", Kind.SECONDS, "Sum", "execution time in all {}"),
    Column("max_exe_time", Kind.SECONDS, "Longest", "longest {}"),
    Column("started_by_auto", Kind.COUNT, "By\nauto", "{} started by the service"),
    Column("started_by_devs", Kind.COUNT, "By\ndevs", "{} by the development team"),
    Column("started_by_users", Kind.COUNT, "By\nusers", "{} by users"),
    Column("started_by_unknown", Kind.COUNT, "By\nunknown", "{} by unknown"),
    Column("cycle", Kind.TEXT, "Cycle"),
    Column("is_maintenance_day", Kind.FLAG, "Mainte-\nnance", "maintenance day {}"),
    Column("is_complete", Kind.FLAG, "Complete"),
)
HOUR_COLUMNS = (
    Column("hour", Kind.HOUR, "Hour", "{}"),
    Column("day", Kind.DAY, "Day", "{}"),
    _INSTRUMENT,
    *_COUNTED,
)
# Those that `--columns` and `--sort` choose from, but for the names of weeks and the like.
COUNTED_COLUMNS = tuple(
    {column.name: column for column in (*SUMMARY_COLUMNS, *DAY_COLUMNS, *HOUR_COLUMNS)}.values()
)
_COMPARED = (
    "jobs_total",
    "jobs_failed",
    "pass_rate",
    "median_exe_time",
    "p95_exe_time",
    "runs_total",
    "resolved_runs",
    "missing_runs",
)
COMPARISON_COLUMNS = (
    _INSTRUMENT,
    *(
        column
        for now in _COUNTED
        if now.name in _COMPARED
        for column in (
            now,
            replace(now, name=f"{now.name}_then", heading=f"{now.heading}\nthen", spoken="then {}"),
            Column(f"{now.name}_change", now.kind, "+/-", "change {}", is_change=True),
        )
    ),
)
RESOLVED_COLUMNS = (
    _INSTRUMENT,
    Column("run_number", Kind.NUMBER, "Run"),
    Column("resolved_day", Kind.DAY, "Resolved\non"),
    Column("first_failed_at", Kind.TIME, "Failed at"),
    Column("resolved_at", Kind.TIME, "Resolved at"),
    Column("attempts", Kind.COUNT, "Attempts", "{} attempt(s)"),
    Column("hours_to_resolve", Kind.HOURS, "After"),
    Column("resolved_by", Kind.TEXT, "By"),
    Column("is_still_passing", Kind.FLAG, "Still\npassing"),
)
UNRESOLVED_COLUMNS = (
    _INSTRUMENT,
    Column("run_number", Kind.NUMBER, "Run"),
    Column("failed_day", Kind.DAY, "Failing\nfrom"),
    Column("failed_since", Kind.TIME, "Failing since"),
    Column("last_failed_at", Kind.TIME, "Last failed"),
    Column("attempts", Kind.COUNT, "Attempts", "{} attempt(s)"),
    Column("last_job_id", Kind.NUMBER, "Last job"),
    Column("last_started_by", Kind.TEXT, "Last\nstarted by"),
)
_SHORT = {
    "instrument": "Instr.",
    "jobs_passed": "Pass",
    "jobs_failed": "Fail",
    "jobs_skipped": "Skip-\nped",
    "jobs_pending": "Pend-\ning",
    "resolved_runs": "Re-\nsolved",
    "missing_runs": "Miss-\ning",
    "jobs_per_day": "Per day",
}
_JOBS = ("jobs_total", "jobs_passed", "jobs_failed")
_FOLDED = (*_JOBS, "jobs_rest", "pass_rate")
_UNFOLDED = (*_JOBS, "jobs_skipped", "jobs_pending", "jobs_other", "pass_rate")
_TIMES = ("avg_exe_time", "median_exe_time", "p95_exe_time")
_RUNS = ("runs_total", "runs_failed", "resolved_runs", "missing_runs")
_FEW_RUNS = ("runs_total", "resolved_runs", "missing_runs")
# The widest first: what a reader can best do without goes first.
_NUMBER_LAYOUTS = (
    (*_UNFOLDED, *_TIMES, *_RUNS),
    (*_FOLDED, *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_RUNS),
    (*_JOBS, "pass_rate", *_TIMES, *_FEW_RUNS),
    (*_JOBS, "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "pass_rate", *_TIMES[1:], *_FEW_RUNS),
    ("jobs_total", "jobs_failed", "median_exe_time", *_FEW_RUNS),
)


_COMPARISON_LAYOUTS = (
    _COMPARED,
    tuple(name for name in _COMPARED if name not in ("p95_exe_time", "resolved_runs")),
    ("jobs_total", "jobs_failed", "pass_rate", "median_exe_time", "runs_total"),
    ("jobs_total", "jobs_failed", "pass_rate"),
)

# Not an instrument, but where jobs without one are counted.
_UNKNOWN = "unknown"


def _prepared(rows: Sequence[Row], instruments: Sequence[str] | None) -> list[Row]:
    """Add what the narrow layouts fold together; leave out `unknown` where nothing is unknown."""
    return [
        {**row, "jobs_rest": row["jobs_skipped"] + row["jobs_pending"] + row["jobs_other"]}
        for row in rows
        if instruments is not None or row["instrument"] != _UNKNOWN or row["jobs_total"]
    ]


def _unfinished(period: Period, settings: Settings) -> list[str]:
    """Say which day of the period was not over when the statistics were built."""
    day = settings.local(settings.as_of).date()
    if not period.first <= day <= period.last:
        return []
    return [f"{day} was not over when the statistics were built."]


def summary_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    """Return one row per instrument for the whole period, and the total."""
    rows = _prepared(
        summarise(warehouse, [Bucket("period", period.first, period.last)], instruments), instruments
    )
    jobs = jobs_per_day(warehouse, period, instruments)
    trend = ("jobs_per_day",) if period.days > 1 else ()
    rows = [{**row, "jobs_per_day": jobs[row["instrument"]]} for row in rows]
    return Section(
        name="summary",
        title="Summary",
        columns=SUMMARY_COLUMNS,
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[("instrument", *layout, *trend) for layout in _NUMBER_LAYOUTS],
        short_headings=_SHORT,
        empty="No statistics for this period.",
        notes=_unfinished(period, settings) if rows else (),
    )


def comparison_section(
    warehouse: Warehouse, comparison: Comparison, instruments: Sequence[str] | None
) -> Section:
    """Return one row per instrument, and the total, with each number now, then, and their difference."""
    now, then = (
        {
            row["instrument"]: row
            for row in summarise(warehouse, [Bucket("period", period.first, period.last)], instruments)
        }
        for period in (comparison.now, comparison.then)
    )
    rows = [
        _compared(now[name], then.get(name))
        for name in now
        if instruments is not None or name != _UNKNOWN or now[name]["jobs_total"]
    ]
    return Section(
        name="comparison",
        title=f"Compared with {comparison.name}",
        columns=COMPARISON_COLUMNS,
        rows=[row for row in rows if row["instrument"] is not None],
        total=next((row for row in rows if row["instrument"] is None), None),
        layouts=[
            ("instrument", *(f"{name}{part}" for name in layout for part in ("", "_change")))
            for layout in _COMPARISON_LAYOUTS
        ],
        short_headings=_SHORT,
        empty="No statistics for this period.",
        notes=[*comparison.notes, *(coverage(warehouse, comparison.then, instruments) if rows else ())],
    )


def _compared(now: Row, then: Row | None) -> Row:
    """Return the numbers of now, with `_then` and `_change`; None where there is nothing to compare with."""
    row: Row = {"instrument": now["instrument"]}
    for name in _COMPARED:
        value, before = now[name], then[name] if then is not None else None
        change = None if value is None or before is None else value - before
        row |= {name: value, f"{name}_then": before, f"{name}_change": change}
    return row


def _days_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    return Section(
        name="days",
        title="Days",
        columns=DAY_COLUMNS,
        rows=_prepared(daily_rows(warehouse, period, instruments), instruments),
        layouts=[
            ("day", "instrument", *_NUMBER_LAYOUTS[0], "cycle"),
            *(("day", "instrument", *layout) for layout in _NUMBER_LAYOUTS),
        ],
        short_headings=_SHORT,
        empty="No statistics for this period.",
    )


def _hours_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    return Section(
        name="hours",
        title="Hours",
        columns=HOUR_COLUMNS,
        rows=_prepared(hourly_rows(warehouse, settings, period, instruments), instruments),
        layouts=[("hour", "instrument", *layout) for layout in _NUMBER_LAYOUTS],
        short_headings=_SHORT,
        empty="Nothing happened in this period.",
    )


def bucket_columns(by: By) -> tuple[Column, ...]:
    """Return the columns of weeks, months, quarters or beam cycles."""
    return (
        Column(by.value, Kind.TEXT, by.value.capitalize(), "{}"),
        Column("first_day", Kind.DAY, "First day", "{}"),
        Column("last_day", Kind.DAY, "Last day", "to {}"),
        _INSTRUMENT,
        *_COUNTED,
    )


def breakdown_section(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    by: By,
) -> Section:
    """Return one row per instrument and hour, day, week, month, quarter or beam cycle.

    Raises UsageError for the hours of a long period.
    """
    if by is By.HOUR:
        return _hours_section(warehouse, settings, period, instruments)
    if by is By.DAY:
        return _days_section(warehouse, period, instruments)
    recorded = recorded_days(warehouse, instruments)
    buckets: list[Bucket] = []
    if recorded is not None and period.first <= recorded[1] and period.last >= recorded[0]:
        within = Period(max(period.first, recorded[0]), min(period.last, recorded[1]))
        buckets = cycle_buckets(warehouse, within) if by is By.CYCLE else calendar_buckets(within, by)
    rows = [
        {**row, by.value: row["label"]}
        for row in _prepared(summarise(warehouse, buckets, instruments), instruments)
        if row["instrument"] is not None
    ]
    return Section(
        name=f"{by.value}s",
        title=f"{by.value.capitalize()}s",
        columns=bucket_columns(by),
        rows=rows,
        layouts=[
            (by.value, "first_day", "last_day", "instrument", *_NUMBER_LAYOUTS[0]),
            *((by.value, "instrument", *layout) for layout in _NUMBER_LAYOUTS),
        ],
        short_headings=_SHORT,
        empty=f"No {by.value} within this period has statistics.",
    )


def resolved_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    """Return the runs that were resolved in the period."""
    return Section(
        name="resolved",
        title="Resolved runs (failed before, passed in this period)",
        columns=RESOLVED_COLUMNS,
        rows=resolved_rows(warehouse, period, instruments),
        layouts=[
            (
                "instrument",
                "run_number",
                "first_failed_at",
                "resolved_at",
                "hours_to_resolve",
                "attempts",
                "resolved_by",
                "is_still_passing",
            ),
            (
                "instrument",
                "run_number",
                "resolved_at",
                "hours_to_resolve",
                "attempts",
                "resolved_by",
                "is_still_passing",
            ),
            ("instrument", "run_number", "resolved_at", "hours_to_resolve", "attempts"),
        ],
        short_headings={"attempts": "Tries"},
        empty="None in this period.",
    )


def unresolved_section(
    warehouse: Warehouse, settings: Settings, period: Period, instruments: Sequence[str] | None
) -> Section:
    """Return the runs that failed in the period and have not passed since; older ones are counted below."""
    from datetime import timedelta

    begins_at = settings.midnight(period.first)
    ends_at = settings.midnight(period.last + timedelta(days=1))
    older = unresolved_before(warehouse, begins_at, instruments)
    return Section(
        name="unresolved",
        title="Unresolved runs (failed in this period, not passed since)",
        columns=UNRESOLVED_COLUMNS,
        rows=unresolved_rows(warehouse, begins_at, ends_at, instruments),
        layouts=[
            (
                "instrument",
                "run_number",
                "failed_since",
                "last_failed_at",
                "attempts",
                "last_job_id",
                "last_started_by",
            ),
            ("instrument", "run_number", "failed_since", "last_failed_at", "attempts", "last_job_id"),
            ("instrument", "run_number", "failed_since", "attempts"),
        ],
        short_headings={"attempts": "Tries", "last_started_by": "By"},
        empty="None in this period.",
        notes=[f"{older} more that last failed before {period.first}."] if older else (),
    )


def missing_section(warehouse: Warehouse, period: Period, instruments: Sequence[str] | None) -> Section:
    """Return the ranges of missing runs noticed in the period; others are counted below."""
    within = sum(open_runs(warehouse, period, instruments).values())
    others = sum(open_runs(warehouse, None, instruments).values()) - within
    return Section(
        name="missing",
        title="Missing runs (noticed in this period)",
        columns=missing_columns(State.OPEN),
        rows=missing_ranges(warehouse, State.OPEN, period, instruments),
        layouts=MISSING_LAYOUTS[State.OPEN],
        empty="None in this period.",
        notes=[f"{others} more noticed on other days: `autostats missing` lists them."] if others else (),
    )
