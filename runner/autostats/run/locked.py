"""The frame around everything that invokes dbt: one at a time, with a log, and never stuck."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from logging import Logger
from pathlib import Path
from typing import Any

from autostats import log
from autostats.configuration.value_types import Value
from autostats.dbt_setup.dbt_command import DbtCommand, Outcome, invoke_dbt
from autostats.dbt_setup.locate import with_own_seeds
from autostats.dbt_setup.setup import Setup
from autostats.errors import AutostatsError
from autostats.home import writing_to
from autostats.observations.attach import check_observations
from autostats.plugins.find import find_plugins
from autostats.plugins.take_in import TakenIn, take_in
from autostats.run import lock
from autostats.run.preflight import check_setup
from autostats.time_limits import never_stuck, progress_limit

# Tells the plugin of dbt-duckdb whether the source is to be `left alone`.
SOURCE_VARIABLE = "_AUTOSTATS_SOURCE"


@dataclass(frozen=True)
class LockedRun:
    """What a run has while it holds the lock.

    `project_dir` is the project to build, `progress` is called at each sign of life, `started` is a time on
    the monotonic clock.
    """

    setup: Setup
    project_dir: Path
    logger: Logger
    progress: Callable[[], None]
    started: float

    @property
    def seconds(self) -> float:
        """How many seconds it has been running."""
        return time.monotonic() - self.started

    def dbt(
        self,
        command: str,
        variables: Mapping[str, Value | None],
        environment: Mapping[str, str] = os.environ,
        *,
        full_refresh: bool = False,
        on_step: Callable[[int, int], None] | None = None,
        select: str = "",
        exclude: str = "",
        manifest: Any = None,
        needs_source: bool = True,
    ) -> Outcome:
        """Let dbt run `command` and return how it ended."""
        setup = self.setup
        os.environ["AUTOSTATS_HOME"] = str(setup.home.root)
        os.environ[SOURCE_VARIABLE] = "attached" if needs_source else "left alone"
        call = DbtCommand(
            command=command,
            project_dir=self.project_dir,
            profiles_dir=setup.profiles_dir,
            target_path=setup.home.target,
            log_path=setup.home.logs,
            target=setup.target.name,
            variables=variables,
            full_refresh=full_refresh,
            knows_unit_tests=not metadata.version("dbt-core").startswith("1.7."),
            select=select,
            exclude=exclude,
        )
        return invoke_dbt(call, environment, self.logger, on_step, self.progress, manifest)

    def take_in_plugins(self, variables: Mapping[str, Value | None]) -> TakenIn:
        """Make the plug-ins of the home, if it has any, packages of the project.

        Somebody who names a project has put into it what is to be built.
        """
        plugins = find_plugins(self.setup.home) if self.setup.project_option is None else []
        if not plugins:
            return TakenIn()
        return take_in(plugins, self.project_dir, lambda: self.dbt("parse", variables, needs_source=False))


@contextmanager
def locked_run(
    setup: Setup, wait: float, *, debug: bool = False, needs_source: bool = True
) -> Iterator[LockedRun]:
    """Check that everything is in place, and hold the lock of the home, waiting up to `wait` seconds for it.

    Whatever ends it is also in the log. Raises LockedError during another run, and UsageError, PrivilegeError
    or UnreachableError when something is not in place.
    """
    limit = progress_limit()
    started = time.monotonic()
    home = setup.home
    with never_stuck(limit):
        check_setup(setup, needs_source=needs_source)
        if setup.server is None:
            check_observations(home)
    with lock.hold(home, wait), never_stuck(limit, lambda: lock.forget_holder(home)) as progress:
        with writing_to(home):
            # Under the lock, because another run may be building from the same copy.
            project_dir = setup.project_dir
            if setup.project_option is None:
                has_plugins = bool(find_plugins(home))
                project_dir = with_own_seeds(home, project_dir, home.root / "project", always=has_plugins)
            logger = log.start(home, debug=debug)
        try:
            yield LockedRun(setup, project_dir, logger, progress, started)
        except KeyboardInterrupt:
            logger.warning("interrupted")
            raise
        except AutostatsError as error:
            logger.error("%s", error)
            raise
