"""Which plug-ins a run can build: a broken one stands in nobody's way."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autostats import log
from autostats.dbt_setup.dbt_command import Outcome, first_sentence
from autostats.plugins.check import fault_of_models
from autostats.plugins.find import Plugin
from autostats.plugins.install import install

# Lets dbt read the project as it stands.
Parse = Callable[[], Outcome]


@dataclass(frozen=True)
class TakenIn:
    """The plug-ins that are packages of the project now, those that could not be, and dbt's manifest."""

    plugins: Sequence[Plugin] = ()
    broken: Sequence[Plugin] = ()
    # None without plug-ins: nobody has read the project yet.
    manifest: Any = None


def take_in(plugins: Sequence[Plugin], project: Path, parse: Parse) -> TakenIn:
    """Make all plug-ins packages of `project` that dbt can read together with it and each other.

    Where two do not go together, the first by name counts.
    """
    sound = [plugin for plugin in plugins if plugin.error is None]
    broken = [plugin for plugin in plugins if plugin.error is not None]
    manifest, faults = _read(sound, project, parse)
    # As long as it is clear whose fault it is, which saves reading each alone.
    while faults and faults.keys() <= {plugin.name for plugin in sound}:
        broken += [plugin.failed(faults[plugin.name]) for plugin in sound if plugin.name in faults]
        sound = [plugin for plugin in sound if plugin.name not in faults]
        manifest, faults = _read(sound, project, parse)
    if faults:
        candidates, sound = sound, []
        for plugin in candidates:
            manifest, faults = _read([*sound, plugin], project, parse)
            if faults:
                broken.append(plugin.failed(next(iter(faults.values()))))
            else:
                sound.append(plugin)
        if faults:
            manifest, _ = _read(sound, project, parse)
    return TakenIn(sound, sorted(broken, key=lambda plugin: plugin.name), manifest)


def _read(plugins: Sequence[Plugin], project: Path, parse: Parse) -> tuple[Any, dict[str, str]]:
    """Return dbt's manifest of the project with `plugins`, and what is wrong with which of them.

    What is wrong with nobody knows whom has no name.
    """
    if unreadable := install(plugins, project):
        return None, unreadable
    outcome = parse()
    if outcome.manifest is None:
        error = outcome.error
        suspects = [plugin.name for plugin in plugins if _is_named(plugin, str(error))]
        return None, {suspects[0] if len(suspects) == 1 else "": log.redact(first_sentence(str(error)))}
    faults = {plugin.name: fault_of_models(outcome.manifest, plugin.name) for plugin in plugins}
    return outcome.manifest, {name: fault for name, fault in faults.items() if fault}


def _is_named(plugin: Plugin, message: str) -> bool:
    """Return whether a message of dbt contains the name of a plug-in, or of one of its files."""
    names = {plugin.name, *(path.stem for path in plugin.folder.rglob("*") if path.is_file())}
    return not names.isdisjoint(re.findall(r"\w+", message))
