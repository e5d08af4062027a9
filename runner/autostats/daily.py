"""The daily job: checks, lock, `dbt build`, and what came of it."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import metadata
from pathlib import Path

from autostats import lock, log
from autostats.dbt_command import DbtCommand, Outcome, Step, invoke_dbt
from autostats.errors import AutostatsError, LockedError, ModelError, UnreachableError, UsageError
from autostats.home import Home
from autostats.period import parse_day
from autostats.preflight import (
    Snapshot,
    check_adapter,
    check_home,
    check_time_zone,
    check_version,
    connect_database,
    reason_for_refresh,
    take_snapshot,
)
from autostats.project import (
    effective_zones,
    find_profiles_dir,
    find_project_dir,
    find_target,
    with_own_seeds,
)
from autostats.server_target import ServerTarget, find_server_target
from autostats.watchdog import never_stuck, progress_limit

Variables = Mapping[str, str | int | float | bool | None]
_SOURCE_LOST = (
    "lost connection",
    "server has gone away",
    "server closed the connection",
    "connection refused",
    "could not connect",
    "can't connect",
    "terminating connection",
    "failed to connect",
)


@dataclass(frozen=True)
class DailyOptions:
    """What a run is asked to do. Days are local days of the facility, both included; `as_of` is UTC."""

    target: str | None = None
    project_dir: Path | None = None
    profiles_dir: Path | None = None
    first: str | None = None
    last: str | None = None
    as_of: datetime | None = None
    full_refresh: bool = False
    variables: Variables = field(default_factory=dict)
    wait: float = 0.0
    debug: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class DailyResult:
    """What a run did: the statistics before and after it, and how long dbt and the whole took (seconds)."""

    before: Snapshot
    after: Snapshot
    source: str
    refreshed: bool
    facility_timezone: str
    dbt_seconds: float
    seconds: float


def _say(text: str, quiet: bool) -> None:
    if not quiet:
        sys.stderr.write(f"{text}\n")


def _today(zone: str, as_of: datetime | None) -> date:
    """Return the facility's day at `as_of` (UTC), else now."""
    from datetime import UTC

    import pytz

    moment = (as_of or datetime.now(UTC)).replace(tzinfo=UTC)
    return moment.astimezone(pytz.timezone(zone)).date()


def _rebuilt_days(options: DailyOptions, today: date) -> dict[str, str]:
    """Return the vars of a rebuild; `--from` alone goes up to today.

    Raises UsageError for a nonsense or a future day, and for days in the wrong order.
    """
    if options.first is None:
        if options.last is not None:
            raise UsageError("--to needs --from.", "Name the first day to rebuild by --from.")
        return {}
    first = parse_day(options.first, today, "--from")
    last = parse_day(options.last, today, "--to") if options.last is not None else today
    if first > last:
        raise UsageError(f"--from {first} is after --to {last}.", "Exchange them.")
    return {"from_day": first.isoformat(), "to_day": last.isoformat()}


