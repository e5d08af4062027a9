"""Whether the extra `charts` is installed, and the error for when it is not."""

from importlib.util import find_spec

from autostats.errors import UsageError


def missing_extra() -> UsageError:
    """Return the error that says what to install."""
    from autostats.installation import install_line

    return UsageError(
        "Charts need packages that are not installed.",
        f"Install them: {install_line('charts')}",
    )


def can_draw() -> bool:
    """Return whether the extra is installed."""
    return all(map(find_spec, ("altair", "vl_convert")))
