"""The settings of the server, checked before it starts."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from autostats.brand import NO_BRAND, Brand
from autostats.configuration.brand import configured_brand
from autostats.configuration.keys import SERVE_HOURS, SERVE_ORIGINS, SERVE_TOKEN, Key
from autostats.configuration.links import configured_links
from autostats.configuration.resolve import Configuration, as_variable
from autostats.configuration.secrets import serve_token
from autostats.errors import UsageError
from autostats.links import NO_LINKS, Links

_SHORTEST_TOKEN = 16
_MAKE_ONE = "`openssl rand -hex 32` prints a good one."


@dataclass(frozen=True)
class ServeSettings:
    """What requests need, which origins may ask, how long reports are kept, the links, the facility."""

    token: str | None = field(repr=False)
    origins: Sequence[str]
    keep_reports: timedelta
    links: Links = NO_LINKS
    brand: Brand = NO_BRAND


def serve_settings(
    configuration: Configuration,
    environment: Mapping[str, str] = os.environ,
    note: Callable[[str], None] = lambda message: None,
) -> ServeSettings:
    """Return the settings of the server. Raises UsageError for those that make no sense.

    `note` is told why a logo cannot be used.
    """
    return ServeSettings(
        _token(configuration, environment),
        _origins(configuration),
        _keep_reports(configuration),
        configured_links(configuration),
        configured_brand(configuration, note),
    )


def missing_token(host: str) -> UsageError:
    """Return the error for an address that other computers reach, when no token is set."""
    return UsageError(
        f"{host} can be reached from other computers, and no token is set.",
        f"Set {_variable(SERVE_TOKEN)}: {_MAKE_ONE}",
    )


def _variable(key: Key) -> str:
    return key.variables[0]


def _token(configuration: Configuration, environment: Mapping[str, str]) -> str | None:
    token = serve_token(configuration, environment)
    if token is None:
        return None
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            f"{_variable(SERVE_TOKEN)} must have at least {_SHORTEST_TOKEN} characters, ASCII, no spaces.",
            _MAKE_ONE,
        )
    return token


def _origins(configuration: Configuration) -> list[str]:
    value = configuration[SERVE_ORIGINS.name].value
    origins = as_variable(value).split() if value is not None else []
    for origin in origins:
        parts = urlsplit(origin)
        if (
            parts.scheme not in ("http", "https")
            or origin != f"{parts.scheme}://{parts.netloc}"
            or "*" in origin
        ):
            raise UsageError(
                f"{_variable(SERVE_ORIGINS)}: {origin!r} is not an origin.",
                "For example: https://grafana.facility.example; write spaces between several.",
            )
    return origins


def _keep_reports(configuration: Configuration) -> timedelta:
    text = str(configuration[SERVE_HOURS.name].value)
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 24 * 366:
        raise UsageError(
            f"{_variable(SERVE_HOURS)}={text[:20]!r} is not a number of hours, up to a year.",
            "For example: 24.",
        )
    return timedelta(hours=int(text))
