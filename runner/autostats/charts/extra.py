"""What to say where the extra `charts` is not installed."""

from autostats.errors import UsageError


def missing_extra() -> UsageError:
    """Return the error that says what to install."""
    return UsageError(
        "Charts need packages that are not installed here.",
        "Install them: `pip install 'autostats[charts]'`.",
    )