def check_source(server: ServerTarget | None) -> str:
    """Attach the source and let go of it; return its URL without password.

    Raises UnreachableError or UsageError as the source's own checks do.
    """
    import duckdb

    from autostats.source.attach import attach
    from autostats.source.url import Source

    source = Source.from_environment() if server is None else server.source
    with duckdb.connect(":memory:") as connection:
        attach(connection, source)
    return source.redacted


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Step], None] | None]:
    """Show a bar on a terminal's stderr; elsewhere show nothing."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting dbt", total=None)

        def show(step: Step) -> None:
            progress.update(task, completed=step.done, total=step.total, description="building")

        yield show


@contextmanager
def writing_to(home: Home) -> Iterator[None]:
    """Say in one sentence that something in the home, or on its disk, cannot be written."""
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"The folder {home.root} cannot be written: {error.strerror or error}.",
            "Mend its permissions or its disk, or name another folder by --home.",
        ) from error


def _source_is_lost(outcome: Outcome, server: ServerTarget | None) -> UnreachableError | None:
    """Return the error of a source that went away while it was read, or None if it did not."""
    try:
        check_source(server)
    except UnreachableError as error:
        return UnreachableError(
            f"The source went away while it was read: {error}",
            "The statistics are as they were, or partly newer; run again when it is back.",
        )
    except AutostatsError:
        pass
    texts = [failure.reason for failure in outcome.failures]
    if outcome.error is not None:
        texts.append(str(outcome.error))
    for text in texts:
        if any(sign in text.lower() for sign in _SOURCE_LOST):
            return UnreachableError(
                f"The connection to the source broke while it was read: {log.redact(text)}", "Run again."
            )
    return None


def raise_failure(
    outcome: Outcome,
    log_file: Path,
    server: ServerTarget | None,
    comfort: str = "The next run makes up for what this one did not do.",
) -> None:
    """Raise the error that says which nodes failed and why; its remedy ends with `comfort`."""
    if isinstance(outcome.error, AutostatsError):
        raise outcome.error
    lost = _source_is_lost(outcome, server)
    if lost is not None:
        raise lost
    remedy = f"The log says more: {log_file}. {comfort}".strip()
    if outcome.failures:
        first, *others = outcome.failures
        more = f", and so did {', '.join(failure.name for failure in others[:9])}" if others else ""
        more += f" and {len(others) - 9} more" if len(others) > 9 else ""
        raise ModelError(
            f"{first.kind} {first.name} failed ({log.redact(first.reason)}){more}; "
            f"{outcome.skipped} nodes that build on them were skipped.",
            remedy,
        )
    text = " ".join(log.redact(str(outcome.error)).split())
    if "set lock" in text:
        raise LockedError(f"The statistics database is in use: {text}", "Run again when it is closed.")
    raise ModelError(f"dbt stopped: {text}", remedy)


def run_daily(home: Home, options: DailyOptions) -> DailyResult:
    """Do the daily job and return what it did; on stderr it says what it decided and how far it is.

    Raises UsageError, ModelError, LockedError or UnreachableError; the statistics are then as they were, or
    some of their tables newer, and the next run completes them.
    """
    started = time.monotonic()
    limit = progress_limit()
    check_home(home)
    project_dir = find_project_dir(options.project_dir)
    with writing_to(home):
        profiles_dir = find_profiles_dir(home, project_dir, options.profiles_dir)
    target = find_target(profiles_dir, options.target)
    check_adapter(target.adapter)
    zones = effective_zones(options.variables, project_dir)
    for name, zone in zones.items():
        check_time_zone(name, zone)
    variables = dict(options.variables) | _rebuilt_days(
        options, _today(zones["facility_timezone"], options.as_of)
    )
    if options.as_of is not None:
        variables["as_of"] = options.as_of.strftime("%Y-%m-%d %H:%M:%S")
    server = None
    if target.adapter != "duckdb":
        server = find_server_target(home, target.name, project_dir, profiles_dir, options.variables)
    with never_stuck(limit):
        source = check_source(server)

    with lock.hold(home, options.wait), never_stuck(limit, lambda: lock.forget_holder(home)) as progress:
        with writing_to(home):
            # Under the lock, for another run may be building from the same copy.
            built = with_own_seeds(home, project_dir) if options.project_dir is None else project_dir
            logger = log.start(home, debug=options.debug)
        logger.info("run of %s into %s", source, home.root)
        try:
            before = _look(home, server, options.wait)
            check_version(before.settings, home.database if server is None else server.statistics.redacted)
            reason = None if options.full_refresh else reason_for_refresh(before, **zones)
            if reason is not None:
                _say(f"All statistics are built anew: {reason}.", options.quiet)
                logger.info("full refresh: %s", reason)
            call = DbtCommand(
                command="build",
                project_dir=built,
                profiles_dir=profiles_dir,
                target_path=home.target,
                log_path=home.logs,
                target=target.name,
                variables=variables,
                full_refresh=options.full_refresh or reason is not None,
                knows_unit_tests=not metadata.version("dbt-core").startswith("1.7."),
            )
            dbt_started = time.monotonic()
            with _progress(options.quiet) as on_step:
                os.environ["AUTOSTATS_HOME"] = str(home.root)
                outcome = invoke_dbt(call, os.environ, logger, on_step, progress)
            dbt_seconds = time.monotonic() - dbt_started
            if not outcome.succeeded:
                raise_failure(outcome, home.logs / log.FILE_NAME, server)
            after = _look(home, server, options.wait)
        except KeyboardInterrupt:
            logger.warning("interrupted")
            raise
        except AutostatsError as error:
            logger.error("%s", error)
            raise
        seconds = time.monotonic() - started
        logger.info("done in %.1f s", seconds)
    return DailyResult(
        before, after, source, call.full_refresh, zones["facility_timezone"], dbt_seconds, seconds
    )


def _look(home: Home, server: ServerTarget | None, wait: float) -> Snapshot:
    """Return the state of the statistics; of none yet an empty one."""
    if server is not None:
        from autostats.warehouse import open_statistics

        try:
            connection = open_statistics(server)
        except UsageError:
            # MySQL: the database is not there before the first run.
            return Snapshot()
        with connection:
            return take_snapshot(connection, server.statistics.schema or "autostats")
    if not home.database.exists():
        return Snapshot()
    with connect_database(home.database, wait) as connection:
        return take_snapshot(connection)
