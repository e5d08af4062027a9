"""What must hold before a run starts, so that it stops with one sentence and not halfway."""

import errno
from pathlib import Path

from autostats.dbt_setup.setup import Setup
from autostats.errors import UsageError
from autostats.home import Home
from autostats.source.url import Source


def check_home(home: Home) -> None:
    """Make the home's folders. Raises UsageError when they cannot be written."""
    for folder in (home.root, home.target, home.logs):
        make_folder(folder)


def make_folder(folder: Path) -> None:
    """Make a folder of the home if it does not exist, and check that files can be made in it.

    Raises UsageError when they cannot.
    """
    import tempfile

    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Without a name, so that a process killed here leaves nothing behind.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"?")
    except OSError as error:
        raise UsageError(
            f"The folder {folder} cannot be written: {error.strerror or error}.", _remedy(error)
        ) from error


def _remedy(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "Free some space on its disk, or name another folder with --home or AUTOSTATS_HOME."
    return "Name another with --home or AUTOSTATS_HOME, or fix its permissions."


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
    from autostats.installation import adapter_line, is_installed

    if not is_installed(f"dbt-{adapter}"):
        raise UsageError(
            f"The target connects with {adapter}, for which dbt-{adapter} is not installed.",
            f"Install it: {adapter_line(adapter)}",
        )


def check_source(source: Source) -> None:
    """Attach the source and detach it again.

    Raises UnreachableError or UsageError as the source's own checks do.
    """
    import duckdb

    from autostats.source.attach import attach

    with duckdb.connect(":memory:") as connection:
        attach(connection, source)


def check_setup(setup: Setup, *, needs_source: bool = True) -> None:
    """Check that everything a run needs is in place, the source last, if it needs that.

    Raises UsageError, PrivilegeError or UnreachableError when something is missing.
    """
    check_home(setup.home)
    check_adapter(setup.target.adapter)
    for name, zone in setup.configuration.zones.items():
        check_time_zone(name, zone)
    if needs_source:
        check_source(setup.source)
