"""The script by which readers sort tables: within a page that is a file, and part of the server's script."""

import base64
import hashlib
from functools import cache
from importlib.resources import files


@cache
def sorting_script() -> str:
    """Return the script; without it, tables stay in the order that they have."""
    return files("autostats").joinpath("page/sorting.js").read_text(encoding="utf-8")


@cache
def sorting_hash() -> str:
    """Return the name of the script, within a page, for a Content-Security-Policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(sorting_script().encode()).digest()).decode()}'"
