"""The account in MySQL's option files, because DuckDB's MySQL reader does not read them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

_GROUPS = frozenset({"client", "client-mariadb", "mysql", "mariadb-client"})


@dataclass(frozen=True)
class MysqlOptions:
    """The parts of an account; None if no file sets one."""

    user: str | None = None
    password: str | None = None
    host: str | None = None
    port: int | None = None
    socket: str | None = None

    def __repr__(self) -> str:
        return "MysqlOptions(...)"


def option_files() -> list[Path]:
    """Return the files that MySQL's own clients read; later ones take precedence."""
    folder = os.environ.get("MYSQL_HOME")
    own = [Path(folder) / "my.cnf"] if folder else []
    return [Path("/etc/my.cnf"), Path("/etc/mysql/my.cnf"), *own, Path("~/.my.cnf").expanduser()]


def read_mysql_options(files: Iterable[Path] | None = None) -> MysqlOptions:
    """Return the options in the groups for clients; missing or unreadable files are skipped."""
    options = MysqlOptions()
    for file in option_files() if files is None else files:
        try:
            text = file.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        options = _merge(options, text)
    return options


def _merge(options: MysqlOptions, text: str) -> MysqlOptions:
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        name, equals, value = line.partition("=")
        if group not in _GROUPS or not equals or line.startswith(("#", ";")):
            continue
        value = _unquoted(value.strip())
        match name.strip().replace("-", "_"):
            case "user":
                options = replace(options, user=value)
            case "password":
                options = replace(options, password=value)
            case "host":
                options = replace(options, host=value)
            case "socket":
                options = replace(options, socket=value)
            case "port" if value.isdigit():
                options = replace(options, port=int(value))
    return options


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in {"'", '"'} and (end := value.find(quote, 1)) > 0:
        return value[1:end]
    # A comment may follow an unquoted value.
    return value.split(" #")[0].rstrip()
