"""The value of each setting that applies: from the first of the places that set it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autostats.configuration.file import read_file
from autostats.configuration.keys import (
    KEYS,
    RULES,
    VARIABLES,
    VARS,
    Key,
    flat_rules,
    key_of,
    meant_rule,
    rule_parts,
    rules_of,
)
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
        """Return the setting `name`, one of `names`."""
        key = key_of(name)
        assert key is not None
        for origin in Origin:
            value = self.layers.get(origin, {}).get(name)
            if value is not None:
                return Setting(key, value, origin)
        return Setting(key, key.default, Origin.DEFAULT)

    @property
    def names(self) -> list[str]:
        """The names of all settings, and of the rules of single instruments that some place sets."""
        rules = sorted({name for layer in self.layers.values() for name in layer if name not in KEYS})
        place = max(number for number, name in enumerate(KEYS, start=1) if name.startswith(RULES))
        return [*list(KEYS)[:place], *rules, *list(KEYS)[place:]]

    @property
    def ruled_instruments(self) -> list[str]:
        """The instruments that have rules of their own."""
        named = {rule_parts(name)[0] for name in self.names if name.startswith(RULES)}
        return sorted(filter(None, named))

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
        settings = {name: self[name].value for name in self.names if name.startswith(RULES)}
        rules = rules_of({name: value for name, value in settings.items() if value is not None})
        given = {name: value for name, value in found.items() if value is not None}
        return given | ({"rules": rules} if rules else {})

    @property
    def lent(self) -> dict[str, str]:
        """The contents of the file as environment variables, without secrets."""
        said = (
            (KEYS[name], value) for name, value in self.layers.get(Origin.FILE, {}).items() if name in KEYS
        )
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
    for name, value in _by_setting(variables, where).items():
        key = key_of(name)
        if key is None:
            raise UsageError(
                f"{where}: there is no rule named {name.removeprefix(RULES)}.",
                meant_rule(name.rpartition(".")[2]),
            )
        read = key.kind.read(value)
        if read is None:
            last = name.rpartition(".")[2]
            raise UsageError(
                f"{where}: {name.removeprefix(VARS)} is not {key.kind.what}.",
                f"For example: {last}: {key.example}",
            )
        layer[key.name] = read
    return layer


def _by_setting(variables: Mapping[str, object], where: str) -> dict[str, object]:
    """Return the values of dbt vars by the names of the settings, as far as they are settings."""
    found = {
        VARIABLES[name].name: value
        for name, value in variables.items()
        if name in VARIABLES and value is not None
    }
    rules = variables.get("rules")
    if rules is None:
        return found
    if not isinstance(rules, Mapping):
        raise UsageError(f"{where}: rules is not a mapping.", "For example: rules: {pending_for: 7200}")
    return found | flat_rules(rules)


def own_variables(variables: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Return the dbt vars among `variables` that are not settings: of one run, or of the user's project."""
    return {name: value for name, value in variables.items() if name not in (*VARIABLES, "rules")}


def _of_environment(environment: Mapping[str, str]) -> Layer:
    """Return the settings in the environment; an empty variable sets nothing, except "no pager"."""
    return {
        key.name: environment[variable]
        for key in KEYS.values()
        for variable in reversed(key.variables)
        if environment.get(variable, "").strip() or (variable in environment and key.kind is ANY_TEXT)
    }
