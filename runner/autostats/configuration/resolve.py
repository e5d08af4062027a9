"""The value of each setting that applies: from the first of the places that set it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autostats.configuration.file import read_file
from autostats.configuration.keys import KEYS, VARIABLES, VARS, Key
from autostats.configuration.value_types import ANY_TEXT, Value
from autostats.errors import UsageError
from autostats.home import Home

Layer = Mapping[str, Value]


class Origin(StrEnum):
    """The places that can set a setting; earlier ones take precedence."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    FILE = "file"
    PROJECT = "project"
    STATISTICS = "statistics"
    DEFAULT = "default"


@dataclass(frozen=True)
class Setting:
    """A setting, its value (None: there is none), and the place that set it."""

    key: Key
    value: Value | None
    origin: Origin


@dataclass(frozen=True)
class Configuration:
    """The settings of one command. What no place sets is as the statistics were built, else the default."""

    file: Path
    layers: Mapping[Origin, Layer]

    def __getitem__(self, name: str) -> Setting:
        """Return the setting `name`, a key of KEYS."""
        key = KEYS[name]
        for origin in Origin:
            value = self.layers.get(origin, {}).get(name)
            if value is not None:
                return Setting(key, value, origin)
        return Setting(key, key.default, Origin.DEFAULT)

    def of_statistics(self, built: Layer) -> "Configuration":
        """Return the settings of statistics that were built with `built`."""
        return Configuration(self.file, {**self.layers, Origin.STATISTICS: built})

    @property
    def zones(self) -> dict[str, str]:
        """The two time zones, by the names of their dbt vars."""
        return {name: str(self[f"{VARS}{name}"].value) for name in ("facility_timezone", "source_timezone")}

    def variables(self, adapter: str) -> dict[str, Value]:
        """Return the dbt vars of a target; in the views of target duckdb, the source's schema has no name."""
        found = {name: self[key.name].value for name, key in VARIABLES.items()}
        if adapter == "duckdb":
            del found["source_schema"]
        return {name: value for name, value in found.items() if value is not None}

    @property
    def lent(self) -> dict[str, str]:
        """The contents of the file as environment variables, without secrets."""
        said = ((KEYS[name], value) for name, value in self.layers.get(Origin.FILE, {}).items())
        return {
            key.variables[0]: as_variable(value)
            for key, value in said
            if key.variables and not key.is_secret and self[key.name].origin is Origin.FILE
        }


def configure(
    home: Home,
    options: Layer | None = None,
    project: Layer | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Configuration:
    """Return the settings of `home`. Raises UsageError when its file is invalid.

    `options` are from the command line, `project` are the vars of a dbt project that the user named.
    """
    layers: dict[Origin, Layer] = {
        Origin.OPTION: options or {},
        Origin.ENVIRONMENT: _of_environment(environment),
        Origin.FILE: read_file(home.settings_file),
        Origin.PROJECT: project or {},
    }
    return Configuration(home.settings_file, layers)


def as_variable(value: Value) -> str:
    """Return a value as it is written in an environment variable."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return " ".join(value) if isinstance(value, tuple) else str(value)


def as_layer(variables: Mapping[str, object], where: str) -> Layer:
    """Return the dbt vars among `variables` that are settings, by their keys; null means not set.

    Raises UsageError, which names `where`, for a value of the wrong type.
    """
    layer: dict[str, Value] = {}
    for name, value in variables.items():
        key = VARIABLES.get(name)
        if key is None or value is None:
            continue
        read = key.kind.read(value)
        if read is None:
            raise UsageError(
                f"{where}: {name} is not {key.kind.what}.", f"For example: {name}: {key.example}"
            )
        layer[key.name] = read
    return layer


def own_variables(variables: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Return the dbt vars among `variables` that are not settings: of one run, or of the user's project."""
    return {name: value for name, value in variables.items() if name not in VARIABLES}


def _of_environment(environment: Mapping[str, str]) -> Layer:
    """Return the settings in the environment; an empty variable sets nothing, except "no pager"."""
    return {
        key.name: environment[variable]
        for key in KEYS.values()
        for variable in reversed(key.variables)
        if environment.get(variable, "").strip() or (variable in environment and key.kind is ANY_TEXT)
    }
