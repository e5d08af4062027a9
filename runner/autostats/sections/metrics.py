"""The metrics for Prometheus: the figures of a period per instrument, and what is open at its end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from autostats.catalogue import worded
from autostats.name_order import name_key
from autostats.period import EVER
from autostats.queries.archive import archived_instruments
from autostats.queries.attention import Subject, attention_rows
from autostats.queries.availability import states_now, totals_and_outages
from autostats.queries.instruments import known_instruments
from autostats.queries.missing import open_runs
from autostats.queries.runs import unresolved_counts
from autostats.queries.scope import Scope
from autostats.queries.table_freshness import STATES, tables_now
from autostats.render.section import Column, Metric, Row
from autostats.sections.archive import ARCHIVE_ONLY
from autostats.sections.availability import AVAILABILITY, POLLED
from autostats.sections.counted import COUNTED, DAILY

_PREFIX = "autostats"
# The columns with the wholes of the metrics that a label divides.
_WHOLES = {
    "jobs": "jobs_total",
    "runs": "runs_total",
    "instrument_state_seconds": "scheduled_seconds",
}
_STATES = ("up", "down", "unknown")


def _gauge(name: str, text: str, samples: Sequence[tuple[Mapping[str, str], float | None]]) -> Metric:
    """Return a gauge; an unknown value has no sample."""
    known = [(labels, value) for labels, value in samples if value is not None]
    return Metric(f"{_PREFIX}_{name}", text, known)


def _at(moment: datetime) -> int:
    """Return a UTC time as whole seconds since 1970."""
    return int(moment.replace(tzinfo=UTC).timestamp())


def _of_the_statistics(scope: Scope) -> list[Metric]:
    def single(name: str, text: str, value: float) -> Metric:
        return _gauge(name, text, [({}, value)])

    build = {
        "version": scope.settings.autostats_version,
        "schema_version": str(scope.settings.schema_version),
    }
    after = scope.period.last + timedelta(days=1)
    return [
        _gauge("build_info", "The version that built the statistics; always 1.", [(build, 1)]),
        single(
            "statistics_timestamp_seconds",
            "The moment that the statistics are of.",
            _at(scope.settings.as_of),
        ),
        single(
            "period_start_timestamp_seconds",
            "The beginning of the period.",
            _at(scope.settings.midnight(scope.period.first)),
        ),
        single("period_end_timestamp_seconds", "The end of the period.", _at(scope.settings.midnight(after))),
    ]


def _per_instrument(columns: Sequence[Column], rows: Sequence[Row]) -> list[Metric]:
    """Return the metrics of the period, as the `columns` name them; `rows` are those of a table."""
    descriptions = {column.name: column.description for column in columns}
    samples: dict[str, list[tuple[Mapping[str, str], float | None]]] = {}
    texts = {}
    for column in columns:
        name, _, label = column.metric.rstrip("}").partition("{")
        if not name:
            continue
        key, _, value = label.partition("=")
        labels = {key: value} if key else {}
        samples.setdefault(name, []).extend(
            ({"instrument": row["instrument"], **labels}, row[column.name]) for row in rows
        )
        # For a metric that is divided by a label, the description is about the whole.
        text = f"{descriptions[_WHOLES[name]][:-1]}, by {key}." if key else column.description
        texts[name] = worded(text, "period", null="absent")
    return [_gauge(name, texts[name], samples[name]) for name in samples]


def _still_open(scope: Scope) -> list[Metric]:
    """Return what is still open, regardless of the period: for each instrument, including zeros."""
    known = known_instruments(scope.warehouse) if scope.instruments is None else scope.instruments
    kinds = (
        (
            "open_missing_runs",
            "Runs that are missing, whenever noticed.",
            open_runs(scope.during(EVER)),
        ),
        (
            "unresolved_runs",
            "Runs that failed and have not passed since, whenever they failed.",
            unresolved_counts(scope),
        ),
    )
    return [
        _gauge(
            name,
            text,
            [({"instrument": each}, found.get(each, 0)) for each in sorted({*known, *found}, key=name_key)],
        )
        for name, text, found in kinds
    ]


def _attention(scope: Scope) -> list[Metric]:
    """Return how much needs attention, by subject: including zeros, so that alerts end.

    What belongs to no instrument has an empty one, and is left out of single instruments.
    """
    known = known_instruments(scope.warehouse) if scope.instruments is None else scope.instruments
    found = Counter((row["instrument"] or "", row["subject"]) for row in attention_rows(scope))
    cells = {(name, subject.value) for name in known for subject in Subject if subject.is_of_instruments}
    if scope.instruments is None:
        cells |= {("", subject.value) for subject in Subject if not subject.is_of_instruments}
    return [
        _gauge(
            "attention",
            "How much needs somebody now, by subject; a monitored table belongs to no instrument.",
            [
                ({"instrument": name, "subject": subject}, found[name, subject])
                for name, subject in sorted(cells | found.keys())
            ],
        )
    ]


def _tables(scope: Scope) -> list[Metric]:
    """Return the state of each monitored table; nothing where there are none, or of single instruments."""
    rows = tables_now(scope.warehouse) if scope.instruments is None else []
    if not rows:
        return []
    named = [({name: row[name] for name in ("dbobject", "table", "column")}, row) for row in rows]
    states = [({**of, "state": state}, float(row["state"] == state)) for of, row in named for state in STATES]
    lags = [(of, row["lag_seconds"]) for of, row in named]
    unusual = [(of, float(row["is_unusual"])) for of, row in named]
    return [
        _gauge("table_state", "1 for the state that a monitored table is in, 0 for the others.", states),
        _gauge("table_lag_seconds", "How long ago a monitored table was last updated.", lags),
        _gauge("table_unusual", "1 if its lag is unusual at this hour of the week, else 0.", unusual),
    ]


def _archive(scope: Scope) -> list[Metric]:
    """Return what the archive says of each instrument; nothing where nobody counts its files."""
    rows = archived_instruments(scope)
    texts = {
        "archive_only_runs": ARCHIVE_ONLY.description,
        "instrument_is_behind": "1 if the database is behind the archive by more than two runs, else 0.",
        "archive_looks_unmounted": "1 if too many of its files were gone at the newest look, else 0.",
    }
    columns = ("archive_only_runs", "is_behind", "looks_unmounted")
    return [
        _gauge(name, text, [({"instrument": row["instrument"]}, int(row[column])) for row in rows])
        for (name, text), column in zip(texts.items(), columns, strict=True)
        if rows
    ]


def _availability(scope: Scope) -> list[Metric]:
    """Return the metrics of the instruments with polls; none where there are no polls."""
    rows, _ = totals_and_outages(scope)
    if not rows:
        return []
    states = [row for row in states_now(scope) if row["state"] is not None]
    text = scope.warehouse.catalogue.column("rpt_availability", "state").description
    return [
        *_per_instrument(scope.warehouse.catalogue.columns(POLLED, *AVAILABILITY), rows),
        _gauge(
            "instrument_state",
            f"1 for the state that it is in, 0 for the others. {worded(text, null='absent')}",
            [
                ({"instrument": row["instrument"], "state": state}, int(row["state"] == state))
                for row in states
                for state in _STATES
            ],
        ),
    ]


def report_metrics(scope: Scope, rows: Sequence[Row]) -> list[Metric]:
    """Return the metrics of the report whose summary has `rows`."""
    return [
        *_of_the_statistics(scope),
        *_per_instrument(scope.warehouse.catalogue.columns(DAILY, *COUNTED), rows),
        *_still_open(scope),
        *_attention(scope),
        *_archive(scope),
        *_tables(scope),
        *_availability(scope),
    ]
