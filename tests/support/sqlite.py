"""SQLite in a process of its own: this one may read the same file through DuckDB, and two libraries crash."""

import subprocess
import sys
from collections.abc import Iterator
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
