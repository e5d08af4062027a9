"""Observations, opened and spoilt by SQLite in a process of its own.

The process of the tests may read the same file through DuckDB, and two libraries on one file crash.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_RUN = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    print(connection.execute(statement).fetchall(), flush=True)
"""
_HOLD = _RUN + "sys.stdin.read()"


def sqlite(path: Path, *statements: str) -> list[str]:
    """Execute statements on a file, and return what each answers, as Python shows it."""
    command = [sys.executable, "-c", _RUN, str(path), *statements]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


@contextmanager
def held(path: Path, *statements: str) -> Iterator[None]:
    """Execute statements on a file, and keep the connection, with its locks, open meanwhile."""
    command = [sys.executable, "-c", _HOLD, str(path), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in statements:
            process.stdout.readline()
        try:
            yield
        finally:
            process.stdin.close()


def _newer(file: Path) -> None:
    sqlite(file, "pragma user_version = 99")


def _garbage(file: Path) -> None:
    file.write_bytes(b"garbage" * 4000)


def _half(file: Path) -> None:
    sqlite(file, "pragma journal_mode = delete")
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


# What may be there instead of the observations, and what is said about it.
SPOILT: dict[str, tuple[Callable[[Path], None], str]] = {
    "newer": (_newer, "by a newer autostats (version 99)"),
    "garbage": (_garbage, "is damaged, or is no file of observations"),
    "half": (_half, "is damaged, or is no file of observations"),
    "folder": (_folder, "cannot be read: "),
}
