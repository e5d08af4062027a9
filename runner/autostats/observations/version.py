"""The version of the observations, apart from their tables: a run needs it, and not SQLAlchemy."""

from autostats.errors import UsageError

# The shape of the tables: a file of a higher one was written by a newer autostats.
VERSION = 1


def check_version(place: str, version: int) -> None:
    """Raise UsageError when a newer autostats has written the observations."""
    if version > VERSION:
        from autostats.installation import upgrade_advice

        raise UsageError(
            f"The observations {place} were written by a newer autostats (version {version}).",
            upgrade_advice(),
        )
