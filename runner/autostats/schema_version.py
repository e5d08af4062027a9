"""The shape of the statistics database that this version of autostats knows."""

from pathlib import Path

from autostats import __version__
from autostats.errors import UsageError

# Raised when a model that the commands read changes in a way that an older autostats would misread.
SCHEMA_VERSION = 7


def check_not_newer(place: Path | str, version: int, made_by: str) -> None:
    """Raise UsageError when the statistics at `place` have a version that this autostats does not know."""
    if version > SCHEMA_VERSION:
        from autostats.installation import upgrade_advice

        raise UsageError(
            f"{place} was made by a newer autostats ({made_by}, schema {version}); "
            f"this is {__version__}, which knows schema {SCHEMA_VERSION}. Nothing was changed.",
            upgrade_advice(),
        )
