"""YAML: that of a project fast, and that of people with one sentence on a mistake, which never quotes it."""

from pathlib import Path
from typing import Any

import yaml

from autostats.errors import UsageError

# In C where it is there: ten times as fast, and less exact about where a mistake is.
_SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(text: str | bytes) -> Any:
    """Return what YAML says, in plain values. Raises yaml.YAMLError."""
    return yaml.load(text, _SafeLoader)


def loaded(path: Path, remedy: str) -> Any:
    """Return what a file holds. Raises UsageError, with `remedy` where there is no such file."""
    try:
        return yaml.safe_load(path.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"There is no {path}.", remedy) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, ValueError) as error:
        # Its own text would quote the line.
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}," if mark else ""
    raise UsageError(f"{path}{line} is no YAML.", "Check its indentation, quotes and brackets.")


def mapping(path: Path, given: Any) -> dict[Any, Any]:
    """Return a copy of a mapping, empty for nothing. Raises UsageError for anything else."""
    if not isinstance(given or {}, dict):
        raise UsageError(f"{path} has something else where `key: value` should be.", "Correct it.")
    return dict(given or {})
