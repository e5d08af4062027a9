"""Where instruments, runs, jobs and the page of the report have pages, according to the settings."""

from autostats.configuration.keys import PAGE_URL, THING_URLS, Key
from autostats.configuration.resolve import Configuration, Origin
from autostats.errors import UsageError
from autostats.links import BadTemplate, Links


def configured_links(configuration: Configuration) -> Links:
    """Return the templates that are set. Raises UsageError for one that is no address."""
    found = {thing: _checked(configuration, key) for thing, key in THING_URLS.items()}
    return Links({thing: template for thing, template in found.items() if template is not None})


def configured_page(configuration: Configuration) -> str | None:
    """Return the address of the page of the report, or None. Raises UsageError if it is no address."""
    return _checked(configuration, PAGE_URL)


def _checked(configuration: Configuration, key: Key) -> str | None:
    setting = configuration[key.name]
    if setting.value is None:
        return None
    try:
        return str(key.kind.read(setting.value))
    except BadTemplate as problem:
        said_by = key.variables[0] if setting.origin is Origin.ENVIRONMENT else key.name
        raise UsageError(f"{said_by} {problem}.", problem.remedy) from None
