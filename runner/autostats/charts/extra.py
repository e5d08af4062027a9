"""The error for when the extra `charts` is not installed."""

from autostats.errors import UsageError


def missing_extra() -> UsageError:
    """Return the error that says what to install."""
    from autostats.installation import install_line

    return UsageError(
        "Charts need packages that are not installed.",
        f"Install them: {install_line('charts')}",
    )
