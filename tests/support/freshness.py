"""Monitored tables on real databases, and servers that misbehave."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COLUMNS = "dbobject,database,table,column,timezone,interval,active"


@dataclass
class Monitored:
    """A home with a file of monitored tables, and the environment with the URLs of their databases."""

    home: Path
    urls: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The file of monitored tables."""
        return self.home / "monitored_tables.csv"

    @property
    def env(self) -> dict[str, str]:
        """The variables for a command."""
        return {f"AUTOSTATS_DB_{name}": url for name, url in self.urls.items()} | {
            "AUTOSTATS_HOME": str(self.home)
        }

    def write(self, lines: Sequence[str], header: str = COLUMNS) -> None:
        """Write the file."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.file.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")

    def observed(self, query: str = "select * from obs_table_checks") -> list[dict[str, Any]]:
        """Return rows of the observations."""
        with closing(sqlite3.connect(self.home / "observations.sqlite")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


@contextmanager
def silent_server() -> Iterator[int]:
    """Accept connections and never say a word; yield the port."""
    kept = []

    def accept() -> None:
        while True:
            try:
                kept.append(listener.accept()[0])
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
    for connection in kept:
        connection.close()


def refusing_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
