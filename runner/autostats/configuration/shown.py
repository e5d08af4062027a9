"""A setting as people see it: no password, and no more of a URL than shows where it leads."""

from autostats.configuration.keys import DEFAULT_TARGET, NOTIFY_URLS, SOURCE_URL, TARGET
from autostats.configuration.resolve import Setting, as_variable
from autostats.errors import UsageError
from autostats.source.url import Source

_MASK = "***"


def shown(setting: Setting) -> str:
    """Return the value as it may be shown; an empty text if there is none."""
    value = setting.value
    if value is None:
        return DEFAULT_TARGET if setting.key is TARGET else ""
    if isinstance(value, bool):
        return str(value).lower()
    text = as_variable(value)
    if setting.key is SOURCE_URL:
        return _of_source(text)
    if setting.key is NOTIFY_URLS:
        return " ".join(_of_service(url) for url in text.split())
    return _MASK if setting.key.is_secret else text


def _of_source(url: str) -> str:
    try:
        return Source.from_url(url).redacted
    except UsageError:
        return _MASK


def _of_service(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    return f"{scheme}://{_MASK}" if separator and scheme.isalnum() else _MASK
