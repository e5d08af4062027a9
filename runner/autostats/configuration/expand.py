"""`${VARIABLE}` in a setting: replaced by its value in the environment."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from autostats.errors import UsageError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expanded(text: str, where: str, environment: Mapping[str, str]) -> str:
    """Return `text` with its variables replaced. Raises UsageError when one is not set."""
    return _VARIABLE.sub(lambda match: _value(match[1], where, environment), text)


def expanded_url(url: str, where: str, environment: Mapping[str, str]) -> str:
    """Return a URL with its variables replaced; each holds a part of it as plain text, which is encoded here.

    A variable on its own holds the whole URL. Raises UsageError when one is not set.
    """
    if _VARIABLE.fullmatch(url):
        return expanded(url, where, environment)
    return _VARIABLE.sub(lambda match: quote(_value(match[1], where, environment), safe=""), url)


def has_variable(text: str) -> bool:
    """Return whether `text` contains a variable."""
    return _VARIABLE.search(text) is not None


def _value(name: str, where: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name)
    if not value:
        raise UsageError(
            f"{where} needs the environment variable {name}, which is not set.",
            f"Set {name}, also for cron or systemd jobs.",
        )
    return value
