"""The tables behind an explained number."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from autostats.catalogue import Catalogue
from autostats.queries.explain import Behind, Explanation
from autostats.queries.rows import Row
from autostats.queries.settings import Settings
from autostats.render.section import Column, Kind, Section
from autostats.sections.breakdown import DAYS
from autostats.sections.counted import DAILY

_CLOCKS = ("created_at", "started_at", "finished_at")
_JOBS = (
    Column("rank", Kind.NUMBER, "Rank", description="The job's place by execution time, from 1."),
    "job_id",
    "rb_number",
    "run_version",
    Column("experiment", Kind.TEXT, "RB", "RB {}", machine=False),
    "run_number",
    "run_numbers",
    Column("runs", Kind.TEXT, "Run", machine=False, names=Kind.RUN),
    "status",
    "starter",
    "started_by",
    "is_batch",
    "created_at",
    "started_at",
    "finished_at",
    Column("created_at_clock", Kind.TEXT, "Created", machine=False),
    Column("started_at_clock", Kind.TEXT, "Started", machine=False),
    Column("finished_at_clock", Kind.TEXT, "Finished", machine=False),
    "exe_time",
    Column("mark", Kind.TEXT, "", "this is the one", machine=False),
)
_CLOCK_COLUMNS = tuple(f"{name}_clock" for name in _CLOCKS)
_JOB_LAYOUTS = [
    ("job_id", "experiment", "runs", "status", "starter", *_CLOCKS, "exe_time"),
    ("job_id", "experiment", "runs", "status", "starter", *_CLOCK_COLUMNS, "exe_time"),
    ("job_id", "runs", "status", "starter", *_CLOCK_COLUMNS, "exe_time"),
    ("job_id", "runs", "status", "created_at_clock", "exe_time"),
]
# All of these are completed, so the status says nothing.
_RANKED_LAYOUTS = [
    ("rank", *(name for name in layout if name != "status"), "mark") for layout in _JOB_LAYOUTS
]
_SHOWN: Mapping[Behind, tuple[str, tuple[str | Column, ...]]] = {
    Behind.JOBS: ("fct_jobs", _JOBS),
    Behind.RUNS: (
        "fct_run_daily",
        (
            *("run_number", "outcome", "jobs_total", "jobs_passed", "jobs_failed"),
            *("last_job_id", "last_status"),
        ),
    ),
    Behind.RESOLVED: (
        "fct_resolved_runs",
        (
            *("run_number", "first_failed_at", "resolved_at", "hours_to_resolve"),
            *("attempts", "resolved_by", "is_still_passing"),
        ),
    ),
    Behind.MISSING: ("fct_missing_runs", ("run_number", "kind", "noticed_at", "cycle")),
}


# Their tables allow NULL, but a job or run on a day always has them.
_KNOWN = ("created_at", "last_job_id", "last_status")


def rows_columns(catalogue: Catalogue, behind: Behind) -> tuple[Column, ...]:
    """Return the columns of the rows behind a number."""
    model, wanted = _SHOWN[behind]
    return tuple(
        replace(column, is_nullable=False) if column.name in _KNOWN else column
        for column in catalogue.columns(model, *wanted)
    )


def explained_column(catalogue: Catalogue, name: str) -> Column:
    """Return the column of an explainable number."""
    return next(column for column in catalogue.columns(DAILY, *DAYS) if column.name == name)


def _clock(moment: datetime | None, day: date, settings: Settings) -> str | None:
    """Return a local time of day; a time on a later or earlier day is marked with its distance from `day`."""
    if moment is None:
        return None
    local = moment.replace(tzinfo=UTC).astimezone(settings.zone)
    distance = (local.date() - day).days
    return f"{local:%H:%M:%S}{f' {distance:+}d' if distance else ''}"


def _job_row(row: Row, day: date, settings: Settings) -> Row:
    """Add the columns in which tables combine several columns that programs get."""
    rb, version, single = row["rb_number"], row["run_version"], row["run_number"]
    numbers = (row["run_numbers"] or "").replace(",", ", ")
    return {
        **row,
        "experiment": f"{rb} v{version}" if rb is not None else None,
        "runs": numbers or (None if single is None else str(single)),
        **{f"{name}_clock": _clock(row[name], day, settings) for name in _CLOCKS},
        "mark": "<- it" if row.get("is_the_number") else "",
    }


def rows_section(catalogue: Catalogue, explanation: Explanation, day: date, settings: Settings) -> Section:
    """Return the rows behind the number as a section."""
    behind = explanation.number.behind
    columns = rows_columns(catalogue, behind)
    rows = explanation.rows
    layouts = [tuple(column.name for column in columns)]
    if behind is Behind.JOBS:
        ranked = explanation.number.percentile is not None
        rows = [_job_row(row, day, settings) for row in rows]
        layouts = _RANKED_LAYOUTS if ranked else _JOB_LAYOUTS
        columns = tuple(column for column in columns if ranked or column.name != "rank")
    return Section(
        name="rows",
        title="What is behind it",
        columns=columns,
        rows=rows,
        layouts=layouts,
        empty="Nothing is behind it.",
    )
