"""Which plug-ins there are: folders in the home, and installed packages that name one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from autostats.dbt_setup.locate import PROFILE, read_yaml
from autostats.errors import UsageError
from autostats.home import Home

ENTRY_POINTS = "autostats.plugins"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# They would run in the middle of everything else.
_HOOKS = ("on-run-start", "on-run-end")


@dataclass(frozen=True)
class Plugin:
    """A folder of dbt models; `name` is that of its dbt package, `error` why it cannot be built."""

    name: str
    folder: Path
    error: str | None = None

    def failed(self, error: str) -> "Plugin":
        """Return the same with the reason why it cannot be built."""
        return replace(self, error=error)


def find_plugins(home: Home) -> list[Plugin]:
    """Return the plug-ins by name, those with an error as well.

    They are the folders in `plugins` of the home, and the packages that installed distributions name under
    the entry point `autostats.plugins`. Of two with one name, the one in the home counts.
    """
    known: dict[str, Plugin] = {}
    for plugin in [*_in_home(home.plugins), *map(_installed, entry_points(group=ENTRY_POINTS))]:
        if plugin.name in known:
            plugin = replace(
                plugin,
                name=f"{plugin.name} ({plugin.folder})",
                error=f"{known[plugin.name].folder} has the name {plugin.name} already.",
            )
        known[plugin.name] = plugin
    return sorted(known.values(), key=lambda plugin: plugin.name)


def _in_home(folder: Path) -> Iterator[Plugin]:
    if folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.is_dir() and path.name[0] not in "._":
                yield _read(path.name, path)


def _installed(point: EntryPoint) -> Plugin:
    try:
        spec = find_spec(point.value)
    except (ImportError, ValueError) as error:
        return Plugin(point.name, Path(point.value), f"{point.value} cannot be found: {error}.")
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not folders:
        return Plugin(point.name, Path(point.value), f"{point.value} is not an installed package.")
    return _read(point.name, Path(folders[0]))


def _read(name: str, folder: Path) -> Plugin:
    """Return the plug-in in `folder`, whose dbt_project.yml, if it has one, may name it otherwise."""
    project: dict[str, Any] = {}
    try:
        if (folder / "dbt_project.yml").is_file():
            project = read_yaml(folder / "dbt_project.yml")
    except UsageError as error:
        return Plugin(name, folder, str(error))
    plugin = Plugin(str(project.get("name", name)), folder)
    if not _NAME.fullmatch(plugin.name) or plugin.name == PROFILE:
        return plugin.failed(
            f"{plugin.name!r} cannot be its name: small letters, digits and _, and not {PROFILE}."
        )
    hooks = [hook for hook in _HOOKS if project.get(hook)]
    if hooks:
        return plugin.failed(f"Its dbt_project.yml has {hooks[0]}, which would run with every build.")
    if not any(folder.rglob("*.sql")):
        return plugin.failed("There is no model in its folder.")
    return plugin
