"""The daily job: `dbt build`, as a full refresh if needed, and its outcome."""

import sys
import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from autostats.configuration.build import Build, read_build, write_build
from autostats.configuration.resolve import Configuration, Layer, as_layer, own_variables
from autostats.configuration.value_types import Value
from autostats.dbt_setup.locate import Target
from autostats.dbt_setup.setup import Setup
from autostats.home import writing_to
from autostats.render.progress import progress_bar
from autostats.run.end import end_build
from autostats.run.locked import LockedRun, locked_run
from autostats.run.options import DailyOptions, DailyResult, run_variables
from autostats.run.snapshot import Snapshot, read_snapshot, reason_for_refresh
from autostats.schema_version import check_not_newer

# The tag of the data tests that are left out on other nights, and how long these may go on.
_WEEKLY = "tag:weekly"
_WEEK = timedelta(days=6, hours=12)


def run_daily(setup: Setup, options: DailyOptions) -> DailyResult:
    """Do the daily job and return what it did; report decisions and progress on stderr.

    Raises UsageError, ModelError, LockedError or UnreachableError; the statistics are then as they were, or
    some of their tables newer, and the next run completes them.
    """
    with locked_run(setup, options.wait, debug=options.debug) as run:
        run.logger.info("run of %s into %s", setup.source.redacted, setup.home.root)
        before = read_snapshot(setup, options.wait)
        check_version(setup, before)
        last = read_build(setup.home)
        settings = setup.configuration.of_statistics(built_settings(before, last, setup.target))
        reason = _why_rebuild(before, settings.variables(setup.target.adapter), options)
        if reason is not None:
            run.logger.info("full refresh: %s", reason)
            if not options.quiet:
                sys.stderr.write(f"Rebuilding all statistics: {reason}.\n")
        refreshed = options.full_refresh or reason is not None
        all_tests = options.all_tests or refreshed or tests_are_due(last, setup.target, options.now)
        dbt_seconds, faults = _build(
            run, settings, options, last, full_refresh=refreshed, all_tests=all_tests
        )
        after = read_snapshot(setup, options.wait)
        run.logger.info("done in %.1f s", run.seconds)
        zone = settings.zones["facility_timezone"]
        return DailyResult(
            before, after, setup.source.redacted, refreshed, zone, dbt_seconds, run.seconds, faults
        )


def check_version(setup: Setup, before: Snapshot) -> None:
    """Raise UsageError when a newer autostats built the statistics."""
    if before.settings is not None:
        place = setup.home.database if setup.server is None else setup.server.statistics.redacted
        check_not_newer(place, before.settings.schema_version, before.settings.autostats_version)


def built_settings(before: Snapshot, last: Build, target: Target) -> Layer:
    """Return the settings of the statistics, which an unfinished full refresh has removed from them."""
    if before.settings is None and before.load and last.target == target.name:
        return last.settings
    return before.built


def _why_rebuild(before: Snapshot, wanted: Mapping[str, Value], options: DailyOptions) -> str | None:
    """Return why all statistics have to be rebuilt even if nobody asked for it, or None."""
    if options.accept_source and before.load:
        return "a new source was accepted"
    return None if options.full_refresh else reason_for_refresh(before, wanted)


def tests_are_due(last: Build, target: Target, now: datetime) -> bool:
    """Return whether the weekly data tests have to run: after a failure every time."""
    if last.tested_at is None or last.target != target.name:
        return True
    return not timedelta() <= now - last.tested_at < _WEEK


def _build(
    run: LockedRun,
    settings: Configuration,
    options: DailyOptions,
    last: Build,
    *,
    full_refresh: bool,
    all_tests: bool,
) -> tuple[float, dict[str, str]]:
    """Let dbt build everything, and return how many seconds that took, and which plug-ins failed and why.

    Raises an error when anything else fails.
    """
    setup = run.setup
    variables = settings.variables(setup.target.adapter)
    of_this_run = run_variables(options, settings.zones["facility_timezone"])
    said = {**own_variables(setup.given_variables), **variables, **of_this_run}
    began = time.monotonic()
    with progress_bar("starting dbt", quiet=options.quiet, then="building") as advance:
        taken = run.take_in_plugins(said)
        outcome = run.dbt(
            "build",
            said,
            full_refresh=full_refresh,
            manifest=taken.manifest,
            on_step=advance,
            exclude="" if all_tests else _WEEKLY,
        )
    seconds = time.monotonic() - began
    own = outcome.of_project()
    if own.built:
        tested_at = last.tested_at
        if all_tests:
            tested_at = options.now if own.succeeded else None
        with writing_to(setup.home):
            built = as_layer(variables, "dbt")
            write_build(setup.home, Build(setup.target.name, setup.named_profiles_dir, built, tested_at))
    return seconds, end_build(run, outcome, taken, options.wait)
