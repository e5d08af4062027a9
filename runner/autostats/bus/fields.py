"""Where a message keeps what counts: the JSON paths of `bus.yml`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jsonpath_ng import JSONPath
from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.parser import parse

from autostats.errors import UsageError
from autostats.yaml_file import loaded, mapping

FILE_NAME = "bus.yml"
# As the reduction service writes its messages. It gives them neither an id nor a time.
_DEFAULT = {"instrument": "$.instrument", "run_number": "$.run_number", "rb_number": "$.rb_number"}
_REQUIRED = ("instrument", "run_number")
NAMES = (*_DEFAULT, "sent_at", "message_id")


@dataclass(frozen=True)
class Fields:
    """The path of each field that messages have, and the time zone of times that have no offset."""

    paths: Mapping[str, JSONPath] = field(
        default_factory=lambda: {name: parse(path) for name, path in _DEFAULT.items()}
    )
    timezone: tzinfo = UTC

    def found(self, name: str, content: Any) -> list[Any]:
        """Return the values of a field; a list in the message counts as several."""
        path = self.paths.get(name)
        values = [match.value for match in path.find(content)] if path is not None else []
        return [each for value in values for each in (value if isinstance(value, list) else [value])]


def read_fields(path: Path) -> Fields:
    """Return the fields of a file, and the defaults for those that it leaves out.

    Raises UsageError for a key, a path or a time zone that is none.
    """
    given = mapping(path, loaded(path, "Name the file of the message's fields, or leave out --config."))
    said = mapping(path, given.pop("fields", None))
    zone = given.pop("timezone", "UTC")
    _check_known(path, given, ("fields", "timezone"))
    _check_known(path, said, NAMES)
    paths = {name: text for name, text in ({**_DEFAULT, **said}).items() if text is not None}
    for name in _REQUIRED:
        if name not in paths:
            raise UsageError(f"{path}: {name} has no path.", f"Write one, such as {_DEFAULT[name]}.")
    try:
        timezone = UTC if zone == "UTC" else ZoneInfo(str(zone))
    except (ValueError, OSError, LookupError):
        raise UsageError(
            f"{path}: {zone!r} is not a time zone.", "Use an IANA name such as Europe/London."
        ) from None
    return Fields({name: _parsed(path, name, text) for name, text in paths.items()}, timezone)


def _check_known(path: Path, given: Mapping[Any, Any], known: Sequence[str]) -> None:
    for key in given:
        if key not in known:
            raise UsageError(f"{path} has the unknown key {key!r}.", f"Known are {', '.join(known)}.")


def _parsed(path: Path, name: str, text: Any) -> JSONPath:
    try:
        if isinstance(text, str):
            return parse(text)
    except (JSONPathError, ValueError, AttributeError):
        pass
    raise UsageError(
        f"{path}: {name} is {str(text)!r}, which is not a JSON path.", "Write one such as $.run.number."
    )
