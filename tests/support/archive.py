"""Archives of the tests' own: a home that describes one, folders, and object stores over HTTP."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

OLD = timedelta(hours=2)


@dataclass
class Archive:
    """A home with an `archive.yml`, and a folder with files."""

    home: Path
    root: Path

    @property
    def env(self) -> dict[str, str]:
        """The variables for a command."""
        return {"AUTOSTATS_HOME": str(self.home)}

    def write(self, *locations: dict[str, Any], **sections: Any) -> Path:
        """Write the file."""
        self.home.mkdir(parents=True, exist_ok=True)
        file = self.home / "archive.yml"
        given = {"locations": list(locations), **sections}
        file.write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
        return file

    def add(self, path: str, age: timedelta = OLD, content: bytes = b"x") -> Path:
        """Write a file that was last modified some time ago."""
        return written(self.root / path, age, content)

    def observed(self, query: str) -> list[dict[str, Any]]:
        """Return rows of the observations."""
        with closing(sqlite3.connect(self.home / "observations.sqlite")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(query)]


def written(file: Path, age: timedelta = OLD, content: bytes = b"x") -> Path:
    """Write a file that was last modified some time ago."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    at = datetime.now(UTC).timestamp() - age.total_seconds()
    os.utime(file, (at, at))
    return file


_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>made</Name><Prefix></Prefix>
<KeyCount>{number}</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>{truncated}</IsTruncated>{token}{contents}
</ListBucketResult>"""
_CONTENT = (
    "<Contents><Key>WISH/WISH{run:08d}.nxs</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    '<ETag>"0"</ETag><Size>10</Size><StorageClass>STANDARD</StorageClass></Contents>'
)
# What is answered instead of a page, by the number of the request: a status and a text (None: half a page).
Fault = Callable[[int], tuple[int, str | None] | None]


@contextmanager
def made_up_bucket(keys: int, fault: Fault = lambda number: None) -> Iterator[str]:
    """Serve a bucket with so many keys, made as they are asked for; yield the URL of the server."""
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            nonlocal asked
            asked += 1
            query = parse_qs(urlsplit(self.path).query)
            start = int(query.get("continuation-token", ["0"])[0])
            end = min(start + 1000, keys)
            text = _PAGE.format(
                number=end - start,
                truncated=str(end < keys).lower(),
                token=f"<NextContinuationToken>{end}</NextContinuationToken>" if end < keys else "",
                contents="".join(_CONTENT.format(run=run) for run in range(start + 1, end + 1)),
            )
            status, instead = fault(asked) or (200, text)
            body = (text[: len(text) // 2] if instead is None else instead).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
