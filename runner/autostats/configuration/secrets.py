"""The settings that hold passwords: read only where they are needed, and hidden from then on."""

import os
from collections.abc import Mapping, MutableMapping
from urllib.parse import quote

from autostats.configuration.expand import expanded, expanded_url
from autostats.configuration.keys import NOTIFY_URLS, PASSWORD, SERVE_TOKEN, SOURCE_URL, Key
from autostats.configuration.resolve import Configuration, Origin
from autostats.configuration.value_types import Value
from autostats.errors import UsageError
from autostats.log import hide
from autostats.source.url import ENVIRONMENT_VARIABLE, Source


def configured_source(configuration: Configuration, environment: Mapping[str, str] = os.environ) -> Source:
    """Return the source named by AUTOSTATS_SOURCE_URL, else by the settings file.

    Raises UsageError when neither names one, or when it is not the URL of a source.
    """
    url = environment.get(ENVIRONMENT_VARIABLE, "").strip()
    if url:
        return Source.from_url(url)
    written = _in_file(configuration, SOURCE_URL)
    if written is None:
        raise UsageError(
            f"No source database is set, neither in {configuration.file} nor by {ENVIRONMENT_VARIABLE}.",
            "`autostats init` asks for it; `autostats demo` needs none.",
        )
    return source_of(str(written), _place(configuration, SOURCE_URL), environment)


def source_of(url: str, origin: str, environment: Mapping[str, str] = os.environ) -> Source:
    """Return the source of a URL that may have variables. Raises UsageError, which never repeats the URL."""
    source = Source.from_url(expanded_url(url, origin, environment), origin)
    if source.password:
        hide({source.password, quote(source.password, safe="")})
    return source


def lend_password(configuration: Configuration, environment: MutableMapping[str, str] = os.environ) -> None:
    """Put the password of a server target into `environment` for dbt's profile, if the file has it.

    Raises UsageError when the file uses a variable that is not set.
    """
    (variable,) = PASSWORD.variables
    written = None if environment.get(variable) else _in_file(configuration, PASSWORD)
    if written is not None:
        environment[variable] = expanded(str(written), _place(configuration, PASSWORD), environment)


def notify_urls(configuration: Configuration, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return where digests go, according to AUTOSTATS_NOTIFY_URLS, else to the settings file.

    Raises UsageError when the file uses a variable that is not set.
    """
    (variable,) = NOTIFY_URLS.variables
    urls = environment.get(variable, "").split()
    written = None if urls else _in_file(configuration, NOTIFY_URLS)
    if not isinstance(written, tuple):
        return urls
    return [expanded_url(url, _place(configuration, NOTIFY_URLS), environment) for url in written]


def serve_token(configuration: Configuration, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the token that requests need, according to AUTOSTATS_TOKEN, else to the settings file.

    Raises UsageError when the file uses a variable that is not set.
    """
    (variable,) = SERVE_TOKEN.variables
    token = environment.get(variable, "").strip()
    written = None if token else _in_file(configuration, SERVE_TOKEN)
    if written is not None:
        token = expanded(str(written), _place(configuration, SERVE_TOKEN), environment).strip()
    if token:
        hide({token})
    return token or None


def _in_file(configuration: Configuration, key: Key) -> Value | None:
    return configuration.layers[Origin.FILE].get(key.name)


def _place(configuration: Configuration, key: Key) -> str:
    return f"{key.name} of {configuration.file}"
