"""The table of settings in docs/configuration.md is that of the code."""

import re
from pathlib import Path

from autostats.configuration.keys import KEYS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([\w.]+)` \| (?:`(\w+)` )?\| (?:`?([^`|]+?)`? )?\| \S.* \|$", re.MULTILINE)
# They say where the file is, and what `listen` alone reads.
WITHOUT_KEY = {"AUTOSTATS_HOME", "AUTOSTATS_BUS"}


def test_the_table_has_each_key_its_variable_and_its_default() -> None:
    table = PAGE[PAGE.index("## Settings") : PAGE.index("## Beam cycles")]
    documented = {name: (variable, default) for name, variable, default in ROW.findall(table)}
    assert list(documented) == list(KEYS)
    for name, key in KEYS.items():
        variable, default = documented[name]
        assert variable == next(iter(key.variables), ""), name
        told = str(key.default if key.default is not None else "")
        if isinstance(key.default, bool):
            told = told.lower()
        assert default in (told, told.removesuffix(" 00:00:00"), "duckdb" if name == "target" else told), name


def test_every_variable_of_ours_has_a_key() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for folder in ("runner", "models", "macros", "docs")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".sql", ".yml", ".md"}
    ]
    texts += [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "profiles.example.yml")]
    named = set(re.findall(r"\bAUTOSTATS_[A-Z_]*[A-Z]\b", "\n".join(texts)))
    with_key = {variable for key in KEYS.values() for variable in key.variables}
    # A facility chooses the ends of AUTOSTATS_DB_...
    others = ("AUTOSTATS_TEST", "AUTOSTATS_PASSWORD", "AUTOSTATS_DB")
    ours = {name for name in named if not name.startswith(others)}
    assert ours - with_key - WITHOUT_KEY - {"AUTOSTATS_UPDATE_DOCS"} == set()
