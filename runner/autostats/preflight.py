"""What must hold before a run starts, so that it stops with one sentence and not in mid-work."""

import os
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from autostats.errors import LockedError, UsageError
from autostats.home import Home
from autostats.schema_version import SCHEMA_VERSION


def check_home(home: Home) -> None:
    """Make the home's folders. Raises UsageError when they cannot be written."""
    try:
        for folder in (home.root, home.target, home.logs):
            folder.mkdir(parents=True, exist_ok=True)
        # Of this process alone, for another run may be looking at the same moment.
        probe = home.root / f".writable.{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise UsageError(
            f"The folder {home.root} cannot be written: {error.strerror or error}.",
            "Name another by --home or AUTOSTATS_HOME, or mend its permissions.",
        ) from error


def check_time_zone(variable: str, zone: object) -> None:
    """Raise UsageError when `zone`, the value of a dbt var, is no IANA time zone."""
    import pytz

    if str(zone) not in pytz.all_timezones_set:
        raise UsageError(
            f"{zone!r}, the value of {variable}, is not a time zone.",
            "Use an IANA name such as Europe/London.",
        )


def check_adapter(adapter: str) -> None:
    """Raise UsageError when dbt's `adapter` (`duckdb`, `postgres`, ...) is not installed."""
    try:
        metadata.version(f"dbt-{adapter}")
    except metadata.PackageNotFoundError:
        raise UsageError(
            f"The target connects with {adapter}, for which dbt-{adapter} is not installed.",
            f"Install it: pip install 'autostats[{adapter}]'",
        ) from None


@dataclass(frozen=True)
class Settings:
    """How the statistics that are there were built; None in place of it when they are half-built."""

    schema_version: int
    autostats_version: str
    facility_timezone: str
    source_timezone: str


@dataclass(frozen=True)
class Snapshot:
    """The state of the statistics before or after a run, as far as the summary compares them.

    Runs are (instrument, run number); a resolution is (instrument, run number, day).
    """

    load: int = 0
    settings: Settings | None = None
    missing: frozenset[tuple[str, int]] = frozenset()
    failing: frozenset[tuple[str, int]] = frozenset()
    resolved: frozenset[tuple[str, int, Any]] = frozenset()
    problems: dict[str, int] = field(default_factory=dict)


def connect_database(path: Path, wait: float) -> Any:
    """Return a writing connection to the statistics database, for whose lock to wait up to `wait` seconds.

    Raises LockedError when another process keeps it open, UsageError when it cannot be opened at all.
    """
    import duckdb

    deadline = time.monotonic() + wait
    pause = 0.05
    while True:
        try:
            return duckdb.connect(str(path))
        except duckdb.Error as error:
            failure = error
        text = " ".join(str(failure).split())
        if "lock" not in text.lower():
            raise UsageError(
                f"The statistics database {path} cannot be opened: {text.split(': ', 1)[-1]}",
                "Upgrade autostats if a newer one wrote it; else mend its permissions or its disk.",
            ) from failure
        if time.monotonic() >= deadline:
            raise LockedError(
                f"The statistics database {path} is in use: {_who_locks(text)}.",
                "Wait until it is closed there, or let this run wait longer with --wait SECONDS.",
            ) from failure
        time.sleep(min(pause, max(deadline - time.monotonic(), 0.01)))
        pause = min(pause * 2, 1.0)


def _who_locks(text: str) -> str:
    """Return the holder as DuckDB's message names it."""
    start = text.find("held in ")
    if start < 0:
        return "another process holds its lock"
    return f"its lock is held by {text[start + 8 :].split('. See also')[0].rstrip('.')}"


_SETTINGS = (
    "select schema_version, autostats_version, facility_timezone, source_timezone from {}.dim_settings"
)
_LOAD = "select coalesce(max(load_number), 0) from {}.int_job_versions"
_MISSING = "select instrument, run_number from {}.fct_missing_runs where state = 'open'"
_FAILING = "select instrument, run_number from {}.fct_unresolved_runs"
_RESOLVED = "select instrument, run_number, resolved_day from {}.fct_resolved_runs"
_PROBLEMS = "select problem, count(*) from {}.fct_data_problems group by problem"


def take_snapshot(connection: Any, schema: str = "autostats") -> Snapshot:
    """Read the state of the statistics in `schema`; of marts that are not there yet nothing."""
    import duckdb

    place = 'autostats."{}"'.format(schema.replace('"', '""'))

    def rows(query: str) -> list[tuple[Any, ...]]:
        try:
            return list(connection.execute(query.format(place)).fetchall())
        except (duckdb.CatalogException, duckdb.BinderException):
            return []

    load = rows(_LOAD)
    settings = rows(_SETTINGS)
    return Snapshot(
        load=load[0][0] if load else 0,
        settings=Settings(*settings[0]) if settings else None,
        missing=frozenset(rows(_MISSING)),
        failing=frozenset(rows(_FAILING)),
        resolved=frozenset(rows(_RESOLVED)),
        problems=dict(rows(_PROBLEMS)),
    )


def check_version(settings: Settings | None, place: Path | str) -> None:
    """Raise UsageError when the statistics were built by a newer version than this one."""
    if settings is not None and settings.schema_version > SCHEMA_VERSION:
        raise UsageError(
            f"The statistics database {place} was built by a newer version of autostats "
            f"({settings.autostats_version}).",
            "Upgrade this autostats; nothing was changed.",
        )


def reason_for_refresh(before: Snapshot, facility_timezone: str, source_timezone: str) -> str | None:
    """Return why all statistics have to be built anew, or None when the run may be incremental."""
    if before.load == 0:
        return None
    settings = before.settings
    if settings is None:
        return "the first load, or the last full refresh, did not finish"
    if settings.schema_version < SCHEMA_VERSION:
        return f"they were built by an older version of autostats ({settings.autostats_version})"
    if settings.facility_timezone != facility_timezone:
        return f"facility_timezone has changed from {settings.facility_timezone} to {facility_timezone}"
    if settings.source_timezone != source_timezone:
        return f"source_timezone has changed from {settings.source_timezone} to {source_timezone}"
    return None
