"""From the answers to `autostats init` to the contents of `autostats.toml`."""

from collections.abc import Mapping
from urllib.parse import quote

from autostats.configuration.expand import has_variable
from autostats.configuration.keys import KEYS, NOTIFY_URLS, PASSWORD, SOURCE_URL
from autostats.configuration.value_types import Value
from autostats.errors import UsageError
from autostats.source.url import Source

# The packaged profile has a target for each of them.
_SECTIONS = {"postgresql": "postgres", "mysql": "mysql"}


def server_settings(url: str, target: str, schema: str) -> dict[str, Value]:
    """Return the settings of a server target whose source `url` names, in `schema`.

    A variable in place of the password stays one. Raises UsageError if the URL is for another kind of
    server, or has a part that the target's profile has no place for.
    """
    if target not in _SECTIONS.values():
        raise UsageError(
            f"There is no target {target!r}.", f"The targets are duckdb, {', '.join(_SECTIONS.values())}."
        )
    source = Source.from_url(url, "--source-url")
    section = _SECTIONS.get(source.kind)
    if section != target:
        raise UsageError(
            f"Target {target} builds in a server of its own kind, and {source.redacted} is a different kind.",
            "Use a URL of that kind, or leave out --target to keep the statistics in a local file.",
        )
    left_over = sorted(set(source.options) - ({"sslmode"} if target == "postgres" else set()))
    if left_over:
        raise UsageError(
            f"Target {target} has no setting for {', '.join(left_over)}.",
            "Copy profiles.example.yml to ~/.dbt/profiles.yml and set it there.",
        )
    values: dict[str, Value | None] = {
        f"{section}.host": source.host,
        f"{section}.port": source.port,
        f"{section}.user": source.user,
        "postgres.database": source.database if target == "postgres" else None,
        "postgres.sslmode": source.options.get("sslmode"),
        PASSWORD.name: source.password,
        "vars.source_schema": schema,
    }
    return {name: value for name, value in values.items() if value}


def lasting_url(url: str, source: Source) -> str:
    """Return a URL that names the same source from every folder."""
    if source.path is None or has_variable(url):
        return url
    schema = f"?schema={quote(source.schema)}" if source.schema else ""
    return f"{source.kind}:///{quote(str(source.path.absolute()))}{schema}"


def in_order(values: Mapping[str, Value | None]) -> dict[str, Value]:
    """Return the values that are set, in the order of the documentation."""
    return {name: value for name in KEYS if (value := values.get(name)) is not None}


def holds_password(values: Mapping[str, Value]) -> bool:
    """Return whether a password is written out in the settings."""
    if PASSWORD.name in values and not has_variable(str(values[PASSWORD.name])):
        return True
    if NOTIFY_URLS.name in values:
        return True
    url = str(values.get(SOURCE_URL.name, ""))
    login = url.partition("://")[2].rpartition("@")[0]
    password = login.partition(":")[2]
    return bool(password) and not has_variable(password)
