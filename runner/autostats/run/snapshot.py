"""The state of the statistics before and after a run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from autostats.configuration.keys import VARS
from autostats.configuration.resolve import Layer, as_layer
from autostats.configuration.value_types import Value
from autostats.dbt_setup.setup import Setup
from autostats.errors import MissingDatabaseError, UsageError
from autostats.locked_file import open_when_free
from autostats.queries.missing import LACKING
from autostats.schema_version import SCHEMA_VERSION
from autostats.sql_text import literal, quoted
from autostats.warehouse import open_statistics


@dataclass(frozen=True)
class BuiltBy:
    """The version that built the statistics; None instead if they are half-built."""

    schema_version: int
    autostats_version: str
    # UTC.
    as_of: datetime


@dataclass(frozen=True)
class Snapshot:
    """The state of the statistics before or after a run, as far as the summary compares them.

    Runs are (instrument, run number); a resolution is (instrument, run number, day).
    """

    load: int = 0
    settings: BuiltBy | None = None
    # Those in `dim_settings` that can be set.
    built: Layer = field(default_factory=dict)
    missing: frozenset[tuple[str, int]] = frozenset()
    failing: frozenset[tuple[str, int]] = frozenset()
    resolved: frozenset[tuple[str, int, Any]] = frozenset()
    problems: dict[str, int] = field(default_factory=dict)


def connect_database(path: Path, wait: float) -> Any:
    """Return a writing connection to the statistics database, waiting up to `wait` seconds for its lock.

    Raises LockedError when another process keeps it open, and UsageError when it cannot be opened at all.
    """
    import duckdb

    try:
        return open_when_free(path, lambda: duckdb.connect(str(path)), wait)
    except duckdb.Error as error:
        text = " ".join(str(error).split())
        raise UsageError(
            f"The statistics database {path} cannot be opened: {text.split(': ', 1)[-1]}",
            "If a newer autostats wrote it, upgrade this one; otherwise, fix its permissions or its disk.",
        ) from error


_SETTINGS = "select * from {}.dim_settings"
_LOAD = "select coalesce(max(load_number), 0) from {}.int_job_versions"
_MISSING = (
    "select instrument, run_number from {}.fct_missing_runs"
    f" where state = 'open' and kind in ({', '.join(map(literal, LACKING))})"
)
_FAILING = "select instrument, run_number from {}.fct_unresolved_runs"
_RESOLVED = "select instrument, run_number, resolved_day from {}.fct_resolved_runs"
_PROBLEMS = "select problem, count(*) from {}.fct_data_problems group by problem"


def _settings(stamp: Mapping[str, Any]) -> BuiltBy:
    """Return the version in a row of `dim_settings`, which any version may have written."""
    return BuiltBy(**{each.name: stamp[each.name] for each in fields(BuiltBy)})


def take_snapshot(connection: Any, schema: str = "autostats") -> Snapshot:
    """Read the state of the statistics in `schema`; marts that do not exist yet count as empty."""
    import duckdb

    place = f"autostats.{quoted(schema)}"

    def rows(query: str) -> list[tuple[Any, ...]]:
        try:
            return list(connection.execute(query.format(place)).fetchall())
        except (duckdb.CatalogException, duckdb.BinderException):
            return []

    load = rows(_LOAD)
    stamps = rows(_SETTINGS)
    stamp = (
        dict(zip((column[0] for column in connection.description), stamps[0], strict=True)) if stamps else {}
    )
    return Snapshot(
        load=load[0][0] if load else 0,
        settings=_settings(stamp) if stamp else None,
        built=as_layer(stamp, "dim_settings"),
        missing=frozenset(rows(_MISSING)),
        failing=frozenset(rows(_FAILING)),
        resolved=frozenset(rows(_RESOLVED)),
        problems=dict(rows(_PROBLEMS)),
    )


def read_snapshot(setup: Setup, wait: float) -> Snapshot:
    """Return the state of the statistics; an empty one if there are none yet.

    Raises LockedError when another process keeps their file open for longer than `wait` seconds.
    """
    if setup.server is not None:
        try:
            connection = open_statistics(setup.server)
        except MissingDatabaseError:
            # MySQL: it does not exist before the first run.
            return Snapshot()
        with connection:
            return take_snapshot(connection, setup.server.statistics.schema or "autostats")
    if not setup.home.database.exists():
        return Snapshot()
    with connect_database(setup.home.database, wait) as connection:
        return take_snapshot(connection)


def reason_for_refresh(before: Snapshot, wanted: Mapping[str, Value]) -> str | None:
    """Return why all statistics have to be rebuilt, or None if the run may be incremental.

    `wanted` are the dbt vars of the run.
    """
    if before.load == 0:
        return None
    if before.settings is None:
        return "the first load, or the last full refresh, did not finish"
    if before.settings.schema_version < SCHEMA_VERSION:
        return f"they were built by an older version of autostats ({before.settings.autostats_version})"
    for name in ("facility_timezone", "source_timezone", "earliest_time"):
        built = before.built.get(f"{VARS}{name}")
        if built is not None and built != wanted[name]:
            return f"{name} has changed from {built} to {wanted[name]}"
    return None
