"""A small HTTP client that keeps many connections busy: the same for every server that is measured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass
class Load:
    """What requests took, in seconds, and how many there were of each status."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    size: int = 0

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    @property
    def p99(self) -> float:
        return sorted(self.times)[int(0.99 * (len(self.times) - 1))]


async def _answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer; return its status and the size of its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head.split(b" ", 2)[1])
    if b"transfer-encoding: chunked" in head:
        size = 0
        while length := int(await reader.readline(), 16):
            await reader.readexactly(length + 2)
            size += length
        await reader.readline()
        return status, size
    if b"content-length: " not in head:
        return status, 0
    size = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(size)
    return status, size


async def _ask(
    port: int, paths: Iterator[str], headers: Mapping[str, str], until: float, load: Load, most: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    for _ in range(most):
        if time.perf_counter() >= until:
            break
        began = time.perf_counter()
        writer.write(f"GET {next(paths)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode())
        status, size = await _answer(reader)
        load.times.append(time.perf_counter() - began)
        load.statuses[status] = load.statuses.get(status, 0) + 1
        load.size += size
    writer.close()


def keep_asking(
    port: int,
    paths: Iterator[str],
    *,
    seconds: float,
    connections: int = 50,
    headers: Mapping[str, str] | None = None,
    most: int = 1_000_000,
) -> Load:
    """Ask for one path after the other on each connection, for so long or so often; return what it took."""
    load = Load()

    async def everyone() -> None:
        until = time.perf_counter() + seconds
        asking = [_ask(port, paths, headers or {}, until, load, most) for _ in range(connections)]
        await asyncio.gather(*asking)

    began = time.perf_counter()
    asyncio.run(everyone())
    load.seconds = time.perf_counter() - began
    return load
