"""Rewrite the schemas of this checkout: `python -m autostats.schemas`."""

import json
from pathlib import Path

from autostats.catalogue import Catalogue
from autostats.schemas.commands import SCHEMAS
from autostats.schemas.declared import declared_columns

_FOLDER = Path(__file__).resolve().parent


def texts(project: Path) -> dict[str, str]:
    """Return the text of each schema file, by its name, for the dbt project in the folder `project`."""
    catalogue = Catalogue(declared_columns(project))
    return {
        f"{command}-1.json": json.dumps(make(catalogue), indent=2, ensure_ascii=False) + "\n"
        for command, make in SCHEMAS.items()
    }


if __name__ == "__main__":
    for name, text in texts(_FOLDER.parents[2]).items():
        (_FOLDER / name).write_text(text, encoding="utf-8")
