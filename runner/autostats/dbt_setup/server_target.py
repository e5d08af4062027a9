"""The databases of a target that keeps its statistics on a server: read from dbt's profile, without dbt."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats.configuration.keys import SOURCE_SCHEMA
from autostats.configuration.resolve import Configuration
from autostats.configuration.secrets import lend_password
from autostats.dbt_setup.locate import PROFILE, Target, read_output
from autostats.errors import UsageError
from autostats.source.url import Engine, Source

_KINDS: Mapping[str, Engine] = {"postgres": "postgresql", "mysql": "mysql"}
# dbt-postgres uses the names of libpq.
_TLS = ("sslmode", "sslcert", "sslkey", "sslrootcert")


@dataclass(frozen=True)
class ServerTarget:
    """A target on a server: the schema (MySQL: database) of the statistics, and that of the source."""

    name: str
    adapter: str
    statistics: Source
    source: Source


def read_server_target(
    profiles_dir: Path, target: Target, configuration: Configuration
) -> ServerTarget | None:
    """Return the databases of `target` according to its profile, or None when it is not on a server.

    Raises UsageError when the profile is incomplete, or uses a variable that is not set.
    """
    if target.adapter not in _KINDS:
        return None
    lend_password(configuration)
    where = f"target {target.name} in {profiles_dir / 'profiles.yml'}"
    output = render(read_output(profiles_dir, target.name), where, {**os.environ, **configuration.lent})
    return _databases(target.name, target.adapter, output, str(configuration[SOURCE_SCHEMA.name].value))


def render(
    output: Mapping[str, Any], where: str, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return a target with dbt's `env_var` and its type filters applied to each string.

    Raises UsageError when a variable is not set, or a string is not a template that dbt accepts.
    """
    import jinja2

    def env_var(name: str, default: str | None = None) -> str:
        value = environment.get(name, default)
        if value is None:
            raise UsageError(f"The {where} needs the environment variable {name}.", f"Set {name}.")
        return value

    templates = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    for name in ("as_number", "as_bool", "as_native", "as_text"):
        templates.filters[name] = str
    rendered = {}
    for key, value in output.items():
        try:
            rendered[key] = (
                templates.from_string(value).render(env_var=env_var) if isinstance(value, str) else value
            )
        except jinja2.TemplateError as error:
            raise UsageError(f"The {where} cannot be read: {key}: {error}", "Fix the profile.") from None
    return rendered


def _databases(name: str, adapter: str, output: Mapping[str, Any], source_schema: str) -> ServerTarget:
    """Return the databases that a rendered target names."""

    def text(*keys: str) -> str | None:
        return next((str(output[key]) for key in keys if output.get(key) not in (None, "")), None)

    port = text("port")
    if port is not None and not port.isdigit():
        raise UsageError(f"The port of target {name}, {port!r}, is not a number.", "Fix the profile.")
    schema = text("schema") or PROFILE
    if adapter == "postgres":
        login = Source(
            kind=_KINDS[adapter],
            host=text("host"),
            port=int(port) if port else None,
            user=text("user"),
            password=text("password", "pass"),
            database=text("dbname", "database"),
            options={option: str(output[option]) for option in _TLS if output.get(option)},
            origin=f"target {name} of the dbt profile",
            is_of_target=True,
        )
        return ServerTarget(name, adapter, login.of_schema(schema), login.of_schema(source_schema))
    socket = text("unix_socket")
    login = Source(
        kind=_KINDS[adapter],
        host=text("server", "host"),
        port=int(port) if port else None,
        user=text("username", "user", "UID"),
        # dbt-mysql reads no option file: without a password there is none.
        password=text("password", "PWD") or "",
        options={"socket": socket} if socket else {},
        origin=f"target {name} of the dbt profile",
        is_of_target=True,
    )
    return ServerTarget(name, adapter, login.of_schema(schema), login.of_schema(source_schema))
