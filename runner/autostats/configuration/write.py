"""Writing `autostats.toml`."""

import json
from collections.abc import Mapping
from pathlib import Path

from autostats.configuration.value_types import Value
from autostats.files import replace_file

_HEAD = "# Settings of autostats: `autostats settings` shows them all, docs/configuration.md explains each.\n"
_ABOVE_SECTIONS = ""


def as_toml(values: Mapping[str, Value]) -> str:
    """Return the contents of a file with `values`, which have dotted names."""
    sections: dict[str, list[str]] = {_ABOVE_SECTIONS: []}
    for name, value in values.items():
        section, _, last = name.rpartition(".")
        sections.setdefault(section, []).append(f"{last} = {_literal(value)}\n")
    parts = [f"\n[{section}]\n{''.join(lines)}" for section, lines in sections.items() if section]
    return "".join([_HEAD, *sections[_ABOVE_SECTIONS], *parts])


def write_settings(path: Path, content: str, *, private: bool) -> None:
    """Write the file whole or not at all, readable by its owner alone if it is private.

    Raises OSError when it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content.encode(), mode=0o600 if private else 0o644)


def _literal(value: Value) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_literal, value))}]"
    # A JSON string is also a TOML string, except for this character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
