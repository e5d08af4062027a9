"""What a failure of dbt means, whom it concerns, and what to do about it."""

from collections.abc import Mapping

from autostats import log
from autostats.dbt_setup.dbt_command import PROJECT, Outcome
from autostats.dbt_setup.server_target import ServerTarget
from autostats.dbt_setup.setup import Setup
from autostats.errors import (
    AutostatsError,
    LockedError,
    ModelError,
    PrivilegeError,
    UnreachableError,
    UsageError,
)
from autostats.locked_file import is_locked, lock_holder
from autostats.plugins.take_in import TakenIn
from autostats.run.preflight import check_source
from autostats.source.failures import lacks_privilege, without_names
from autostats.source.url import Source
from autostats.text import counted

# How the macro check_source begins.
_OTHER_SOURCE = "This is not the source that the statistics were built from"
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


def _source_is_lost(outcome: Outcome, source: Source) -> UnreachableError | None:
    """Return the error for a source that became unavailable while it was read, or None if it did not."""
    try:
        check_source(source)
    except UnreachableError as error:
        return UnreachableError(
            f"The source went away during the read: {error}",
            "The statistics are unchanged, or partly newer. Run again when it is back.",
        )
    except AutostatsError:
        pass
    for text in _reasons(outcome):
        if any(sign in without_names(text) for sign in _SOURCE_LOST):
            return UnreachableError(
                f"The connection to the source broke while it was read: {log.redact(text)}", "Run again."
            )
    return None


def _refusal(outcome: Outcome, server: ServerTarget | None) -> PrivilegeError | None:
    """Return the error for an account that lacks a privilege for the statistics, or None if it does not."""
    if server is None:
        return None
    for text in _reasons(outcome):
        if lacks_privilege(text):
            return PrivilegeError(
                f"The account of target {server.name} lacks a privilege: {log.redact(text)}",
                f"`autostats doctor --target {server.name}` prints the statements that grant it.",
            )
    return None


def _reasons(outcome: Outcome) -> list[str]:
    error = [] if outcome.error is None else [" ".join(str(outcome.error).split())]
    return [failure.reason for failure in outcome.failures] + error


def faults_of_plugins(taken: TakenIn, outcome: Outcome) -> dict[str, str]:
    """Return why plug-ins failed, by name: dbt could not read them, or did not build all of them."""
    faults = {plugin.name: plugin.error or "" for plugin in taken.broken}
    for failure in outcome.failures:
        if failure.package != PROJECT:
            reason = log.redact(failure.reason)
            faults.setdefault(failure.package, f"{failure.kind} {failure.name} failed: {reason}")
    for package in outcome.skipped:
        if package != PROJECT:
            faults.setdefault(package, "What it builds on failed.")
    return faults


def raise_faults(faults: Mapping[str, str], setup: Setup) -> None:
    """Raise the error that names the plug-ins that failed, if any did."""
    if not faults:
        return
    said = "; ".join(f"{name}: {reason.rstrip('.!')}" for name, reason in sorted(faults.items()))
    raise ModelError(
        f"{counted(len(faults), 'plug-in')} failed. {said}. Everything else is built and published; "
        f"{'its' if len(faults) == 1 else 'their'} last rows stay.",
        f"Correct it and run again. The log has details: {setup.home.logs / log.FILE_NAME}.",
    )


def raise_failure(
    outcome: Outcome, setup: Setup, comfort: str = "The next run catches up on what this one did not do."
) -> None:
    """Raise the error that says which nodes failed and why; its remedy ends with `comfort`."""
    if isinstance(outcome.error, AutostatsError):
        raise outcome.error
    lost = _source_is_lost(outcome, setup.source)
    if lost is not None:
        raise lost
    refused = _refusal(outcome, setup.server)
    if refused is not None:
        raise refused
    log_file = setup.home.logs / log.FILE_NAME
    remedy = f"The log has details: {log_file}. {comfort}".strip()
    for failure in outcome.failures:
        if _OTHER_SOURCE in failure.reason:
            what, _, _ = failure.reason.partition(" To take it all the same")
            raise UsageError(
                what,
                "Check the source. To take it all the same: `autostats run --accept-source`; jobs that it "
                "does not have then leave the counts.",
            )
    tests = [failure for failure in outcome.failures if failure.kind == "test"]
    if tests and outcome.built:
        names = ", ".join(f"{failure.name} ({failure.reason})" for failure in tests[:10])
        names += f" and {len(tests) - 10} more" if len(tests) > 10 else ""
        raise ModelError(
            f"{counted(len(tests), 'data test')} failed: {names}. The statistics are built and can be used.",
            f"The log has details: {log_file}.",
        )
    if outcome.failures:
        first, *others = outcome.failures
        more = f", and so did {', '.join(failure.name for failure in others[:9])}" if others else ""
        more += f" and {len(others) - 9} more" if len(others) > 9 else ""
        raise ModelError(
            f"{first.kind} {first.name} failed ({log.redact(first.reason)}){more}; "
            f"{len(outcome.skipped)} nodes that build on them were skipped.",
            remedy,
        )
    said = log.redact(str(outcome.error))
    if is_locked(said):
        raise LockedError(
            f"The statistics database is in use by {lock_holder(said)}.", "Run again when it is closed."
        )
    text = " ".join(said.split())
    raise ModelError(f"dbt stopped: {text}", remedy)
