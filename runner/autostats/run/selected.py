"""Building the models with a tag alone, once or whenever collectors have seen something new."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from autostats.configuration.build import FILE_NAME, read_build
from autostats.configuration.resolve import own_variables
from autostats.configuration.value_types import Value
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError, LockedError, NoStatisticsError, UsageError
from autostats.observations.attach import newest_looks
from autostats.plugins.take_in import TakenIn
from autostats.run.daily import built_settings, check_version
from autostats.run.end import end_build
from autostats.run.failures import raise_failure
from autostats.run.locked import LockedRun, locked_run
from autostats.run.options import DailyOptions, run_variables
from autostats.run.snapshot import read_snapshot, reason_for_refresh
from autostats.text import counted

# How long to wait for another run before looking whether to stop.
_PATIENCE_SECONDS = 1.0
_PAUSE_SECONDS = 0.2
_SOURCE = "source.autostats.autoreduction."


@dataclass(frozen=True)
class _Project:
    """The parsed project, the tables in it that are to be built, and the settings to build them with."""

    taken: TakenIn
    models: tuple[str, ...]
    variables: Mapping[str, Value | None]
    needs_source: bool


@dataclass
class Selected:
    """The models with a tag. The project is parsed once, and again when a daily run has ended since."""

    setup: Setup
    tag: str
    options: DailyOptions
    _project: _Project | None = None
    _stamp: object = None
    seconds: float = 0.0
    # Why plug-ins failed, by name.
    faults: Mapping[str, str] = field(default_factory=dict)

    def build(self, wait: float, *, at_once: bool = False) -> int:
        """Build the models, and return how many; `seconds` is how long that took.

        `at_once`: with the project as it was parsed before, even if a daily run has ended since. Raises what
        the daily run raises, and UsageError without models or statistics.
        """
        needs_source = self._project is not None and self._project.needs_source
        began = time.monotonic()
        with locked_run(self.setup, wait, debug=self.options.debug, needs_source=needs_source) as run:
            stamp = _stamp_of(self.setup)
            if self._project is None or (stamp != self._stamp and not at_once):
                self._project = _parsed(run, self.tag, self.options)
                self._stamp = stamp
            elif not self.options.debug:
                # Thousands a day would fill the log.
                run.logger.setLevel(logging.WARNING)
            project = self._project
            outcome = run.dbt(
                "build",
                project.variables,
                select=f"tag:{self.tag}",
                manifest=project.taken.manifest,
                needs_source=project.needs_source,
            )
            self.faults = end_build(run, outcome, project.taken, self.options.wait, project.models)
        self.seconds = time.monotonic() - began
        return len(project.models)

    def watch(self, every: float, stop: Event, told: Callable[[str], None]) -> None:
        """Build whenever a collector has recorded something new, until `stop` is set.

        It looks every so many seconds, and waits for whoever holds the lock. What goes wrong is told once and
        tried again; at the first build, it is raised.
        """
        built, seen, trouble = 0, None, ""
        while not stop.is_set():
            began = time.monotonic()
            try:
                newest = newest_looks(self.setup)
                is_new, is_stale = newest != seen, _stamp_of(self.setup) != self._stamp
                # New figures come first, and parsing takes seconds.
                for at_once in [True] * (is_new and built > 0) + [False] * (is_stale or not built):
                    models = self.build(_PATIENCE_SECONDS, at_once=at_once)
                    seen, built, trouble = newest, built + 1, ""
                    told(f"{counted(models, 'model')} built in {self.seconds:.1f} s.")
            except LockedError:
                # A daily run, or a reader. Not everything that is locked was waited for.
                stop.wait(_PAUSE_SECONDS)
                continue
            except AutostatsError as error:
                if not built:
                    raise
                if str(error) != trouble:
                    told(f"{error} {error.remedy}".strip())
                trouble = str(error)
            stop.wait(max(0.0, began + every - time.monotonic()))


def _stamp_of(setup: Setup) -> tuple[int, int] | None:
    """Return what changes with each daily run."""
    try:
        found = (setup.home.root / FILE_NAME).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _parsed(run: LockedRun, tag: str, options: DailyOptions) -> _Project:
    """Parse the project, and check that its statistics can be added to."""
    setup = run.setup
    before = read_snapshot(setup, options.wait)
    check_version(setup, before)
    if before.settings is None:
        raise NoStatisticsError("There are no finished statistics to add to.", "`autostats run` makes them.")
    settings = setup.configuration.of_statistics(built_settings(before, read_build(setup.home), setup.target))
    variables = settings.variables(setup.target.adapter)
    if (reason := reason_for_refresh(before, variables)) is not None:
        raise UsageError(f"The statistics have to be rebuilt: {reason}.", "`autostats run` does it.")
    of_this_run = run_variables(options, settings.zones["facility_timezone"])
    said = {**own_variables(setup.given_variables), **variables, **of_this_run}
    taken = run.take_in_plugins(said)
    if taken.manifest is None:
        outcome = run.dbt("parse", said, needs_source=False)
        if outcome.manifest is None:
            raise_failure(outcome, setup)
        taken = TakenIn(manifest=outcome.manifest)
    nodes = taken.manifest.nodes
    models = [name for name, node in nodes.items() if node.resource_type == "model" and tag in node.tags]
    if not models:
        raise UsageError(f"No model has the tag {tag!r}.", "The shipped ones have the tag live.")
    tables = tuple(nodes[name].alias for name in models)
    return _Project(taken, tables, said, _reads_source(nodes, models))


def _reads_source(nodes: Mapping[str, Any], models: list[str]) -> bool:
    """Return whether models read the source, themselves or through views that are not built with them."""
    seen, ahead = set[str](), list(models)
    while ahead:
        name = ahead.pop()
        if name.startswith(_SOURCE):
            return True
        node = nodes.get(name)
        if node is None or name in seen:
            continue
        seen.add(name)
        if name in models or node.config.materialized in ("view", "ephemeral"):
            ahead += node.depends_on.nodes
    return False
