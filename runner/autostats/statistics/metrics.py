"""What Prometheus is told: the figures of a period per instrument, and what is open at its end."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from autostats.period import Period
from autostats.render.section import Metric, Row
from autostats.statistics.instruments import known_instruments
from autostats.statistics.missing import open_runs
from autostats.statistics.runs import unresolved_counts
from autostats.statistics.settings import Settings
from autostats.warehouse import Warehouse

_PREFIX = "autostats"
# By one label: the metric, its label, what it tells, and the column of each of the label's values.
_PARTS: Sequence[tuple[str, str, str, Mapping[str, str]]] = (
    (
        "jobs",
        "status",
        "Jobs created in the period, by what became of them.",
        {name: f"jobs_{name}" for name in ("passed", "failed", "skipped", "pending", "other")},
    ),
    (
        "runs",
        "outcome",
        "Distinct runs with a job of their own created in the period, by the outcome of the last one.",
        {name: f"runs_{name}" for name in ("passed", "failed", "other")},
    ),
)
# Of each instrument alone: the metric, what it tells, and its column.
_SINGLE: Sequence[tuple[str, str, str]] = (
    ("batch_jobs", "Batch jobs among the jobs created in the period.", "jobs_batch"),
    (
        "pass_ratio",
        "Passed jobs among the passed and failed ones, 0 to 1; absent when none ended.",
        "pass_rate",
    ),
    ("timed_jobs", "Jobs of the period that have an execution time.", "exe_time_count"),
    ("execution_time_mean_seconds", "Mean execution time; absent when no job has one.", "avg_exe_time"),
    (
        "execution_time_median_seconds",
        "Median execution time; absent when no job has one.",
        "median_exe_time",
    ),
    (
        "execution_time_p95_seconds",
        "95th percentile of the execution time; absent when no job has one.",
        "p95_exe_time",
    ),
    ("resolved_runs", "Runs that had failed and that passed in the period.", "resolved_runs"),
    ("missing_runs", "Runs noticed missing in the period that are missing still.", "missing_runs"),
)


def _gauge(name: str, text: str, samples: Sequence[tuple[Mapping[str, str], float | None]]) -> Metric:
    """Return a gauge; what is not known has no sample."""
    known = [(labels, value) for labels, value in samples if value is not None]
    return Metric(f"{_PREFIX}_{name}", text, known)


def _at(moment: datetime) -> int:
    """Return a UTC time as whole seconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def _of_the_statistics(settings: Settings, period: Period) -> list[Metric]:
    def single(name: str, text: str, value: float) -> Metric:
        return _gauge(name, text, [({}, value)])

    build = {"version": settings.autostats_version, "schema_version": str(settings.schema_version)}
    after = period.last + timedelta(days=1)
    return [
        _gauge("build_info", "The version that built the statistics; always 1.", [(build, 1)]),
        single("statistics_timestamp_seconds", "The moment that the statistics are of.", _at(settings.as_of)),
        single(
            "period_start_timestamp_seconds",
            "The beginning of the period.",
            _at(settings.midnight(period.first)),
        ),
        single("period_end_timestamp_seconds", "The end of the period.", _at(settings.midnight(after))),
    ]


def _per_instrument(rows: Sequence[Row]) -> list[Metric]:
    """Return the metrics of the period; `rows` are those of the summary."""
    parts = [
        _gauge(
            name,
            text,
            [
                ({"instrument": row["instrument"], label: part}, row[column])
                for row in rows
                for part, column in columns.items()
            ],
        )
        for name, label, text, columns in _PARTS
    ]
    singles = [
        _gauge(name, text, [({"instrument": row["instrument"]}, row[column]) for row in rows])
        for name, text, column in _SINGLE
    ]
    return [*parts, *singles]


def _still_open(warehouse: Warehouse, instruments: Sequence[str] | None) -> list[Metric]:
    """Return what is open whatever the period: of each instrument, zero included."""
    known = known_instruments(warehouse) if instruments is None else instruments
    kinds = (
        (
            "open_missing_runs",
            "Runs that are missing, whenever noticed.",
            open_runs(warehouse, None, instruments),
        ),
        (
            "unresolved_runs",
            "Runs that failed and have not passed since, whenever they failed.",
            unresolved_counts(warehouse, instruments),
        ),
    )
    return [
        _gauge(name, text, [({"instrument": each}, found.get(each, 0)) for each in sorted({*known, *found})])
        for name, text, found in kinds
    ]


def report_metrics(
    warehouse: Warehouse,
    settings: Settings,
    period: Period,
    instruments: Sequence[str] | None,
    rows: Sequence[Row],
) -> list[Metric]:
    """Return the metrics of the report, whose summary has `rows`."""
    return [
        *_of_the_statistics(settings, period),
        *_per_instrument(rows),
        *_still_open(warehouse, instruments),
    ]
