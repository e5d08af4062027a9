"""The tables behind an explained number."""

from datetime import UTC, date, datetime

from autostats.render.section import Column, Kind, Section
from autostats.statistics.explain import Behind, Explanation
from autostats.statistics.rows import Row
from autostats.statistics.settings import Settings

_CLOCKS = ("created_at", "started_at", "finished_at")
_JOB_COLUMNS = (
    Column("rank", Kind.NUMBER, "Rank"),
    Column("job_id", Kind.NUMBER, "Job"),
    Column("rb_number", Kind.NUMBER),
    Column("run_version", Kind.NUMBER),
    Column("experiment", Kind.TEXT, "RB", "RB {}", machine=False),
    Column("run_number", Kind.NUMBER),
    Column("run_numbers", Kind.TEXT),
    Column("runs", Kind.TEXT, "Run", machine=False),
    Column("status", Kind.TEXT, "Status"),
    Column("starter", Kind.TEXT, "Starter"),
    Column("started_by", Kind.NUMBER),
    Column("is_batch", Kind.FLAG),
    Column("created_at", Kind.TIME, "Created"),
    Column("started_at", Kind.TIME, "Started"),
    Column("finished_at", Kind.TIME, "Finished"),
    Column("created_at_clock", Kind.TEXT, "Created", machine=False),
    Column("started_at_clock", Kind.TEXT, "Started", machine=False),
    Column("finished_at_clock", Kind.TEXT, "Finished", machine=False),
    Column("exe_time", Kind.SECONDS, "Took"),
    Column("mark", Kind.TEXT, "", "this is the one", machine=False),
)
_CLOCK_COLUMNS = tuple(f"{name}_clock" for name in _CLOCKS)
_JOB_LAYOUTS = [
    ("job_id", "experiment", "runs", "status", "starter", *_CLOCKS, "exe_time"),
    ("job_id", "experiment", "runs", "status", "starter", *_CLOCK_COLUMNS, "exe_time"),
    ("job_id", "runs", "status", "starter", *_CLOCK_COLUMNS, "exe_time"),
    ("job_id", "runs", "status", "created_at_clock", "exe_time"),
]
# All of these are completed, so that the status says nothing.
_RANKED_LAYOUTS = [
    ("rank", *(name for name in layout if name != "status"), "mark") for layout in _JOB_LAYOUTS
]
COLUMNS: dict[Behind, tuple[Column, ...]] = {
    Behind.JOBS: _JOB_COLUMNS,
    Behind.RUNS: (
        Column("run_number", Kind.NUMBER, "Run"),
        Column("outcome", Kind.TEXT, "Outcome"),
        Column("jobs_total", Kind.COUNT, "Jobs", "{} job(s)"),
        Column("jobs_passed", Kind.COUNT, "Passed", "{} passed"),
        Column("jobs_failed", Kind.BAD_COUNT, "Failed", "{} failed"),
        Column("last_job_id", Kind.NUMBER, "Last job"),
        Column("last_status", Kind.TEXT, "Its status"),
    ),
    Behind.RESOLVED: (
        Column("run_number", Kind.NUMBER, "Run"),
        Column("first_failed_at", Kind.TIME, "Failed at"),
        Column("resolved_at", Kind.TIME, "Resolved at"),
        Column("hours_to_resolve", Kind.HOURS, "After"),
        Column("attempts", Kind.COUNT, "Attempts", "{} attempt(s)"),
        Column("resolved_by", Kind.TEXT, "By"),
        Column("is_still_passing", Kind.FLAG, "Still\npassing"),
    ),
    Behind.MISSING: (
        Column("run_number", Kind.NUMBER, "Run"),
        Column("kind", Kind.TEXT, "Kind"),
        Column("noticed_at", Kind.TIME, "Noticed at"),
        Column("cycle", Kind.TEXT, "Cycle"),
    ),
}


def _clock(moment: datetime | None, day: date, settings: Settings) -> str | None:
    """Return a local time of day; days after (or before) `day` are told by their distance."""
    if moment is None:
        return None
    local = moment.replace(tzinfo=UTC).astimezone(settings.zone)
    distance = (local.date() - day).days
    return f"{local:%H:%M:%S}{f' {distance:+}d' if distance else ''}"


def _job_row(row: Row, day: date, settings: Settings) -> Row:
    """Add what tables show in one column where programs get several."""
    rb, version, single = row["rb_number"], row["run_version"], row["run_number"]
    numbers = (row["run_numbers"] or "").replace(",", ", ")
    return {
        **row,
        "experiment": f"{rb} v{version}" if rb is not None else None,
        "runs": numbers or (None if single is None else str(single)),
        **{f"{name}_clock": _clock(row[name], day, settings) for name in _CLOCKS},
        "mark": "<- it" if row.get("is_the_number") else "",
    }


def rows_section(explanation: Explanation, day: date, settings: Settings) -> Section:
    """Return the rows behind the number as a section."""
    behind = explanation.number.behind
    columns = COLUMNS[behind]
    rows = explanation.rows
    layouts = [tuple(column.name for column in columns)]
    if behind is Behind.JOBS:
        ranked = explanation.number.percentile is not None
        rows = [_job_row(row, day, settings) for row in rows]
        layouts = _RANKED_LAYOUTS if ranked else _JOB_LAYOUTS
        columns = tuple(column for column in columns if ranked or column.name != "rank")
    return Section(
        name="rows",
        title="What stands behind it",
        columns=columns,
        rows=rows,
        layouts=layouts,
        empty="Nothing stands behind it.",
    )
