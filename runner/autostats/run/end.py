"""How a build ends, whether of all statistics or of some."""

from collections.abc import Collection

from autostats.dbt_setup.dbt_command import Outcome
from autostats.plugins.take_in import TakenIn
from autostats.published.publish import publish
from autostats.run.failures import faults_of_plugins, raise_failure
from autostats.run.locked import LockedRun
from autostats.warehouse import utc_now


def end_build(
    run: LockedRun, outcome: Outcome, taken: TakenIn, wait: float, rebuilt: Collection[str] | None = None
) -> dict[str, str]:
    """Publish what was built while the lock is held, and return which plug-ins failed and why.

    `rebuilt` names the tables if only some were. Raises an error when anything but a plug-in failed.
    """
    own = outcome.of_project()
    if not own.succeeded:
        raise_failure(own, run.setup)
    return publish(run.setup, utc_now(), faults_of_plugins(taken, outcome), wait, rebuilt)
