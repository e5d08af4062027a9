"""What takes too long or is too much is cut, and the rest goes on."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from autostats.home import Home
from autostats.published.reader import Published, TooSlow
from autostats.serve.cache import Cache
from autostats.serve.guard import Guard
from autostats.serve.work import Work
from support.published import publish, volume_by_second
from support.serving import serving

FOREVER = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b"


def test_a_query_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    publish(tmp_path)
    work = Work(limit=0.3)

    async def ask(published: Published) -> None:
        began = time.monotonic()
        with pytest.raises(TooSlow):
            await work.read(published, lambda reading: reading.rows(FOREVER))
        assert time.monotonic() - began < 3
        assert await work.read(published, lambda reading: reading.rows("select 1")) == [(1,)]

    async def leave(published: Published) -> None:
        task = asyncio.create_task(work.read(published, lambda reading: reading.rows(FOREVER)))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await work.read(published, lambda reading: reading.rows("select 2")) == [(2,)]

    with Published.newest(Home(tmp_path)) as published:
        asyncio.run(ask(published))
        asyncio.run(leave(published))
    work.close()


def test_one_request_too_many_is_refused_at_once() -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        started.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def ask(guard: Guard, path: str = "/api/") -> list[Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode()}
        await guard({**scope, "query_string": b"", "headers": []}, receive, send)
        return sent

    async def both() -> None:
        guard = Guard(application, token=None, hosts=None, most_requests=1)
        first = asyncio.create_task(ask(guard))
        await started.wait()
        refused = await ask(guard)
        assert refused[0]["status"] == 503
        assert (b"retry-after", b"1") in refused[0]["headers"]
        health = asyncio.create_task(ask(guard, "/healthz"))
        go_on.set()
        assert [(await each)[0]["status"] for each in (first, health)] == [200, 200]
        assert (await ask(guard))[0]["status"] == 200

    asyncio.run(both())


def test_the_cache_is_bounded() -> None:
    cache = Cache[bytes](100, len)
    cache.put("large", b"x" * 11)
    assert cache.get("large") is None
    for number in range(20):
        cache.put(number, b"x" * 10)
        assert cache.get(0) is not None or number >= 10
    kept = [number for number in range(20) if cache.get(number) is not None]
    assert len(kept) == 10
    assert 19 in kept


@pytest.mark.slow
def test_a_million_rows_of_csv_take_little_memory(tmp_path: Path) -> None:
    rows = 1_000_000
    publish(tmp_path, [volume_by_second(rows)])
    with serving(tmp_path) as server, server.client() as client:
        assert client.get("/api/volume-1s?page=7").status_code == 200
        lines = size = 0
        with client.stream("GET", "/api/volume-1s?format=csv") as answer:
            for part in answer.iter_bytes():
                lines += part.count(b"\n")
                size += len(part)
        status = Path(f"/proc/{server.process.pid}/status").read_text()
    assert (lines, size > 40_000_000) == (rows + 1, True)
    assert int(status.split("VmHWM:")[1].split()[0]) < 250_000
