"""The pages of the documentation, and the moment that they show."""

import re
from datetime import datetime
from pathlib import Path

from support.dbt_project import ROOT

NOW = datetime(2026, 11, 20, 18, 0)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_PLUGIN_FILE = re.compile(r"```(?:sql|yaml) (plugins/[\w./]+)\n(.*?)```", re.DOTALL)


def plugin_files(page: Path) -> dict[str, str]:
    """Return the files of plug-ins that a page shows, by their path in the home."""
    return dict(_PLUGIN_FILE.findall(page.read_text(encoding="utf-8")))


def write_plugins(home: Path, page: Path) -> None:
    for name, text in plugin_files(page).items():
        file = home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
