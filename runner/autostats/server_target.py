"""The databases of a target that keeps its statistics in a server: read from dbt's profile, without dbt."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats.errors import UsageError
from autostats.home import Home
from autostats.project import (
    DEFAULT_TARGET,
    PROFILE,
    find_profiles_dir,
    find_project_dir,
    find_target,
    project_variables,
    read_output,
)
from autostats.source.url import Kind, Source

SCHEMA_VARIABLE = "AUTOSTATS_SOURCE_SCHEMA"
_KINDS: Mapping[str, Kind] = {"postgres": "postgresql", "mysql": "mysql"}
# dbt-postgres calls them as libpq does.
_TLS = ("sslmode", "sslcert", "sslkey", "sslrootcert")


@dataclass(frozen=True)
class ServerTarget:
    """A target in a server: the schema (MySQL: database) of the statistics, and that of the source."""

    name: str
    adapter: str
    statistics: Source
    source: Source


def find_server_target(
    home: Home,
    option: str | None = None,
    project_dir: Path | None = None,
    profiles_dir: Path | None = None,
    variables: Mapping[str, Any] | None = None,
) -> ServerTarget | None:
    """Return the databases of the target, or None when it keeps the statistics in a DuckDB file.

    Raises UsageError when there is no such target, or its profile says too little.
    """
    if option in (None, DEFAULT_TARGET) and profiles_dir is None and not _has_own_profile():
        return None
    project = find_project_dir(project_dir)
    folder = find_profiles_dir(home, project, profiles_dir)
    target = find_target(folder, option)
    if target.adapter not in _KINDS:
        return None
    output = render(read_output(folder, target.name), f"target {target.name} in {folder / 'profiles.yml'}")
    given = dict(project_variables(project)) | dict(variables or {})
    schema = str(given.get("source_schema") or os.environ.get(SCHEMA_VARIABLE) or "autoreduction")
    return _databases(target.name, target.adapter, output, schema)


def _has_own_profile() -> bool:
    """Tell whether anything but the packaged profile may be meant, whose default is a file."""
    if os.environ.get("DBT_PROFILES_DIR") or os.environ.get("DBT_TARGET"):
        return True
    folders = (Path.cwd(), Path("~/.dbt").expanduser())
    return any((folder / "profiles.yml").is_file() for folder in folders)


def render(
    output: Mapping[str, Any], where: str, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return a target with dbt's `env_var` and its filters for types applied to each text.

    Raises UsageError when a variable is not set, or a text is no template that dbt would take.
    """
    import jinja2

    def env_var(name: str, default: str | None = None) -> str:
        value = environment.get(name, default)
        if value is None:
            raise UsageError(f"The {where} wants the environment variable {name}.", f"Set {name}.")
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
            raise UsageError(f"The {where} cannot be read: {key}: {error}", "Mend the profile.") from None
    return rendered


def _databases(name: str, adapter: str, output: Mapping[str, Any], source_schema: str) -> ServerTarget:
    """Return the databases that a rendered target names."""

    def text(*keys: str) -> str | None:
        return next((str(output[key]) for key in keys if output.get(key) not in (None, "")), None)

    port = text("port")
    if port is not None and not port.isdigit():
        raise UsageError(f"The port of target {name}, {port!r}, is not a number.", "Mend the profile.")
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
    )
    return ServerTarget(name, adapter, login.of_schema(schema), login.of_schema(source_schema))
