"""Plug-ins as packages of the dbt project that a run builds."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from autostats.plugins.find import Plugin

PACKAGES = "dbt_packages"
# What dbt and Python leave behind, and what is installed beside it.
_LEFT_OUT = shutil.ignore_patterns("target", "logs", PACKAGES, "__pycache__", ".git", ".venv")
_FOLDERS = ("macros", "seeds", "tests", "snapshots", "analyses")


def install(plugins: Sequence[Plugin], project: Path) -> dict[str, str]:
    """Make `plugins` the packages of `project`, and no others; return which cannot be read, and why."""
    packages = project / PACKAGES
    shutil.rmtree(packages, ignore_errors=True)
    packages.mkdir()
    faults = {}
    for plugin in plugins:
        try:
            _copy(plugin, packages / plugin.name)
        except OSError as error:
            # An error of a whole folder has a list of files and reasons.
            reason = error.args[0][0][2] if isinstance(error, shutil.Error) else error.strerror or error
            faults[plugin.name] = f"It cannot be copied: {reason}."
    # What `dbt deps` has installed for a plug-in.
    for plugin in plugins:
        for package in (plugin.folder / PACKAGES).glob("*/dbt_project.yml"):
            if not (packages / package.parent.name).exists() and package.parent.name != "autostats":
                shutil.copytree(package.parent, packages / package.parent.name)
    return faults


def _copy_folder(source: Path, target: Path) -> None:
    # Editors mark a file that is open by a link that leads nowhere.
    shutil.copytree(source, target, ignore=_LEFT_OUT, ignore_dangling_symlinks=True)


def _copy(plugin: Plugin, package: Path) -> None:
    if (plugin.folder / "dbt_project.yml").is_file():
        _copy_folder(plugin.folder, package)
        return
    if (plugin.folder / "models").is_dir():
        package.mkdir()
        for name in ("models", *_FOLDERS):
            if (plugin.folder / name).is_dir():
                _copy_folder(plugin.folder / name, package / name)
    else:
        _copy_folder(plugin.folder, package / "models")
    (package / "dbt_project.yml").write_text(
        f"name: {plugin.name}\nversion: 1.0.0\nconfig-version: 2\nmodels: {{+materialized: table}}\n",
        encoding="utf-8",
    )
