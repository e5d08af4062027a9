"""The newest build of a home: its target, and the settings that the statistics were built with."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autostats.configuration.keys import VARS
from autostats.configuration.resolve import Layer, as_layer
from autostats.errors import UsageError
from autostats.files import replace_file
from autostats.home import Home

FILE_NAME = "built.json"


@dataclass(frozen=True)
class Build:
    """Target and settings of the statistics, and the folder of the dbt profile if the user named one.

    `tested_at` is when all data tests last ran (UTC); None if one of them failed.
    """

    target: str | None = None
    profiles_dir: Path | None = None
    settings: Layer = field(default_factory=dict)
    tested_at: datetime | None = None


def read_build(home: Home) -> Build:
    """Return the newest build; an empty one before the first."""
    try:
        found = json.loads((home.root / FILE_NAME).read_text(encoding="utf-8"))
        folder = found["profiles_dir"]
        settings = as_layer(found["settings"], FILE_NAME)
        tested = found.get("tested_at")
        tested_at = datetime.fromisoformat(tested).replace(tzinfo=None) if tested else None
        return Build(str(found["target"]), home.root / folder if folder else None, settings, tested_at)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, UsageError):
        return Build()


def write_build(home: Home, build: Build) -> None:
    """Record the build so that later commands find it. Raises OSError when the home cannot be written.

    A folder inside the home is stored relative to it, because the home may be moved.
    """
    folder = build.profiles_dir
    if folder is not None and folder.is_relative_to(home.root):
        folder = folder.relative_to(home.root)
    content = {
        "target": build.target,
        "profiles_dir": str(folder) if folder is not None else None,
        "settings": {name.removeprefix(VARS): value for name, value in build.settings.items()},
        "tested_at": build.tested_at.isoformat() if build.tested_at is not None else None,
    }
    replace_file(home.root / FILE_NAME, (json.dumps(content) + "\n").encode())
