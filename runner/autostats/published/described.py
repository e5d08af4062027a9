"""How the columns of a statistic are shown to people."""

from collections.abc import Mapping
from typing import Any

_KINDS = {"VARCHAR": "text", "DATE": "day", "TIMESTAMP": "time", "BOOLEAN": "flag"}
_KEPT = (
    "heading",
    "short_heading",
    "spoken",
    "kind",
    "unit",
    "metric",
    "description",
    "is_nullable",
)


def described(name: str, data_type: str, said: Mapping[str, Any] | None, position: int) -> dict[str, Any]:
    """Return what the catalogue says of a column, or what follows from its name and type."""
    if said is not None:
        return {"name": name, "position": position, **{key: said[key] for key in _KEPT}}
    return {
        "name": name,
        "position": position,
        "heading": name.replace("_", " ").capitalize(),
        "kind": _KINDS.get(data_type.split(" ", 1)[0], "count"),
        "description": "",
        "is_nullable": True,
    }
