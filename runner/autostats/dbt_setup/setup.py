"""What a command works with: its home, dbt project, profile, target, settings and source, each found once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autostats.configuration.build import read_build
from autostats.configuration.given import given_variables
from autostats.configuration.keys import DEFAULT_TARGET, TARGET
from autostats.configuration.resolve import Configuration, as_layer, configure
from autostats.configuration.secrets import configured_source
from autostats.configuration.value_types import Value
from autostats.dbt_setup.locate import (
    Target,
    find_profiles_dir,
    find_project_dir,
    find_target,
    has_own_profile,
    named_profiles_dir,
    named_project_variables,
    names_project,
    own_profiles_dir,
    project_variables,
    target_names,
)
from autostats.dbt_setup.server_target import ServerTarget, read_server_target
from autostats.home import Home, writing_to
from autostats.source.url import Source


@dataclass(frozen=True, eq=False)
class Setup:
    """What a command works with.

    The fields come from its options and the environment; the rest follows from them, and is found when it is
    first used: a report reads no profile if it needs none. The `repr` contains no secrets.
    """

    home: Home
    target_option: str | None = None
    project_option: Path | None = None
    profiles_option: Path | None = None
    vars_option: str | None = field(default=None, repr=False)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)

    @classmethod
    def resolve(
        cls,
        home: Path | None,
        target: str | None = None,
        project_dir: Path | None = None,
        profiles_dir: Path | None = None,
        variables: str | None = None,
    ) -> "Setup":
        """Return the setup for `--home`, `--target`, `--project-dir`, `--profiles-dir` and `--vars`."""
        return cls(Home.resolve(home), target, project_dir, profiles_dir, variables)

    @cached_property
    def project_dir(self) -> Path:
        """The folder of the dbt project. Raises UsageError when the named folder holds none."""
        return find_project_dir(self.project_option, self.environment)

    @cached_property
    def named_profiles_dir(self) -> Path | None:
        """The folder of the profile that the user named, or None."""
        return named_profiles_dir(self.profiles_option, self.environment)

    @cached_property
    def profiles_dir(self) -> Path:
        """The folder of `profiles.yml`. Raises UsageError when it lacks the profile, or cannot be written."""
        with writing_to(self.home):
            return find_profiles_dir(self.home, self.project_dir, self.profiles_option, self.environment)

    @cached_property
    def given_variables(self) -> Mapping[str, Value | None]:
        """The dbt vars in `--vars`. Raises UsageError when they are invalid."""
        if not self.vars_option:
            return {}
        return given_variables(self.vars_option, project_variables(self.project_dir))

    @cached_property
    def configuration(self) -> Configuration:
        """The settings, without what the statistics were built with.

        Raises UsageError when one of the places that set them is invalid.
        """
        target = {TARGET.name: self.target_option} if self.target_option else {}
        given = as_layer(self.given_variables, "--vars")
        of_project = named_project_variables(self.project_option, self.environment)
        return configure(
            self.home, {**target, **given}, as_layer(of_project, "dbt_project.yml"), self.environment
        )

    @cached_property
    def target_name(self) -> str | None:
        """The name of the target; None leaves it to the profile.

        The order: `--target`, `AUTOSTATS_TARGET`, `DBT_TARGET`, the settings file, a profile whose folder
        (`--profiles-dir`, `DBT_PROFILES_DIR`) the user named, the target of the newest build.
        """
        said = self.configuration[TARGET.name].value
        if said is not None:
            return str(said)
        return None if self.named_profiles_dir is not None else read_build(self.home).target

    @cached_property
    def target(self) -> Target:
        """The target and its adapter. Raises UsageError when the profile has no such output."""
        return find_target(self.profiles_dir, self.target_name)

    @property
    def known_targets(self) -> list[str]:
        """The names of the targets of the profile in use, sorted; nothing is written for that.

        Raises UsageError when a named folder has no profile, or the profile has no outputs.
        """
        own = own_profiles_dir(self.home, self.project_dir, self.profiles_option, self.environment)
        return target_names(
            own / "profiles.yml" if own is not None else self.project_dir / "profiles.example.yml"
        )

    @cached_property
    def server(self) -> ServerTarget | None:
        """The databases of the target, or None when it keeps the statistics in a DuckDB file.

        Raises UsageError when there is no such target, or its profile is incomplete.
        """
        if self._has_packaged_default:
            return None
        return read_server_target(self.profiles_dir, self.target, self.configuration)

    @property
    def _has_packaged_default(self) -> bool:
        """Whether the target can only be the default of the packaged profile, which is a file."""
        return (
            self.target_name in (None, DEFAULT_TARGET)
            and self.profiles_option is None
            and not names_project(self.project_option, self.environment)
            and not has_own_profile(self.home, self.environment)
        )

    @cached_property
    def source(self) -> Source:
        """The database of the jobs. Raises UsageError when none is named, or its URL is invalid."""
        if self.server is not None:
            return self.server.source
        return configured_source(self.configuration, self.environment)
