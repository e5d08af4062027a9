"""Reading `autostats.toml`: its checked settings, or the line that is wrong and how to fix it."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from autostats.configuration.keys import KEYS, OF_ONE_RUN, RULES, SECTIONS, VARS, key_of, meant_rule, nearest
from autostats.configuration.value_types import Value
from autostats.errors import UsageError
from autostats.links import BadTemplate

_HEADER = re.compile(r"\s*\[\s*([^\]]*?)\s*\]")


def read_file(path: Path) -> dict[str, Value]:
    """Return the settings in the file by their dotted names; none when there is no file.

    Raises UsageError when it cannot be read, is not TOML, or has an unknown key or a value of the wrong type.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"The settings file {path} cannot be read: {reason}.", "Give this account read access to it."
        ) from error
    return parse(content, path)


def parse(content: bytes, path: Path) -> dict[str, Value]:
    """Return the settings in `content`, read from `path`. Raises UsageError as `read_file` does."""
    import tomllib

    problem = ""
    try:
        text = content.decode("utf-8")
        tables = tomllib.loads(text)
    except UnicodeDecodeError:
        problem = "is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {error}"
    if problem:
        raise UsageError(f"{path} {problem}.", 'A setting is a line such as target = "duckdb".')
    return {name: _checked(name, value, text, path) for name, value in _flat(tables)}


def _flat(tables: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Yield the keys by their dotted names; an unknown section counts as a key."""
    for name, value in tables.items():
        if isinstance(value, dict) and (name in SECTIONS or (value and name not in KEYS)):
            for inner, each in value.items():
                full = f"{name}.{inner}"
                if isinstance(each, dict) and full.startswith(RULES) and full not in KEYS:
                    yield from ((f"{full}.{rule}", number) for rule, number in each.items())
                else:
                    yield full, each
        else:
            yield name, value


def _checked(name: str, value: object, text: str, path: Path) -> Value:
    key = key_of(name)
    where = f"{path}, line {_line(name, text)}"
    if key is None:
        raise UsageError(f"{where}: {name} is not an autostats setting.", _meant(name))
    try:
        read = key.kind.read(value)
    except BadTemplate as problem:
        raise UsageError(f"{where}: {name} {problem}.", problem.remedy) from None
    if read is None:
        section, _, last = name.rpartition(".")
        under = f" under [{_header(section)}]" if section else ""
        raise UsageError(f"{where}: {name} is not {key.kind.what}.", f"Write {last} = {key.example}{under}.")
    return read


def _meant(name: str) -> str:
    """Return the remedy for an unknown key."""
    if name.removeprefix(VARS) in OF_ONE_RUN:
        return "It applies to a single run: see `autostats run --help` for --as-of, --from and --to."
    section, _, last = name.rpartition(".")
    if section.startswith(RULES):
        return meant_rule(last)
    found = nearest(name, KEYS)
    if found is None:
        return "`autostats settings` lists them all."
    section, _, last = found.rpartition(".")
    place = f"{last}, under [{section}]" if section else f"{last}, above the first section"
    return f"Did you mean {place}?"


def _line(name: str, text: str) -> int:
    """Return the line number of the setting; 1 if it is written in an unusual way."""
    section, _, last = name.rpartition(".")
    key = re.compile(rf"""\s*["']?{re.escape(last)}["']?\s*=|\s*{re.escape(name)}\s*=""")
    current = ""
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            current = _path(header[1])
            if name == current:
                return number
        elif (current == section and key.match(line)) or (
            current == "" and re.match(rf"\s*{re.escape(name)}\s*=", line)
        ):
            return number
    return 1


def _path(header: str) -> str:
    """Return the dotted name of a section, from what its header has between the brackets."""
    import tomllib

    try:
        inner: object = tomllib.loads(f"[{header}]")
    except tomllib.TOMLDecodeError:
        return header
    names = []
    while isinstance(inner, dict) and inner:
        ((name, inner),) = inner.items()
        names.append(name)
    return ".".join(names)


def _header(section: str) -> str:
    """Return what the header of a section has between the brackets."""
    if not section.startswith(RULES):
        return section
    return f"{RULES}{json.dumps(section.removeprefix(RULES), ensure_ascii=False)}"
